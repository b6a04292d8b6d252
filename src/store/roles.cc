#include "store/roles.h"

#include "base/text.h"

namespace segue::store::roles {
namespace {

#define SEGUE_ROLE "select role_id, name, description, created_at from roles where tenant_id = $1"
// instr and strpos are no common ground; replace is.
#define SEGUE_ROLE_NAMED " and ($2 = '' or replace(lower(name), $2, '') <> lower(name))"
constexpr sql::Statement kFind{"roles.find", SEGUE_ROLE " and role_id = $2"};
constexpr sql::Statement kListPage{"roles.list_page", SEGUE_ROLE SEGUE_ROLE_NAMED " order by name, role_id limit $3 offset $4"};
constexpr sql::Statement kListAfter{"roles.list_after",
                                    SEGUE_ROLE SEGUE_ROLE_NAMED " and role_id > $3 order by role_id limit $4"};
constexpr sql::Statement kCount{"roles.count", "select count(*) from roles where tenant_id = $1" SEGUE_ROLE_NAMED};
#undef SEGUE_ROLE_NAMED
#undef SEGUE_ROLE
// See clients.find_for_change.
constexpr sql::Statement kFindForChange{"roles.find_for_change", R"sql(
    update roles set created_at = created_at where tenant_id = $1 and role_id = $2
 returning role_id, name, description, created_at)sql"};
constexpr sql::Statement kInsert{"roles.insert", R"sql(
    insert into roles (tenant_id, role_id, name, description, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing)sql"};
constexpr sql::Statement kTaken{"roles.taken", "select 1 from roles where tenant_id = $1 and role_id <> $2 and name = $3"};
constexpr sql::Statement kUpdate{"roles.update",
                                 "update roles set name = $3, description = $4 where tenant_id = $1 and role_id = $2"};
constexpr sql::Statement kDelete{"roles.delete", "delete from roles where tenant_id = $1 and role_id = $2"};
constexpr sql::Statement kDeletePermissions{"role_permissions.delete_of_role",
                                            "delete from role_permissions where tenant_id = $1 and role_id = $2"};
constexpr sql::Statement kDeleteMembers{"role_members.delete_of_role",
                                        "delete from role_members where tenant_id = $1 and role_id = $2"};

model::Role read_role(const sql::Row& row) {
  return {.role_id = row.string(0), .name = row.string(1), .description = row.string(2), .created_at = row.instant(3)};
}

}  // namespace

std::optional<model::Role> find(const Reader& r, std::string_view role_id) {
  return r.connection.maybe_one(kFind, {r.tenant, role_id}, read_role);
}

std::optional<model::Role> find_for_change(const Writer& w, std::string_view role_id) {
  return w.connection.maybe_one(kFindForChange, {w.tenant, role_id}, read_role);
}

std::vector<model::Role> list_page(const Reader& r, std::string_view name_filter, const Offset& offset) {
  return r.connection.list(
      kListPage, {r.tenant, base::ascii_lower(name_filter), offset.per_page, std::int64_t{offset.page} * offset.per_page},
      read_role);
}

std::vector<model::Role> list_after(const Reader& r, std::string_view name_filter, const Keyset& keyset) {
  return r.connection.list(kListAfter, {r.tenant, base::ascii_lower(name_filter), keyset.after, keyset.take}, read_role);
}

std::int64_t count(const Reader& r, std::string_view name_filter) {
  return *r.connection.maybe_one(kCount, {r.tenant, base::ascii_lower(name_filter)},
                                 [](const sql::Row& row) { return row.integer(0); });
}

Written insert(const Writer& w, const model::Role& role) {
  const auto inserted = w.connection.execute(kInsert, {w.tenant, role.role_id, role.name, role.description, role.created_at});
  return inserted == 1 ? Written::done : Written::taken;
}

Written update(const Writer& w, const model::Role& role) {
  if (w.connection.maybe_one(kTaken, {w.tenant, role.role_id, role.name}, [](const sql::Row&) { return true; }))
    return Written::taken;
  return w.connection.execute(kUpdate, {w.tenant, role.role_id, role.name, role.description}) == 1 ? Written::done
                                                                                                   : Written::missing;
}

bool delete_one(const Writer& w, std::string_view role_id) {
  if (w.connection.execute(kDelete, {w.tenant, role_id}) == 0) return false;
  w.connection.execute(kDeletePermissions, {w.tenant, role_id});
  w.connection.execute(kDeleteMembers, {w.tenant, role_id});
  return true;
}

}  // namespace segue::store::roles
