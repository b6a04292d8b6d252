// Who has which role: of users, of roles, and of members of an organization. One set of rows, seen from three sides.
#include <algorithm>

#include "base/text.h"
#include "management/answers.h"
#include "management/organizations_api.h"
#include "management/roles_api.h"
#include "management/user_answer.h"
#include "store/organization_members.h"
#include "store/organizations.h"
#include "store/role_members.h"
#include "store/roles.h"
#include "store/users.h"

namespace segue::management {
namespace role_members_api {
namespace {

namespace members = store::role_members;

const Schema kRolesOfUserAdd = id_list_schema("UserRolesAdd", "roles", "Role IDs");
const Schema kRolesOfUserRemove = id_list_schema("UserRolesRemove", "roles", "Role IDs");
const Schema kRolesOfMemberAdd = id_list_schema("OrganizationMemberRolesAdd", "roles", "Role IDs");
const Schema kRolesOfMemberRemove = id_list_schema("OrganizationMemberRolesRemove", "roles", "Role IDs");
const Schema kUsersOfRoleAdd = id_list_schema("RoleUsersAdd", "users", "User IDs");

// Locks each, so that none is deleted before it is given.
std::vector<std::string> unknown_roles(const store::Writer& w, const std::vector<std::string>& role_ids) {
  std::vector<std::string> out;
  for (const auto& role_id : role_ids) {
    if (!store::roles::find_for_change(w, role_id)) out.push_back(role_id);
  }
  return out;
}

http::Response roles_page(const Paging& paging, const std::vector<model::Role>& roles, std::int64_t total) {
  json::array items;
  for (const auto& role : roles) items.push_back(role_answer(role));
  return page_answer("roles", paging, std::move(items), total);
}

// --- /users/{id}/roles ---

base::Result<http::Response> list_of_user(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const members::Holder holder{.user_id = invocation.call.path_parameter("id")};
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::users::find(r, holder.user_id)) return inexistent_user();
    return roles_page(paging, members::roles_of(r, holder, paging.offset),
                      paging.include_totals ? members::count_of(r, holder) : 0);
  });
}

base::Result<http::Response> add_to_user(const Services& services, Invocation& invocation) {
  const auto role_ids = ids_in(invocation, "roles");
  const members::Holder holder{.user_id = invocation.call.path_parameter("id")};
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    // The user first, as in every transaction.
    if (!store::users::lock_standing(w, holder.user_id)) return inexistent_user();
    if (!unknown_roles(w, role_ids).empty()) return inexistent_role();
    for (const auto& role_id : role_ids) members::add(w, holder, role_id, invocation.now);
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

// A sign-in that is under way holds the user: it ends before, or finds the role gone.
base::Result<http::Response> remove_from_user(const Services& services, Invocation& invocation) {
  const auto role_ids = ids_in(invocation, "roles");
  const members::Holder holder{.user_id = invocation.call.path_parameter("id")};
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!store::users::find_for_change(w, holder.user_id)) return inexistent_user();
    for (const auto& role_id : role_ids) members::remove(w, holder, role_id);
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

// --- /roles/{id}/users ---

base::Result<http::Response> list_of_role(const Services& services, Invocation& invocation) {
  const auto filter = TRY(FieldFilter::read(invocation.query, member_answer_fields()));
  const auto paging = TRY(read_paging(invocation.query));
  const auto role_id = invocation.call.path_parameter("id");
  struct Found {
    std::vector<model::User> users;
    std::int64_t total = 0;
  };
  const auto found =
      TRY(services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<Found> {
        if (!store::roles::find(r, role_id)) return inexistent_role();
        if (paging.is_checkpoint) return Found{members::users_after(r, role_id, paging.keyset)};
        return Found{members::users_page(r, role_id, paging.offset),
                     paging.include_totals ? members::count_users(r, role_id) : 0};
      }));
  json::array items;
  std::vector<std::string> keys;
  for (const auto& user : found.users) {
    items.push_back(filter.apply(member_answer(*invocation.tenant, user)));
    keys.push_back(user.user_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("users", paging, std::move(items), keys)
                              : page_answer("users", paging, std::move(items), found.total);
}

base::Result<http::Response> add_to_role(const Services& services, Invocation& invocation) {
  const auto user_ids = ids_in(invocation, "users");
  const auto role_id = invocation.call.path_parameter("id");
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    bool all = true;
    for (const auto& user_id : user_ids) all = store::users::lock_standing(w, user_id) && all;
    if (!store::roles::find_for_change(w, role_id)) return inexistent_role();
    if (!all) return not_found("One or more of the users do not exist", "inexistent_user");
    for (const auto& user_id : user_ids) members::add(w, {.user_id = user_id}, role_id, invocation.now);
    append_change(w, invocation, 200);
    return json_answer(200, json::object{});
  });
}

// --- /organizations/{id}/members/{user_id}/roles ---

struct Member {
  std::string_view organization_id, user_id;
  members::Holder holder() const { return {.user_id = user_id, .organization_id = organization_id}; }
};

Member member_of(const Invocation& invocation) {
  return {invocation.call.path_parameter("id"), invocation.call.path_parameter("user_id")};
}

base::Outcome check_member(const store::Reader& r, const Member& member) {
  if (!store::organizations::find(r, member.organization_id)) return inexistent_organization();
  if (!store::organization_members::is_member(r, member.organization_id, member.user_id))
    return not_found("The user is not a member of the organization", "inexistent_organization_member");
  return base::Unit{};
}

base::Result<http::Response> list_of_member(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto member = member_of(invocation);
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    TRY(check_member(r, member));
    return roles_page(paging, members::roles_of(r, member.holder(), paging.offset),
                      paging.include_totals ? members::count_of(r, member.holder()) : 0);
  });
}

base::Result<http::Response> add_to_member(const Services& services, Invocation& invocation) {
  const auto role_ids = ids_in(invocation, "roles");
  const auto member = member_of(invocation);
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    // Who removes a member holds the user for change, who deletes an organization holds its row.
    if (!store::users::lock_standing(w, member.user_id)) return inexistent_user();
    store::organizations::find_for_change(w, member.organization_id);
    TRY(check_member(w, member));
    if (const auto unknown = unknown_roles(w, role_ids); !unknown.empty())
      return invalid_body("One or more of the specified roles do not exist: " + base::join(unknown, ", "));
    for (const auto& role_id : role_ids) members::add(w, member.holder(), role_id, invocation.now);
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

base::Result<http::Response> remove_from_member(const Services& services, Invocation& invocation) {
  const auto role_ids = ids_in(invocation, "roles");
  const auto member = member_of(invocation);
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    store::users::find_for_change(w, member.user_id);
    TRY(check_member(w, member));
    for (const auto& role_id : role_ids) members::remove(w, member.holder(), role_id);
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

const Operation kListOfUser{.method = http::Method::get,
                            .path = "/api/v2/users/{id}/roles",
                            .id = "get_user_roles",
                            .scopes = {"read:users", "read:roles", "read:role_members"},
                            .query = list_query({}),
                            .statuses = {200, 404},
                            .summary = "Get a user's roles",
                            .handler = list_of_user};
const Operation kAddToUser{.method = http::Method::post,
                           .path = "/api/v2/users/{id}/roles",
                           .id = "post_user_roles",
                           .scopes = {"update:users", "create:role_members"},
                           .body = &kRolesOfUserAdd,
                           .statuses = {204, 404},
                           .summary = "Assign roles to a user",
                           .handler = add_to_user};
const Operation kRemoveFromUser{.method = http::Method::delete_,
                                .path = "/api/v2/users/{id}/roles",
                                .id = "delete_user_roles",
                                .scopes = {"update:users", "delete:role_members"},
                                .body = &kRolesOfUserRemove,
                                .statuses = {204, 404},
                                .summary = "Remove roles from a user",
                                .handler = remove_from_user};
const Operation kListOfRole{.method = http::Method::get,
                            .path = "/api/v2/roles/{id}/users",
                            .id = "get_role_user",
                            .scopes = {"read:users", "read:roles", "read:role_members"},
                            .query = list_query({}),
                            .statuses = {200, 404},
                            .summary = "Get a role's users",
                            .handler = list_of_role};
const Operation kAddToRole{.method = http::Method::post,
                           .path = "/api/v2/roles/{id}/users",
                           .id = "post_role_users",
                           .scopes = {"update:roles", "create:role_members"},
                           .body = &kUsersOfRoleAdd,
                           .statuses = {200, 404},
                           .summary = "Assign users to a role",
                           .handler = add_to_role};
const Operation kListOfMember{.method = http::Method::get,
                              .path = "/api/v2/organizations/{id}/members/{user_id}/roles",
                              .id = "get_organization_member_roles",
                              .scopes = {"read:organization_member_roles"},
                              .query = list_query({}),
                              .statuses = {200, 404},
                              .summary = "Get user roles assigned to an organization member",
                              .handler = list_of_member};
const Operation kAddToMember{.method = http::Method::post,
                             .path = "/api/v2/organizations/{id}/members/{user_id}/roles",
                             .id = "post_organization_member_roles",
                             .scopes = {"create:organization_member_roles"},
                             .body = &kRolesOfMemberAdd,
                             .statuses = {204, 404},
                             .summary = "Assign user roles to an organization member",
                             .handler = add_to_member};
const Operation kRemoveFromMember{.method = http::Method::delete_,
                                  .path = "/api/v2/organizations/{id}/members/{user_id}/roles",
                                  .id = "delete_organization_member_roles",
                                  .scopes = {"delete:organization_member_roles"},
                                  .body = &kRolesOfMemberRemove,
                                  .statuses = {204, 404},
                                  .summary = "Delete user roles from an organization member",
                                  .handler = remove_from_member};

}  // namespace
}  // namespace role_members_api

Schema id_list_schema(std::string name, std::string list, std::string description) {
  return object_schema(std::move(name), {enforced({.name = std::move(list),
                                                   .type = Type::array,
                                                   .description = std::move(description),
                                                   .required = true,
                                                   .min_length = 1,
                                                   .max_length = 100,
                                                   .items = {{.name = "", .min_length = 1, .max_length = 300}}})});
}

std::vector<std::string> ids_in(const Invocation& invocation, std::string_view name) {
  auto out = json::find_strings(invocation.body.get_object(), name);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

const std::vector<std::string>& member_answer_fields() {
  static const std::vector<std::string> names = {"user_id", "email", "picture", "name"};
  return names;
}

json::object member_answer(const tenancy::Snapshot& tenant, const model::User& user) {
  const auto whole = user_answer(tenant, user);
  json::object out;
  for (const auto& name : member_answer_fields()) {
    if (const auto* const value = json::find(whole, name)) out[name] = *value;
  }
  return out;
}

std::vector<const Operation*> role_member_operations() {
  using namespace role_members_api;
  return {&kListOfUser, &kAddToUser,    &kRemoveFromUser, &kListOfRole,
          &kAddToRole,  &kListOfMember, &kAddToMember,    &kRemoveFromMember};
}

}  // namespace segue::management
