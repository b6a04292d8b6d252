#include "store/resource_servers.h"

#include "store/document.h"
#include "store/permissions.h"
#include "store/tenants.h"
#include "store/user_consents.h"

namespace segue::store::resource_servers {
namespace {

constexpr sql::Statement kFind{"resource_servers.find", R"sql(
    select resource_server_id, document, created_at, updated_at from resource_servers
     where tenant_id = $1 and (resource_server_id = $2 or identifier = $2))sql"};
// See clients.find_for_change.
constexpr sql::Statement kFindForChange{"resource_servers.find_for_change", R"sql(
    update resource_servers set updated_at = updated_at
     where tenant_id = $1 and (resource_server_id = $2 or identifier = $2)
 returning resource_server_id, document, created_at, updated_at)sql"};
constexpr sql::Statement kFindByIdentifier{"resource_servers.find_by_identifier", R"sql(
    select resource_server_id, document, created_at, updated_at from resource_servers
     where tenant_id = $1 and identifier = $2)sql"};
constexpr sql::Statement kListPage{"resource_servers.list_page", R"sql(
    select resource_server_id, document, created_at, updated_at from resource_servers
     where tenant_id = $1 and ($2 = '' or replace($2, $3 || identifier || $3, '') <> $2)
     order by created_at, resource_server_id limit $4 offset $5)sql"};
constexpr sql::Statement kListAfter{"resource_servers.list_after", R"sql(
    select resource_server_id, document, created_at, updated_at from resource_servers
     where tenant_id = $1 and resource_server_id > $2 and ($3 = '' or replace($3, $4 || identifier || $4, '') <> $3)
     order by resource_server_id limit $5)sql"};
constexpr sql::Statement kCount{"resource_servers.count", R"sql(
    select count(*) from resource_servers
     where tenant_id = $1 and ($2 = '' or replace($2, $3 || identifier || $3, '') <> $2))sql"};
constexpr sql::Statement kInsert{"resource_servers.insert", R"sql(
    insert into resource_servers (tenant_id, resource_server_id, identifier, document, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing)sql"};
// The identifier never changes.
constexpr sql::Statement kUpdate{"resource_servers.update", R"sql(
    update resource_servers set document = $3, updated_at = $4 where tenant_id = $1 and resource_server_id = $2)sql"};
constexpr sql::Statement kDelete{"resource_servers.delete", R"sql(
    delete from resource_servers where tenant_id = $1 and resource_server_id = $2 returning identifier)sql"};
constexpr sql::Statement kDeleteGrants{"resource_servers.delete_client_grants", R"sql(
    delete from client_grants where tenant_id = $1 and audience = $2)sql"};

model::ResourceServer read_resource_server(const sql::Row& row) {
  auto out = model::resource_server_from_document(row.string(0), document_of(row.text(1)));
  out.created_at = row.instant(2);
  out.updated_at = row.instant(3);
  return out;
}

}  // namespace

std::optional<model::ResourceServer> find(const Reader& r, std::string_view id_or_identifier) {
  return r.connection.maybe_one(kFind, {r.tenant, id_or_identifier}, read_resource_server);
}

std::optional<model::ResourceServer> find_for_change(const Writer& w, std::string_view id_or_identifier) {
  return w.connection.maybe_one(kFindForChange, {w.tenant, id_or_identifier}, read_resource_server);
}

std::optional<model::ResourceServer> find_by_identifier(const Reader& r, std::string_view identifier) {
  return r.connection.maybe_one(kFindByIdentifier, {r.tenant, identifier}, read_resource_server);
}

std::vector<model::ResourceServer> list_page(const Reader& r, const std::vector<std::string>& identifiers, const Offset& offset) {
  const auto list = list_parameter(identifiers);
  return r.connection.list(kListPage,
                           {r.tenant, list, kListSeparator, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           read_resource_server);
}

std::vector<model::ResourceServer> list_after(const Reader& r, const std::vector<std::string>& identifiers,
                                              const Keyset& keyset) {
  const auto list = list_parameter(identifiers);
  return r.connection.list(kListAfter, {r.tenant, keyset.after, list, kListSeparator, keyset.take}, read_resource_server);
}

std::int64_t count(const Reader& r, const std::vector<std::string>& identifiers) {
  const auto list = list_parameter(identifiers);
  return *r.connection.maybe_one(kCount, {r.tenant, list, kListSeparator}, [](const sql::Row& row) { return row.integer(0); });
}

bool insert(const Writer& w, const model::ResourceServer& resource_server) {
  const bool inserted = w.connection.execute(kInsert, {w.tenant, resource_server.resource_server_id, resource_server.identifier,
                                                       json::write(resource_server.document), resource_server.created_at,
                                                       resource_server.updated_at}) == 1;
  if (inserted) tenants::bump_config_version(w);
  return inserted;
}

bool update(const Writer& w, const model::ResourceServer& resource_server) {
  const bool updated = w.connection.execute(kUpdate, {w.tenant, resource_server.resource_server_id,
                                                      json::write(resource_server.document), resource_server.updated_at}) == 1;
  if (!updated) return false;
  // A permission falls with its scope.
  permissions::keep_scopes(w, resource_server.identifier, resource_server.scopes);
  tenants::bump_config_version(w);
  return true;
}

bool delete_one(const Writer& w, std::string_view resource_server_id) {
  const auto identifier =
      w.connection.maybe_one(kDelete, {w.tenant, resource_server_id}, [](const sql::Row& row) { return row.string(0); });
  if (!identifier) return false;
  w.connection.execute(kDeleteGrants, {w.tenant, *identifier});
  permissions::delete_of_api(w, *identifier);
  user_consents::delete_of_api(w, *identifier);  // who allowed this API has not allowed a later one of the same name
  tenants::bump_config_version(w);
  return true;
}

}  // namespace segue::store::resource_servers
