#include "store/permissions.h"

#include "store/document.h"

namespace segue::store::permissions {
namespace {

constexpr sql::Statement kAddToRole{"role_permissions.add", R"sql(
    insert into role_permissions (tenant_id, role_id, audience, permission) values ($1, $2, $3, $4) on conflict do nothing)sql"};
constexpr sql::Statement kRemoveFromRole{"role_permissions.remove", R"sql(
    delete from role_permissions where tenant_id = $1 and role_id = $2 and audience = $3 and permission = $4)sql"};
constexpr sql::Statement kListOfRole{"role_permissions.list", R"sql(
    select audience, permission from role_permissions where tenant_id = $1 and role_id = $2
     order by audience, permission limit $3 offset $4)sql"};
constexpr sql::Statement kCountOfRole{"role_permissions.count",
                                      "select count(*) from role_permissions where tenant_id = $1 and role_id = $2"};
constexpr sql::Statement kAddToUser{"user_permissions.add", R"sql(
    insert into user_permissions (tenant_id, user_id, audience, permission) values ($1, $2, $3, $4) on conflict do nothing)sql"};
constexpr sql::Statement kRemoveFromUser{"user_permissions.remove", R"sql(
    delete from user_permissions where tenant_id = $1 and user_id = $2 and audience = $3 and permission = $4)sql"};
constexpr sql::Statement kHeldBy{"permissions.held_by", R"sql(
    select audience, permission, '' as role_id, '' as name from user_permissions where tenant_id = $1 and user_id = $2
     union all
    select p.audience, p.permission, o.role_id, o.name
      from role_members m
      join roles o on o.tenant_id = m.tenant_id and o.role_id = m.role_id
      join role_permissions p on p.tenant_id = m.tenant_id and p.role_id = m.role_id
     where m.tenant_id = $1 and m.user_id = $2 and m.organization_id = ''
     order by 1, 2, 3)sql"};
// For no organization $4 is empty too, and names nothing more.
constexpr sql::Statement kEffective{"permissions.effective", R"sql(
    select permission from user_permissions where tenant_id = $1 and user_id = $2 and audience = $3
     union
    select p.permission
      from role_members m
      join role_permissions p on p.tenant_id = m.tenant_id and p.role_id = m.role_id and p.audience = $3
     where m.tenant_id = $1 and m.user_id = $2 and m.organization_id in ('', $4)
     order by 1)sql"};
constexpr sql::Statement kDeleteOfUser{"user_permissions.delete_of_user",
                                       "delete from user_permissions where tenant_id = $1 and user_id = $2"};
constexpr sql::Statement kDeleteOfApiFromRoles{"role_permissions.delete_of_api",
                                               "delete from role_permissions where tenant_id = $1 and audience = $2"};
constexpr sql::Statement kDeleteOfApiFromUsers{"user_permissions.delete_of_api",
                                               "delete from user_permissions where tenant_id = $1 and audience = $2"};
constexpr sql::Statement kKeepScopesOfRoles{"role_permissions.keep_scopes", R"sql(
    delete from role_permissions where tenant_id = $1 and audience = $2 and replace($3, $4 || permission || $4, '') = $3)sql"};
constexpr sql::Statement kKeepScopesOfUsers{"user_permissions.keep_scopes", R"sql(
    delete from user_permissions where tenant_id = $1 and audience = $2 and replace($3, $4 || permission || $4, '') = $3)sql"};

}  // namespace

void add_to_role(const Writer& w, std::string_view role_id, const model::Permission& permission) {
  w.connection.execute(kAddToRole, {w.tenant, role_id, permission.audience, permission.name});
}

bool remove_from_role(const Writer& w, std::string_view role_id, const model::Permission& permission) {
  return w.connection.execute(kRemoveFromRole, {w.tenant, role_id, permission.audience, permission.name}) == 1;
}

std::vector<model::Permission> list_of_role(const Reader& r, std::string_view role_id, const Offset& offset) {
  return r.connection.list(
      kListOfRole, {r.tenant, role_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
      [](const sql::Row& row) { return model::Permission{.audience = row.string(0), .name = row.string(1)}; });
}

std::int64_t count_of_role(const Reader& r, std::string_view role_id) {
  return *r.connection.maybe_one(kCountOfRole, {r.tenant, role_id}, [](const sql::Row& row) { return row.integer(0); });
}

void add_to_user(const Writer& w, std::string_view user_id, const model::Permission& permission) {
  w.connection.execute(kAddToUser, {w.tenant, user_id, permission.audience, permission.name});
}

bool remove_from_user(const Writer& w, std::string_view user_id, const model::Permission& permission) {
  return w.connection.execute(kRemoveFromUser, {w.tenant, user_id, permission.audience, permission.name}) == 1;
}

std::vector<model::HeldPermission> held_by(const Reader& r, std::string_view user_id) {
  return r.connection.list(kHeldBy, {r.tenant, user_id}, [](const sql::Row& row) {
    return model::HeldPermission{
        .permission = {.audience = row.string(0), .name = row.string(1)}, .role_id = row.string(2), .role_name = row.string(3)};
  });
}

std::vector<std::string> effective(const Reader& r, std::string_view user_id, std::string_view organization_id,
                                   std::string_view audience) {
  return r.connection.list(kEffective, {r.tenant, user_id, audience, organization_id},
                           [](const sql::Row& row) { return row.string(0); });
}

void delete_of_user(const Writer& w, std::string_view user_id) { w.connection.execute(kDeleteOfUser, {w.tenant, user_id}); }

void delete_of_api(const Writer& w, std::string_view audience) {
  w.connection.execute(kDeleteOfApiFromRoles, {w.tenant, audience});
  w.connection.execute(kDeleteOfApiFromUsers, {w.tenant, audience});
}

void keep_scopes(const Writer& w, std::string_view audience, const std::vector<std::string>& scopes) {
  const auto kept = list_parameter(scopes);
  w.connection.execute(kKeepScopesOfRoles, {w.tenant, audience, kept, kListSeparator});
  w.connection.execute(kKeepScopesOfUsers, {w.tenant, audience, kept, kListSeparator});
}

}  // namespace segue::store::permissions
