#include "store/organization_members.h"

#include "store/role_members.h"
#include "store/users.h"

namespace segue::store::organization_members {
namespace {

constexpr sql::Statement kAdd{"organization_members.add", R"sql(
    insert into organization_members (tenant_id, organization_id, user_id, created_at) values ($1, $2, $3, $4)
    on conflict do nothing)sql"};
constexpr sql::Statement kRemove{"organization_members.remove", R"sql(
    delete from organization_members where tenant_id = $1 and organization_id = $2 and user_id = $3)sql"};
constexpr sql::Statement kIsMember{"organization_members.is_member", R"sql(
    select 1 from organization_members where tenant_id = $1 and organization_id = $2 and user_id = $3)sql"};
constexpr sql::Statement kListAfter{"organization_members.list_after", R"sql(
    select user_id from organization_members where tenant_id = $1 and organization_id = $2 and user_id > $3
     order by user_id limit $4)sql"};
constexpr sql::Statement kListPage{"organization_members.list_page", R"sql(
    select user_id from organization_members where tenant_id = $1 and organization_id = $2
     order by user_id limit $3 offset $4)sql"};
constexpr sql::Statement kCount{"organization_members.count",
                                "select count(*) from organization_members where tenant_id = $1 and organization_id = $2"};
constexpr sql::Statement kRemoveEverywhere{"organization_members.remove_everywhere",
                                           "delete from organization_members where tenant_id = $1 and user_id = $2"};

std::string read_user_id(const sql::Row& row) { return row.string(0); }

}  // namespace

bool add(const Writer& w, std::string_view organization_id, std::string_view user_id, base::Instant now) {
  return w.connection.execute(kAdd, {w.tenant, organization_id, user_id, now}) == 1;
}

bool remove(const Writer& w, std::string_view organization_id, std::string_view user_id) {
  role_members::delete_of_member(w, organization_id, user_id);
  return w.connection.execute(kRemove, {w.tenant, organization_id, user_id}) == 1;
}

bool is_member(const Reader& r, std::string_view organization_id, std::string_view user_id) {
  return r.connection.maybe_one(kIsMember, {r.tenant, organization_id, user_id}, [](const sql::Row&) { return true; })
      .value_or(false);
}

std::vector<model::User> list_after(const Reader& r, std::string_view organization_id, const Keyset& keyset) {
  return users::find_each(r, r.connection.list(kListAfter, {r.tenant, organization_id, keyset.after, keyset.take}, read_user_id));
}

std::vector<model::User> list_page(const Reader& r, std::string_view organization_id, const Offset& offset) {
  return users::find_each(
      r, r.connection.list(kListPage, {r.tenant, organization_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           read_user_id));
}

std::int64_t count(const Reader& r, std::string_view organization_id) {
  return *r.connection.maybe_one(kCount, {r.tenant, organization_id}, [](const sql::Row& row) { return row.integer(0); });
}

void remove_everywhere(const Writer& w, std::string_view user_id) {
  w.connection.execute(kRemoveEverywhere, {w.tenant, user_id});
}

}  // namespace segue::store::organization_members
