#include "store/connections.h"

#include "store/document.h"
#include "store/identities.h"
#include "store/revocations.h"
#include "store/tenants.h"

namespace segue::store::connections {
namespace {

constexpr sql::Statement kFind{"connections.find", R"sql(
    select connection_id, name, strategy, document, created_at, updated_at from connections
     where tenant_id = $1 and connection_id = $2)sql"};
// See clients.find_for_change.
constexpr sql::Statement kFindForChange{"connections.find_for_change", R"sql(
    update connections set updated_at = updated_at where tenant_id = $1 and connection_id = $2
 returning connection_id, name, strategy, document, created_at, updated_at)sql"};
constexpr sql::Statement kFindByName{"connections.find_by_name", R"sql(
    select connection_id, name, strategy, document, created_at, updated_at from connections
     where tenant_id = $1 and name = $2)sql"};
constexpr sql::Statement kListAfter{"connections.list_after", R"sql(
    select connection_id, name, strategy, document, created_at, updated_at from connections
     where tenant_id = $1 and connection_id > $2
       and ($3 = '' or replace($3, $4 || strategy || $4, '') <> $3) and ($5 = '' or name = $5)
     order by connection_id limit $6)sql"};
constexpr sql::Statement kListPage{"connections.list_page", R"sql(
    select connection_id, name, strategy, document, created_at, updated_at from connections
     where tenant_id = $1
       and ($2 = '' or replace($2, $3 || strategy || $3, '') <> $2) and ($4 = '' or name = $4)
     order by created_at, connection_id limit $5 offset $6)sql"};
constexpr sql::Statement kCount{"connections.count", R"sql(
    select count(*) from connections
     where tenant_id = $1
       and ($2 = '' or replace($2, $3 || strategy || $3, '') <> $2) and ($4 = '' or name = $4))sql"};
constexpr sql::Statement kClients{"connection_clients.list", R"sql(
    select client_id from connection_clients where tenant_id = $1 and connection_id = $2 order by client_id)sql"};
constexpr sql::Statement kClientsAfter{"connection_clients.list_after", R"sql(
    select client_id from connection_clients
     where tenant_id = $1 and connection_id = $2 and client_id > $3 order by client_id limit $4)sql"};
constexpr sql::Statement kOfClient{"connections.list_of_client", R"sql(
    select c.connection_id, c.name, c.strategy, c.document, c.created_at, c.updated_at
      from connection_clients p join connections c on c.tenant_id = p.tenant_id and c.connection_id = p.connection_id
     where p.tenant_id = $1 and p.client_id = $2 order by c.connection_id)sql"};
constexpr sql::Statement kInsert{"connections.insert", R"sql(
    insert into connections (tenant_id, connection_id, name, strategy, document, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing)sql"};
// The name and the strategy never change.
constexpr sql::Statement kUpdate{"connections.update", R"sql(
    update connections set document = $3, updated_at = $4 where tenant_id = $1 and connection_id = $2)sql"};
constexpr sql::Statement kEnable{"connection_clients.insert", R"sql(
    insert into connection_clients (tenant_id, connection_id, client_id) values ($1, $2, $3) on conflict do nothing)sql"};
constexpr sql::Statement kDisable{"connection_clients.delete", R"sql(
    delete from connection_clients where tenant_id = $1 and connection_id = $2 and client_id = $3)sql"};
constexpr sql::Statement kDisableAll{"connection_clients.delete_all", R"sql(
    delete from connection_clients where tenant_id = $1 and connection_id = $2)sql"};
constexpr sql::Statement kUsersWithSessions{"connections.users_with_sessions", R"sql(
    select distinct user_id from sessions
     where tenant_id = $1 and revoked_at is null
       and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kRevokeSessions{"connections.revoke_sessions", R"sql(
    update sessions set revoked_at = $3, revocation_cascades = true
     where tenant_id = $1 and revoked_at is null
       and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kRevokeFamilies{"connections.revoke_refresh_token_families", R"sql(
    update refresh_token_families set revoked_at = $3, revocation_cascades = true
     where tenant_id = $1 and revoked_at is null
       and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kRevokeGrants{"connections.revoke_grants", R"sql(
    update grants set revoked_at = $3, revocation_cascades = true
     where tenant_id = $1 and revoked_at is null
       and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kDeleteConsents{"connections.delete_user_consents", R"sql(
    delete from user_consents
     where tenant_id = $1 and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kDeleteMemberships{"connections.delete_organization_members", R"sql(
    delete from organization_members
     where tenant_id = $1 and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
// Names of users may be given again: whoever comes later under one inherits nothing.
constexpr sql::Statement kDeleteRoles{"connections.delete_role_members", R"sql(
    delete from role_members
     where tenant_id = $1 and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kDeletePermissions{"connections.delete_user_permissions", R"sql(
    delete from user_permissions
     where tenant_id = $1 and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kEndPasswordTickets{"connections.end_password_tickets", R"sql(
    update password_tickets set used_at = $3
     where tenant_id = $1 and used_at is null
       and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kEndEmailTickets{"connections.end_email_tickets", R"sql(
    update email_tickets set used_at = $3
     where tenant_id = $1 and used_at is null
       and user_id in (select user_id from users where tenant_id = $1 and connection_id = $2))sql"};
constexpr sql::Statement kDisableForOrganizations{
    "connections.delete_organization_connections",
    "delete from organization_connections where tenant_id = $1 and connection_id = $2"};
constexpr sql::Statement kDeleteUsers{"connections.delete_users",
                                      "delete from users where tenant_id = $1 and connection_id = $2"};
constexpr sql::Statement kDelete{"connections.delete", "delete from connections where tenant_id = $1 and connection_id = $2"};

model::Connection read_connection(const sql::Row& row) {
  model::Connection out;
  out.connection_id = row.string(0);
  out.name = row.string(1);
  out.strategy = row.string(2);
  out.document = document_of(row.text(3));
  out.created_at = row.instant(4);
  out.updated_at = row.instant(5);
  return out;
}

std::string read_client_id(const sql::Row& row) { return row.string(0); }

std::optional<model::Connection> with_clients(const Reader& r, std::optional<model::Connection> connection) {
  if (connection)
    connection->enabled_clients = r.connection.list(kClients, {r.tenant, connection->connection_id}, read_client_id);
  return connection;
}

std::vector<model::Connection> with_clients(const Reader& r, std::vector<model::Connection> connections) {
  for (auto& connection : connections) {
    connection.enabled_clients = r.connection.list(kClients, {r.tenant, connection.connection_id}, read_client_id);
  }
  return connections;
}

}  // namespace

std::optional<model::Connection> find(const Reader& r, std::string_view connection_id) {
  return with_clients(r, r.connection.maybe_one(kFind, {r.tenant, connection_id}, read_connection));
}

std::optional<model::Connection> find_for_change(const Writer& w, std::string_view connection_id) {
  return with_clients(w, w.connection.maybe_one(kFindForChange, {w.tenant, connection_id}, read_connection));
}

std::optional<model::Connection> find_by_name(const Reader& r, std::string_view name) {
  return with_clients(r, r.connection.maybe_one(kFindByName, {r.tenant, name}, read_connection));
}

std::vector<model::Connection> list_after(const Reader& r, const Filter& filter, const Keyset& keyset) {
  const auto strategies = list_parameter(filter.strategies);
  return with_clients(
      r, r.connection.list(kListAfter, {r.tenant, keyset.after, strategies, kListSeparator, filter.name, keyset.take},
                           read_connection));
}

std::vector<model::Connection> list_page(const Reader& r, const Filter& filter, const Offset& offset) {
  const auto strategies = list_parameter(filter.strategies);
  return with_clients(r, r.connection.list(kListPage,
                                           {r.tenant, strategies, kListSeparator, filter.name, offset.per_page,
                                            std::int64_t{offset.page} * offset.per_page},
                                           read_connection));
}

std::int64_t count(const Reader& r, const Filter& filter) {
  const auto strategies = list_parameter(filter.strategies);
  return *r.connection.maybe_one(kCount, {r.tenant, strategies, kListSeparator, filter.name},
                                 [](const sql::Row& row) { return row.integer(0); });
}

std::vector<std::string> list_clients(const Reader& r, std::string_view connection_id, const Keyset& keyset) {
  return r.connection.list(kClientsAfter, {r.tenant, connection_id, keyset.after, keyset.take}, read_client_id);
}

std::vector<model::Connection> list_of_client(const Reader& r, std::string_view client_id) {
  return with_clients(r, r.connection.list(kOfClient, {r.tenant, client_id}, read_connection));
}

bool insert(const Writer& w, const model::Connection& connection) {
  if (w.connection.execute(kInsert, {w.tenant, connection.connection_id, connection.name, connection.strategy,
                                     json::write(connection.document), connection.created_at, connection.updated_at}) == 0) {
    return false;
  }
  for (const auto& client_id : connection.enabled_clients) {
    w.connection.execute(kEnable, {w.tenant, connection.connection_id, client_id});
  }
  tenants::bump_config_version(w);
  return true;
}

bool update(const Writer& w, const model::Connection& connection) {
  const bool updated = w.connection.execute(kUpdate, {w.tenant, connection.connection_id, json::write(connection.document),
                                                      connection.updated_at}) == 1;
  if (updated) tenants::bump_config_version(w);
  return updated;
}

bool delete_one(const Writer& w, std::string_view connection_id, base::Instant now) {
  if (w.connection.execute(kDelete, {w.tenant, connection_id}) == 0) return false;
  w.connection.execute(kDisableAll, {w.tenant, connection_id});
  // What the users held hangs on their names, so it ends before they go.
  const auto signed_in =
      w.connection.list(kUsersWithSessions, {w.tenant, connection_id}, [](const sql::Row& row) { return row.string(0); });
  for (const auto& user_id : signed_in) revocations::insert_user(w, user_id, revocations::kAccountDeleted, now);
  w.connection.execute(kRevokeGrants, {w.tenant, connection_id, now});
  w.connection.execute(kRevokeFamilies, {w.tenant, connection_id, now});
  w.connection.execute(kRevokeSessions, {w.tenant, connection_id, now});
  w.connection.execute(kDeleteConsents, {w.tenant, connection_id});
  w.connection.execute(kEndPasswordTickets, {w.tenant, connection_id, now});
  w.connection.execute(kEndEmailTickets, {w.tenant, connection_id, now});
  w.connection.execute(kDeleteMemberships, {w.tenant, connection_id});
  w.connection.execute(kDeleteRoles, {w.tenant, connection_id});
  w.connection.execute(kDeletePermissions, {w.tenant, connection_id});
  w.connection.execute(kDisableForOrganizations, {w.tenant, connection_id});
  w.connection.execute(kDeleteUsers, {w.tenant, connection_id});
  identities::delete_orphans(w, now);  // identities of other connections that were linked to these users
  tenants::bump_config_version(w);
  return true;
}

void enable_client(const Writer& w, std::string_view connection_id, std::string_view client_id) {
  if (w.connection.execute(kEnable, {w.tenant, connection_id, client_id}) == 1) tenants::bump_config_version(w);
}

void disable_client(const Writer& w, std::string_view connection_id, std::string_view client_id) {
  if (w.connection.execute(kDisable, {w.tenant, connection_id, client_id}) == 1) tenants::bump_config_version(w);
}

}  // namespace segue::store::connections
