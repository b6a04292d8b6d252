#include "tenancy/rewrap.h"

#include "store/sealed_values.h"
#include "store/tenants.h"

namespace segue::tenancy {
namespace {

namespace sealed = store::sealed_values;

std::vector<model::Tenant> all_tenants(sql::Database& database) {
  std::vector<model::Tenant> out;
  database.read([&](sql::Connection& connection) { out = store::tenants::list_all(connection); });
  return out;
}

struct Replacement {
  const sealed::Column* column;
  sealed::Value from;
  std::string to;
};

// Opened and sealed outside the transaction, which holds SQL only.
base::Result<std::vector<Replacement>> make_replacements(store::Store& store, const KeyFile& key_file, base::Random& random,
                                                         base::TenantId tenant) {
  std::vector<Replacement> out;
  for (const auto& column : sealed::columns()) {
    for (auto& value : store.read(tenant, [&](const store::Reader& r) { return sealed::list(r, column); })) {
      const auto context = seal_context(tenant, column.purpose, value.id);
      if (key_file.is_sealed_by_this(value.sealed, context)) continue;
      const auto plain = TRY(key_file.open(value.sealed, context));
      out.push_back({&column, std::move(value), key_file.seal(random, plain.reveal(), context)});
    }
  }
  return out;
}

}  // namespace

base::Result<int> rewrap(store::Store& store, const KeyFile& key_file, base::Random& random) {
  int total = 0;
  for (const auto& tenant : all_tenants(store.database())) {
    // Until nothing is left: a running node may have stored something else meanwhile.
    for (;;) {
      const auto replacements = TRY(make_replacements(store, key_file, random, tenant.id));
      if (replacements.empty()) break;
      total += store.write(tenant.id, [&](const store::Writer& w) {
        int replaced = 0;
        for (const auto& each : replacements) replaced += sealed::replace(w, *each.column, each.from, each.to) ? 1 : 0;
        store::tenants::bump_config_version(w);
        return replaced;
      });
    }
  }
  return total;
}

base::Outcome check_opens(sql::Database& database, const KeyFile& key_file) {
  for (const auto& tenant : all_tenants(database)) {
    std::vector<store::tenants::WrappedSecret> secrets;
    database.read([&](sql::Connection& connection) { secrets = store::tenants::secrets({connection, tenant.id}); });
    for (const auto& secret : secrets)
      TRY(key_file.open(secret.wrapped, seal_context(tenant.id, "tenant_secret", secret.purpose)));
  }
  return base::Unit{};
}

}  // namespace segue::tenancy
