#include <cstdio>

#include "app/commands.h"
#include "app/config.h"
#include "app/open_instance.h"
#include "base/system_clock.h"
#include "base/text.h"
#include "crypto/system_random.h"
#include "sql/migrator.h"
#include "store/schema.h"
#include "store/tenants.h"
#include "tenancy/custom_domains.h"
#include "tenancy/rewrap.h"

namespace segue::app {
namespace {
namespace fs = std::filesystem;

std::vector<model::Tenant> tenants_of(sql::Database& database) {
  std::vector<model::Tenant> out;
  database.read([&](sql::Connection& connection) { out = store::tenants::list_all(connection); });
  return out;
}

// The certificate names every host that is served. One that the operator brought is theirs to renew.
base::Outcome extend_certificate(const DataFolder& folder, const std::vector<model::Tenant>& tenants, base::Instant now) {
  if (!fs::exists(folder.authority_key())) {
    std::fprintf(stderr, "%s is not here: get a certificate for the new host yourself (http.tls_certificate)\n",
                 folder.authority_key().c_str());
    return base::Unit{};
  }
  std::vector<std::string> domains;
  for (const auto& tenant : tenants) domains.insert(domains.end(), tenant.domains.begin(), tenant.domains.end());
  return issue_certificate(folder, domains, now);
}

}  // namespace

base::Outcome add_tenant(const TenantOptions& options) {
  const DataFolder folder(options.data);
  const base::SystemClock clock;
  crypto::SystemRandom random;
  auto instance = TRY(open_instance(folder, options.database));
  // A key file that does not open what is there would lock the new tenant away from the old ones.
  base::IdGenerator ids(clock, 0, read_high_water(*instance.database));
  store::Store store(*instance.database, ids);
  const tenancy::Tenants existing(store, instance.key_file);
  const auto client =
      TRY(tenancy::create_tenant(store, instance.key_file, random, clock.now(),
                                 {.domain = options.domain, .management_client_id = {}, .management_client_secret = {}}));

  const auto output = folder.tenant_folder(client.domain);
  fs::create_directories(output);
  fs::permissions(output, fs::perms::owner_all);
  write_management_client(output / "management-client.json", client);
  if (fs::exists(folder.authority())) write_file(output / "ca.pem", TRY(read_file(folder.authority())), Access::everybody);
  TRY(extend_certificate(folder, tenants_of(*instance.database), clock.now()));
  std::printf("added https://%s, see %s\na running server shows the new certificate after SIGHUP\n", client.domain.c_str(),
              output.c_str());
  return base::Unit{};
}

base::Outcome confirm_domain(const TenantOptions& options) {
  const DataFolder folder(options.data);
  const base::SystemClock clock;
  const auto instance = TRY(open_instance(folder, options.database));
  base::IdGenerator ids(clock, 0, read_high_water(*instance.database));
  store::Store store(*instance.database, ids);
  std::vector<model::Tenant> claimants;
  for (auto& tenant : tenants_of(*instance.database)) {
    if (!options.tenant.empty() && tenant.canonical_domain() != options.tenant) continue;
    if (store.read(tenant.id, [&](const store::Reader& r) { return tenancy::has_claimed(r, options.domain); }))
      claimants.push_back(std::move(tenant));
  }
  if (claimants.empty())
    return operator_error("no tenant has claimed " + options.domain + ": create the custom domain in the Management API first");
  if (claimants.size() > 1)
    return operator_error("several tenants claim " + options.domain + ": name the one it belongs to with --tenant HOST[:PORT]");
  const auto& tenant = claimants.front();
  // One that its TXT record has confirmed lacks its certificate yet.
  const bool served = base::contains(tenant.domains, tenancy::served_host(tenant, options.domain));
  if (!served &&
      !store.write(tenant.id, [&](const store::Writer& w) { return tenancy::confirm_custom_domain(w, options.domain); }))
    return operator_error(options.domain + " is served already: see `segue tenant list`");
  TRY(extend_certificate(folder, tenants_of(*instance.database), clock.now()));
  std::printf("https://%s is a domain of %s now\na running server shows the new certificate after SIGHUP\n",
              tenancy::served_host(tenant, options.domain).c_str(), tenant.canonical_domain().c_str());
  return base::Unit{};
}

base::Outcome list_tenants(const TenantOptions& options) {
  const auto instance = TRY(open_instance(DataFolder(options.data), options.database));
  for (const auto& tenant : tenants_of(*instance.database)) {
    std::string domains;
    for (const auto& domain : tenant.domains) domains += (domains.empty() ? "" : " ") + domain;
    std::printf("%lld\t%s\t%s\n", static_cast<long long>(base::to_integer(tenant.id)), domains.c_str(),
                base::to_iso8601(tenant.created_at).c_str());
  }
  return base::Unit{};
}

base::Outcome migrate(const std::string& data, const std::string& database_url) {
  const DataFolder folder(data);
  const auto key_file = TRY(folder.read_key_file());
  const auto database = sql::open_database(TRY(folder.database_url(database_url)));
  const int before = sql::schema_version(*database);
  if (before > 0) TRY(tenancy::check_opens(*database, key_file));
  sql::migrate(*database, store::migrations());
  std::printf("schema version %d (was %d)\n", sql::schema_version(*database), before);
  return base::Unit{};
}

}  // namespace segue::app
