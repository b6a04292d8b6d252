// The permissions of roles and of users (contract §9.11).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "management/answers.h"
#include "management/roles_api.h"
#include "store/permissions.h"
#include "store/resource_servers.h"
#include "store/roles.h"
#include "store/users.h"

namespace segue::management {
namespace permissions_api {
namespace {

namespace permissions = store::permissions;

Schema schema(std::string name) {
  return object_schema(std::move(name), {enforced({.name = "permissions",
                                                   .type = Type::array,
                                                   .description = "Scopes of APIs",
                                                   .required = true,
                                                   .min_length = 1,
                                                   .max_length = 1000,
                                                   .items = {{.name = "",
                                                              .type = Type::object,
                                                              .members = {{.name = "resource_server_identifier",
                                                                           .description = "Identifier of the API",
                                                                           .required = true,
                                                                           .min_length = 1,
                                                                           .max_length = 600},
                                                                          {.name = "permission_name",
                                                                           .description = "Scope of the API",
                                                                           .required = true,
                                                                           .min_length = 1,
                                                                           .max_length = 280}}}}})});
}
const Schema kRoleAdd = schema("RolePermissionsAdd"), kRoleRemove = schema("RolePermissionsRemove"),
             kUserAdd = schema("UserPermissionsAdd"), kUserRemove = schema("UserPermissionsRemove");

// In one order everywhere, each once: their APIs are locked in it.
std::vector<model::Permission> wanted(const Invocation& invocation) {
  std::vector<model::Permission> out;
  for (const auto& each : invocation.body.get_object().at("permissions").as_array()) {
    const auto& o = each.get_object();
    out.push_back({.audience = json::find_string(o, "resource_server_identifier").value_or(""),
                   .name = json::find_string(o, "permission_name").value_or("")});
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Each API is locked: its scopes stay until the permission stands.
base::Outcome check_exist(const store::Writer& w, const std::vector<model::Permission>& wanted) {
  std::optional<model::ResourceServer> api;
  for (const auto& permission : wanted) {
    if (!api || api->identifier != permission.audience) {
      api = store::resource_servers::find_for_change(w, permission.audience);
      if (!api || api->identifier != permission.audience) return inexistent_resource_server();
    }
    if (!base::contains(api->scopes, permission.name)) {
      return not_found(
          "The permission \"" + permission.name + "\" does not exist: the API " + permission.audience + " has no such scope",
          "inexistent_permission");
    }
  }
  return base::Unit{};
}

// Answers name the API and describe the scope; each API is read once.
class Descriptions {
 public:
  explicit Descriptions(const store::Reader& r) : r_(r) {}
  json::object answer(const model::Permission& permission) {
    auto [found, is_new] = apis_.try_emplace(permission.audience);
    if (is_new) found->second = store::resource_servers::find_by_identifier(r_, permission.audience);
    json::object out{{"permission_name", permission.name}, {"resource_server_identifier", permission.audience}};
    if (!found->second) return out;
    out["resource_server_name"] = found->second->name;
    const auto* const scopes = json::find(found->second->document, "scopes");
    if (scopes == nullptr || !scopes->is_array()) return out;
    for (const auto& scope : scopes->get_array()) {
      if (json::find_string(scope.get_object(), "value") != permission.name) continue;
      out["description"] = json::find_string(scope.get_object(), "description").value_or("");
    }
    return out;
  }

 private:
  const store::Reader& r_;
  std::map<std::string, std::optional<model::ResourceServer>> apis_;
};

base::Result<http::Response> list_of_role(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto role_id = invocation.call.path_parameter("id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::roles::find(r, role_id)) return inexistent_role();
    Descriptions descriptions(r);
    json::array items;
    for (const auto& permission : permissions::list_of_role(r, role_id, paging.offset))
      items.push_back(descriptions.answer(permission));
    return page_answer("permissions", paging, std::move(items),
                       paging.include_totals ? permissions::count_of_role(r, role_id) : 0);
  });
}

base::Result<http::Response> add_to_role(const Services& services, Invocation& invocation) {
  const auto role_id = invocation.call.path_parameter("id");
  const auto list = wanted(invocation);
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!store::roles::find_for_change(w, role_id)) return inexistent_role();
    TRY(check_exist(w, list));
    for (const auto& permission : list) permissions::add_to_role(w, role_id, permission);
    append_change(w, invocation, 201);
    return json_answer(201, json::object{});
  });
}

base::Result<http::Response> remove_from_role(const Services& services, Invocation& invocation) {
  const auto role_id = invocation.call.path_parameter("id");
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!store::roles::find_for_change(w, role_id)) return inexistent_role();
    for (const auto& permission : wanted(invocation)) permissions::remove_from_role(w, role_id, permission);
    append_change(w, invocation, 200);
    return json_answer(200, json::object{});
  });
}

json::object source_of(const model::HeldPermission& held) {
  return {
      {"source_id", held.role_id}, {"source_name", held.role_name}, {"source_type", held.role_id.empty() ? "DIRECT" : "ROLE"}};
}

// One entry per permission, with all its sources; the rows come in that order.
json::array held_answer(const store::Reader& r, const std::vector<model::HeldPermission>& held) {
  Descriptions descriptions(r);
  json::array out;
  const model::Permission* last = nullptr;
  for (const auto& each : held) {
    if (last == nullptr || *last != each.permission) {
      out.push_back(descriptions.answer(each.permission));
      out.back().get_object()["sources"] = json::array{};
      last = &each.permission;
    }
    out.back().get_object()["sources"].get_array().push_back(source_of(each));
  }
  return out;
}

base::Result<http::Response> list_of_user(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = invocation.call.path_parameter("id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::users::find(r, user_id)) return inexistent_user();
    auto all = held_answer(r, permissions::held_by(r, user_id));
    const auto total = static_cast<std::int64_t>(all.size());
    const auto first = std::int64_t{paging.offset.page} * paging.offset.per_page;
    json::array items;
    for (auto i = first; i < total && i < first + paging.offset.per_page; ++i)
      items.push_back(std::move(all[static_cast<std::size_t>(i)]));
    return page_answer("permissions", paging, std::move(items), total);
  });
}

base::Result<http::Response> add_to_user(const Services& services, Invocation& invocation) {
  const auto user_id = invocation.call.path_parameter("id");
  const auto list = wanted(invocation);
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    // The user first, as in every transaction.
    if (!store::users::lock_standing(w, user_id)) return inexistent_user();
    TRY(check_exist(w, list));
    for (const auto& permission : list) permissions::add_to_user(w, user_id, permission);
    append_change(w, invocation, 201);
    return json_answer(201, json::object{});
  });
}

// A sign-in that is under way holds the user: it ends before, or finds the permission gone.
base::Result<http::Response> remove_from_user(const Services& services, Invocation& invocation) {
  const auto user_id = invocation.call.path_parameter("id");
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!store::users::find_for_change(w, user_id)) return inexistent_user();
    for (const auto& permission : wanted(invocation)) permissions::remove_from_user(w, user_id, permission);
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

const Operation kListOfRole{.method = http::Method::get,
                            .path = "/api/v2/roles/{id}/permissions",
                            .id = "get_role_permission",
                            .scopes = {"read:roles"},
                            .query = list_query({}),
                            .statuses = {200, 404},
                            .summary = "Get permissions granted by a role",
                            .handler = list_of_role};
const Operation kAddToRole{.method = http::Method::post,
                           .path = "/api/v2/roles/{id}/permissions",
                           .id = "post_role_permission_assignment",
                           .scopes = {"update:roles"},
                           .body = &kRoleAdd,
                           .statuses = {201, 404},
                           .summary = "Associate permissions with a role",
                           .handler = add_to_role};
const Operation kRemoveFromRole{.method = http::Method::delete_,
                                .path = "/api/v2/roles/{id}/permissions",
                                .id = "delete_role_permission_assignment",
                                .scopes = {"update:roles"},
                                .body = &kRoleRemove,
                                .statuses = {200, 404},
                                .summary = "Remove permissions from a role",
                                .handler = remove_from_role};
const Operation kListOfUser{.method = http::Method::get,
                            .path = "/api/v2/users/{id}/permissions",
                            .id = "get_permissions",
                            .scopes = {"read:users"},
                            .query = list_query({}),
                            .statuses = {200, 404},
                            .summary = "Get a user's permissions",
                            .handler = list_of_user};
const Operation kAddToUser{.method = http::Method::post,
                           .path = "/api/v2/users/{id}/permissions",
                           .id = "post_permissions",
                           .scopes = {"update:users"},
                           .body = &kUserAdd,
                           .statuses = {201, 404},
                           .summary = "Assign permissions to a user",
                           .handler = add_to_user};
const Operation kRemoveFromUser{.method = http::Method::delete_,
                                .path = "/api/v2/users/{id}/permissions",
                                .id = "delete_permissions",
                                .scopes = {"update:users"},
                                .body = &kUserRemove,
                                .statuses = {204, 404},
                                .summary = "Remove permissions from a user",
                                .handler = remove_from_user};

}  // namespace
}  // namespace permissions_api

std::vector<const Operation*> permission_operations() {
  using namespace permissions_api;
  return {&kListOfRole, &kAddToRole, &kRemoveFromRole, &kListOfUser, &kAddToUser, &kRemoveFromUser};
}

}  // namespace segue::management
