#include "store/role_members.h"

#include "store/users.h"

namespace segue::store::role_members {
namespace {

constexpr sql::Statement kAdd{"role_members.add", R"sql(
    insert into role_members (tenant_id, user_id, organization_id, role_id, created_at) values ($1, $2, $3, $4, $5)
    on conflict do nothing)sql"};
constexpr sql::Statement kRemove{"role_members.remove", R"sql(
    delete from role_members where tenant_id = $1 and user_id = $2 and organization_id = $3 and role_id = $4)sql"};
constexpr sql::Statement kRolesOf{"role_members.roles_of", R"sql(
    select o.role_id, o.name, o.description, o.created_at
      from role_members m join roles o on o.tenant_id = m.tenant_id and o.role_id = m.role_id
     where m.tenant_id = $1 and m.user_id = $2 and m.organization_id = $3
     order by o.name, o.role_id limit $4 offset $5)sql"};
constexpr sql::Statement kCountOf{"role_members.count_of", R"sql(
    select count(*) from role_members where tenant_id = $1 and user_id = $2 and organization_id = $3)sql"};
constexpr sql::Statement kUsersPage{"role_members.users_page", R"sql(
    select user_id from role_members where tenant_id = $1 and role_id = $2 and organization_id = ''
     order by user_id limit $3 offset $4)sql"};
constexpr sql::Statement kUsersAfter{"role_members.users_after", R"sql(
    select user_id from role_members where tenant_id = $1 and role_id = $2 and organization_id = '' and user_id > $3
     order by user_id limit $4)sql"};
constexpr sql::Statement kCountUsers{"role_members.count_users", R"sql(
    select count(*) from role_members where tenant_id = $1 and role_id = $2 and organization_id = '')sql"};
constexpr sql::Statement kDeleteOfUser{"role_members.delete_of_user",
                                       "delete from role_members where tenant_id = $1 and user_id = $2"};
constexpr sql::Statement kDeleteOfMember{"role_members.delete_of_member", R"sql(
    delete from role_members where tenant_id = $1 and user_id = $2 and organization_id = $3)sql"};
constexpr sql::Statement kDeleteOfOrganization{"role_members.delete_of_organization",
                                               "delete from role_members where tenant_id = $1 and organization_id = $2"};

std::int64_t read_count(const sql::Row& row) { return row.integer(0); }

}  // namespace

bool add(const Writer& w, const Holder& holder, std::string_view role_id, base::Instant now) {
  return w.connection.execute(kAdd, {w.tenant, holder.user_id, holder.organization_id, role_id, now}) == 1;
}

bool remove(const Writer& w, const Holder& holder, std::string_view role_id) {
  return w.connection.execute(kRemove, {w.tenant, holder.user_id, holder.organization_id, role_id}) == 1;
}

std::vector<model::Role> roles_of(const Reader& r, const Holder& holder, const Offset& offset) {
  return r.connection.list(
      kRolesOf, {r.tenant, holder.user_id, holder.organization_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
      [](const sql::Row& row) {
        return model::Role{
            .role_id = row.string(0), .name = row.string(1), .description = row.string(2), .created_at = row.instant(3)};
      });
}

std::int64_t count_of(const Reader& r, const Holder& holder) {
  return *r.connection.maybe_one(kCountOf, {r.tenant, holder.user_id, holder.organization_id}, read_count);
}

std::vector<model::User> users_page(const Reader& r, std::string_view role_id, const Offset& offset) {
  return users::find_each(
      r, r.connection.list(kUsersPage, {r.tenant, role_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           [](const sql::Row& row) { return row.string(0); }));
}

std::vector<model::User> users_after(const Reader& r, std::string_view role_id, const Keyset& keyset) {
  return users::find_each(r, r.connection.list(kUsersAfter, {r.tenant, role_id, keyset.after, keyset.take},
                                               [](const sql::Row& row) { return row.string(0); }));
}

std::int64_t count_users(const Reader& r, std::string_view role_id) {
  return *r.connection.maybe_one(kCountUsers, {r.tenant, role_id}, read_count);
}

void delete_of_user(const Writer& w, std::string_view user_id) { w.connection.execute(kDeleteOfUser, {w.tenant, user_id}); }

void delete_of_member(const Writer& w, std::string_view organization_id, std::string_view user_id) {
  w.connection.execute(kDeleteOfMember, {w.tenant, user_id, organization_id});
}

void delete_of_organization(const Writer& w, std::string_view organization_id) {
  w.connection.execute(kDeleteOfOrganization, {w.tenant, organization_id});
}

}  // namespace segue::store::role_members
