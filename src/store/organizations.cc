#include "store/organizations.h"

#include "store/document.h"
#include "store/invitations.h"
#include "store/role_members.h"
#include "store/tenants.h"

namespace segue::store::organizations {
namespace {

#define SEGUE_ORGANIZATION \
  "select organization_id, name, document, created_at, updated_at from organizations where tenant_id = $1"
constexpr sql::Statement kFind{"organizations.find", SEGUE_ORGANIZATION " and organization_id = $2"};
constexpr sql::Statement kFindByName{"organizations.find_by_name", SEGUE_ORGANIZATION " and name = $2"};
constexpr sql::Statement kListAfter{"organizations.list_after",
                                    SEGUE_ORGANIZATION " and organization_id > $2 order by organization_id limit $3"};
constexpr sql::Statement kListPage{"organizations.list_page", SEGUE_ORGANIZATION " order by name limit $2 offset $3"};
constexpr sql::Statement kListOfUser{"organizations.list_of_user", SEGUE_ORGANIZATION R"sql(
     and organization_id in (select organization_id from organization_members where tenant_id = $1 and user_id = $2)
     order by name limit $3 offset $4)sql"};
#undef SEGUE_ORGANIZATION
// See clients.find_for_change.
constexpr sql::Statement kFindForChange{"organizations.find_for_change", R"sql(
    update organizations set updated_at = updated_at where tenant_id = $1 and organization_id = $2
 returning organization_id, name, document, created_at, updated_at)sql"};
constexpr sql::Statement kCount{"organizations.count", "select count(*) from organizations where tenant_id = $1"};
constexpr sql::Statement kCountOfUser{"organizations.count_of_user",
                                      "select count(*) from organization_members where tenant_id = $1 and user_id = $2"};
constexpr sql::Statement kInsert{"organizations.insert", R"sql(
    insert into organizations (tenant_id, organization_id, name, document, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing)sql"};
constexpr sql::Statement kTaken{"organizations.taken", R"sql(
    select 1 from organizations where tenant_id = $1 and organization_id <> $2 and name = $3)sql"};
constexpr sql::Statement kUpdate{"organizations.update", R"sql(
    update organizations set name = $3, document = $4, updated_at = $5 where tenant_id = $1 and organization_id = $2)sql"};
constexpr sql::Statement kDelete{"organizations.delete",
                                 "delete from organizations where tenant_id = $1 and organization_id = $2"};
constexpr sql::Statement kDeleteMembers{"organization_members.delete_of_organization",
                                        "delete from organization_members where tenant_id = $1 and organization_id = $2"};
constexpr sql::Statement kDeleteConnections{"organization_connections.delete_of_organization",
                                            "delete from organization_connections where tenant_id = $1 and organization_id = $2"};
constexpr sql::Statement kConnections{"organization_connections.list", R"sql(
    select connection_id, assign_membership_on_login, show_as_button, is_signup_enabled
      from organization_connections where tenant_id = $1 and organization_id = $2 order by connection_id)sql"};
constexpr sql::Statement kEnable{"organization_connections.enable", R"sql(
    insert into organization_connections (tenant_id, organization_id, connection_id, assign_membership_on_login, show_as_button,
                                          is_signup_enabled)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing)sql"};
constexpr sql::Statement kUpdateConnection{"organization_connections.update", R"sql(
    update organization_connections set assign_membership_on_login = $4, show_as_button = $5, is_signup_enabled = $6
     where tenant_id = $1 and organization_id = $2 and connection_id = $3)sql"};
constexpr sql::Statement kDisable{"organization_connections.disable", R"sql(
    delete from organization_connections where tenant_id = $1 and organization_id = $2 and connection_id = $3)sql"};

model::Organization read_organization(const sql::Row& row) {
  model::Organization out;
  out.organization_id = row.string(0);
  out.name = row.string(1);
  out.document = document_of(row.text(2));
  out.created_at = row.instant(3);
  out.updated_at = row.instant(4);
  return out;
}

std::optional<model::Organization> with_connections(const Reader& r, std::optional<model::Organization> organization) {
  if (!organization) return organization;
  organization->connections = r.connection.list(kConnections, {r.tenant, organization->organization_id}, [](const sql::Row& row) {
    return model::OrganizationConnection{row.string(0), row.boolean(1), row.boolean(2), row.boolean(3)};
  });
  return organization;
}

}  // namespace

std::optional<model::Organization> find(const Reader& r, std::string_view organization_id) {
  return with_connections(r, r.connection.maybe_one(kFind, {r.tenant, organization_id}, read_organization));
}

std::optional<model::Organization> find_by_name(const Reader& r, std::string_view name) {
  return with_connections(r, r.connection.maybe_one(kFindByName, {r.tenant, name}, read_organization));
}

std::optional<model::Organization> find_for_change(const Writer& w, std::string_view organization_id) {
  return with_connections(w, w.connection.maybe_one(kFindForChange, {w.tenant, organization_id}, read_organization));
}

std::vector<model::Organization> list_after(const Reader& r, const Keyset& keyset) {
  return r.connection.list(kListAfter, {r.tenant, keyset.after, keyset.take}, read_organization);
}

std::vector<model::Organization> list_page(const Reader& r, const Offset& offset) {
  return r.connection.list(kListPage, {r.tenant, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           read_organization);
}

std::int64_t count(const Reader& r) {
  return *r.connection.maybe_one(kCount, {r.tenant}, [](const sql::Row& row) { return row.integer(0); });
}

std::vector<model::Organization> list_of_user(const Reader& r, std::string_view user_id, const Offset& offset) {
  return r.connection.list(kListOfUser, {r.tenant, user_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           read_organization);
}

std::int64_t count_of_user(const Reader& r, std::string_view user_id) {
  return *r.connection.maybe_one(kCountOfUser, {r.tenant, user_id}, [](const sql::Row& row) { return row.integer(0); });
}

Written insert(const Writer& w, const model::Organization& o) {
  if (w.connection.execute(kInsert, {w.tenant, o.organization_id, o.name, json::write(o.document), o.created_at, o.updated_at}) ==
      0)
    return Written::taken;
  for (const auto& connection : o.connections) enable_connection(w, o.organization_id, connection);
  tenants::bump_config_version(w);
  return Written::done;
}

Written update(const Writer& w, const model::Organization& o) {
  if (w.connection.maybe_one(kTaken, {w.tenant, o.organization_id, o.name}, [](const sql::Row&) { return true; }))
    return Written::taken;
  if (w.connection.execute(kUpdate, {w.tenant, o.organization_id, o.name, json::write(o.document), o.updated_at}) == 0)
    return Written::missing;
  tenants::bump_config_version(w);
  return Written::done;
}

bool delete_one(const Writer& w, std::string_view organization_id) {
  if (w.connection.execute(kDelete, {w.tenant, organization_id}) == 0) return false;
  w.connection.execute(kDeleteMembers, {w.tenant, organization_id});
  role_members::delete_of_organization(w, organization_id);
  invitations::delete_of_organization(w, organization_id);
  w.connection.execute(kDeleteConnections, {w.tenant, organization_id});
  tenants::bump_config_version(w);
  return true;
}

bool enable_connection(const Writer& w, std::string_view organization_id, const model::OrganizationConnection& c) {
  const bool enabled = w.connection.execute(kEnable, {w.tenant, organization_id, c.connection_id, c.assign_membership_on_login,
                                                      c.show_as_button, c.is_signup_enabled}) == 1;
  if (enabled) tenants::bump_config_version(w);
  return enabled;
}

bool update_connection(const Writer& w, std::string_view organization_id, const model::OrganizationConnection& c) {
  const bool updated =
      w.connection.execute(kUpdateConnection, {w.tenant, organization_id, c.connection_id, c.assign_membership_on_login,
                                               c.show_as_button, c.is_signup_enabled}) == 1;
  if (updated) tenants::bump_config_version(w);
  return updated;
}

bool disable_connection(const Writer& w, std::string_view organization_id, std::string_view connection_id) {
  const bool disabled = w.connection.execute(kDisable, {w.tenant, organization_id, connection_id}) == 1;
  if (disabled) tenants::bump_config_version(w);
  return disabled;
}

}  // namespace segue::store::organizations
