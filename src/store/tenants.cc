#include "store/tenants.h"

#include <map>

namespace segue::store {
namespace {

json::object object_of(std::string_view text) {
  auto parsed = json::parse(text);
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object{};
}

constexpr sql::Statement kListTenants{
    "tenants.list", "select tenant_id, name, config_version, settings, created_at from tenants order by tenant_id"};
constexpr sql::Statement kListDomains{"domains.list", "select tenant_id, domain from domains order by tenant_id, position"};
constexpr sql::Statement kInsertTenant{"tenants.insert", R"sql(
    insert into tenants (tenant_id, name, config_version, settings, created_at) values ($1, $2, 1, $3, $4))sql"};
constexpr sql::Statement kInsertDomain{"domains.insert", R"sql(
    insert into domains (domain, tenant_id, position) values ($1, $2, $3) on conflict (domain) do nothing)sql"};
constexpr sql::Statement kAddDomain{"domains.add", R"sql(
    insert into domains (domain, tenant_id, position)
    select cast($1 as text), t.tenant_id, 1 + (select max(position) from domains where tenant_id = t.tenant_id)
      from tenants t where t.tenant_id = $2
        on conflict (domain) do nothing)sql"};
constexpr sql::Statement kRemoveDomain{"domains.remove",
                                       "delete from domains where tenant_id = $1 and domain = $2 and position > 0"};
constexpr sql::Statement kHasDomain{"domains.has", "select 1 from domains where domain = $1"};
constexpr sql::Statement kNextTenant{"tenants.next_id", "select coalesce(max(tenant_id), 0) + 1 from tenants"};
#define SEGUE_TENANT "select tenant_id, name, config_version, settings, created_at from tenants where tenant_id = $1"
constexpr sql::Statement kFindTenant{"tenants.find", SEGUE_TENANT};
constexpr sql::Statement kLockTenant{"tenants.lock", SEGUE_TENANT, SEGUE_TENANT " for update"};
#undef SEGUE_TENANT
constexpr sql::Statement kDomainsOf{"domains.of_tenant", "select domain from domains where tenant_id = $1 order by position"};
constexpr sql::Statement kVersion{"tenants.config_version", "select config_version from tenants where tenant_id = $1"};
constexpr sql::Statement kBump{"tenants.bump_config_version", R"sql(
    update tenants set config_version = config_version + 1 where tenant_id = $1)sql"};
constexpr sql::Statement kUpdateSettings{"tenants.update_settings", "update tenants set settings = $2 where tenant_id = $1"};
constexpr sql::Statement kSecrets{"tenant_secrets.list", "select purpose, wrapped from tenant_secrets where tenant_id = $1"};
constexpr sql::Statement kInsertSecret{"tenant_secrets.insert", R"sql(
    insert into tenant_secrets (tenant_id, purpose, wrapped, created_at) values ($1, $2, $3, $4))sql"};
constexpr sql::Statement kState{"database_state.find", "select value from database_state where name = $1"};
constexpr sql::Statement kRaiseState{"database_state.raise", R"sql(
    insert into database_state (name, value) values ($1, $2)
    on conflict (name) do update set value = excluded.value where database_state.value < excluded.value)sql"};
constexpr sql::Statement kResetState{"database_state.reset", R"sql(
    insert into database_state (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value)sql"};
constexpr sql::Statement kNodes{"nodes.list", "select node_number, lease_expires_at from nodes order by node_number"};
constexpr sql::Statement kTakeNode{"nodes.take", R"sql(
    insert into nodes (node_number, holder, lease_expires_at) values ($1, $2, $3)
    on conflict (node_number) do update set holder = excluded.holder, lease_expires_at = excluded.lease_expires_at
     where nodes.lease_expires_at < $4)sql"};
constexpr sql::Statement kRenewNode{"nodes.renew",
                                    "update nodes set lease_expires_at = $3 where node_number = $1 and holder = $2"};
constexpr sql::Statement kReleaseNode{"nodes.release", "delete from nodes where node_number = $1 and holder = $2"};

model::Tenant read_tenant(const sql::Row& row) {
  model::Tenant out;
  out.id = base::TenantId(row.integer(0));
  out.name = row.string(1);
  out.config_version = row.integer(2);
  out.settings = object_of(row.text(3));
  out.created_at = row.instant(4);
  return out;
}

std::optional<model::Tenant> find_with_domains(const Reader& r, const sql::Statement& statement) {
  auto out = r.connection.maybe_one(statement, {r.tenant}, read_tenant);
  if (out) out->domains = r.connection.list(kDomainsOf, {r.tenant}, [](const sql::Row& row) { return row.string(0); });
  return out;
}

}  // namespace

namespace tenants {

std::vector<model::Tenant> list_all(sql::Connection& connection) {
  auto out = connection.list(kListTenants, {}, read_tenant);
  std::map<base::TenantId, std::vector<std::string>> domains;
  connection.run(kListDomains, {},
                 [&](const sql::Row& row) { domains[base::TenantId(row.integer(0))].push_back(row.string(1)); });
  for (auto& tenant : out) tenant.domains = domains[tenant.id];
  return out;
}

base::TenantId next_id(sql::Connection& connection) {
  return *connection.maybe_one(kNextTenant, {}, [](const sql::Row& row) { return base::TenantId(row.integer(0)); });
}

bool insert(sql::Connection& connection, const model::Tenant& tenant) {
  // The domain first: when it is taken, nothing has been written.
  int position = 0;
  for (const auto& domain : tenant.domains) {
    if (connection.execute(kInsertDomain, {domain, tenant.id, position++}) == 0) return false;
  }
  connection.execute(kInsertTenant, {tenant.id, tenant.name, json::write(tenant.settings), tenant.created_at});
  return true;
}

std::optional<model::Tenant> find(const Reader& r) { return find_with_domains(r, kFindTenant); }
std::optional<model::Tenant> find_for_change(const Writer& w) { return find_with_domains(w, kLockTenant); }

std::int64_t config_version(const Reader& r) {
  return r.connection.maybe_one(kVersion, {r.tenant}, [](const sql::Row& row) { return row.integer(0); }).value_or(0);
}

void bump_config_version(const Writer& w) { w.connection.execute(kBump, {w.tenant}); }

bool add_domain(const Writer& w, std::string_view domain) {
  if (w.connection.execute(kAddDomain, {domain, w.tenant}) == 0) return false;
  bump_config_version(w);
  return true;
}

bool remove_domain(const Writer& w, std::string_view domain) {
  if (w.connection.execute(kRemoveDomain, {w.tenant, domain}) == 0) return false;
  bump_config_version(w);
  return true;
}

bool has_domain(const Reader& r, std::string_view domain) {
  return r.connection.maybe_one(kHasDomain, {domain}, [](const sql::Row&) { return true; }).value_or(false);
}

void update_settings(const Writer& w, const json::object& settings) {
  w.connection.execute(kUpdateSettings, {w.tenant, json::write(settings)});
  bump_config_version(w);
}

std::vector<WrappedSecret> secrets(const Reader& r) {
  return r.connection.list(kSecrets, {r.tenant}, [](const sql::Row& row) {
    return WrappedSecret{row.string(0), std::string(row.bytes(1))};
  });
}

void insert_secret(const Writer& w, const WrappedSecret& secret, base::Instant now) {
  w.connection.execute(kInsertSecret, {w.tenant, secret.purpose, base::as_bytes(secret.wrapped), now});
}

}  // namespace tenants

namespace database_state {

base::Instant high_water(sql::Connection& connection) {
  return connection.maybe_one(kState, {"high_water"}, [](const sql::Row& row) { return row.instant(0); })
      .value_or(base::Instant{});
}

void raise_high_water(sql::Connection& connection, base::Instant t) { connection.execute(kRaiseState, {"high_water", t}); }
void reset_high_water(sql::Connection& connection, base::Instant t) { connection.execute(kResetState, {"high_water", t}); }

std::optional<int> lease_node(sql::Connection& connection, std::string_view holder, base::Instant now, base::Instant until) {
  std::map<std::int64_t, base::Instant> leased;
  connection.run(kNodes, {}, [&](const sql::Row& row) { leased[row.integer(0)] = row.instant(1); });
  for (int node = 0; node < 1024; ++node) {
    const auto found = leased.find(node);
    if (found != leased.end() && found->second >= now) continue;
    if (connection.execute(kTakeNode, {node, holder, until, now}) == 1) return node;
  }
  return std::nullopt;
}

bool renew_node(sql::Connection& connection, int node, std::string_view holder, base::Instant until) {
  return connection.execute(kRenewNode, {node, holder, until}) == 1;
}

int count_nodes(sql::Connection& connection, base::Instant now) {
  int out = 0;
  connection.run(kNodes, {}, [&](const sql::Row& row) { out += row.instant(1) >= now ? 1 : 0; });
  return out;
}

void release_node(sql::Connection& connection, int node, std::string_view holder) {
  connection.execute(kReleaseNode, {node, holder});
}

}  // namespace database_state
}  // namespace segue::store
