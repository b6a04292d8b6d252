#include "tenant.h"

#include <stdexcept>

#include "base/id_generator.h"
#include "sql/database.h"
#include "sql/migrator.h"
#include "store/clients.h"
#include "store/schema.h"
#include "support/manual_clock.h"
#include "support/seeded_random.h"
#include "tenancy/tenants.h"

namespace segue::fuzz {
namespace {

constexpr const char* kDomain = "tenant.example";

struct World {
  test::ManualClock clock;
  test::SeededRandom random;
  tenancy::KeyFile key_file = tenancy::KeyFile::generate(random);
  base::IdGenerator ids{clock, 1, {}};
  std::unique_ptr<sql::Database> database = sql::open_database("sqlite::memory:");
  store::Store store{*database, ids};
  std::unique_ptr<tenancy::Tenants> tenants;
  std::shared_ptr<const tenancy::Snapshot> snapshot;

  World() {
    sql::migrate(*database, store::migrations());
    const auto made = tenancy::create_tenant(store, key_file, random, clock.now(), {.domain = kDomain});
    if (!made.ok()) throw std::runtime_error(made.error().description);
    tenants = std::make_unique<tenancy::Tenants>(store, key_file);
    const auto id = tenants->resolve(kDomain).value().tenant;
    add(id, "web", {{"token_endpoint_auth_method", "client_secret_post"}, {"callbacks", {kWebCallback, kWildcardCallback}}});
    add(id, "native", {{"token_endpoint_auth_method", "none"}, {"callbacks", {kNativeCallback}}, {"app_type", "native"}});
    tenants->refresh(id);
    snapshot = tenants->snapshot(id);
  }

  void add(base::TenantId tenant, const std::string& client_id, json::object document) {
    document["name"] = client_id;
    document["grant_types"] = {"authorization_code", "implicit", "refresh_token"};
    auto client = model::client_from_document(client_id, std::move(document));
    client.sealed_client_secret =
        key_file.seal(random, random.text(64, base::kUrlSafe), tenancy::seal_context(tenant, "client_secret", client_id));
    store.write(tenant, [&](const store::Writer& w) { return store::clients::insert(w, client); });
  }
};

}  // namespace

const tenancy::Snapshot& tenant() {
  static const World world;
  return *world.snapshot;
}

}  // namespace segue::fuzz
