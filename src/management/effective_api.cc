// What a user may do in all, and by which roles (contract §9.12). There are no groups here, so every role is had directly.
#include <algorithm>

#include "management/answers.h"
#include "management/organizations_api.h"
#include "management/roles_api.h"
#include "store/organization_members.h"
#include "store/organizations.h"
#include "store/permissions.h"
#include "store/resource_servers.h"
#include "store/role_members.h"
#include "store/roles.h"
#include "store/users.h"

namespace segue::management {
namespace effective_api {
namespace {

// Checkpoint pages of a list that was read whole: a user has few roles, and an API few scopes.
http::Response page_of(std::string_view name, const Paging& paging,
                       const std::vector<std::pair<std::string, json::object>>& all) {
  json::array items;
  std::vector<std::string> keys;
  for (const auto& [key, item] : all) {
    if (key <= paging.keyset.after) continue;
    items.push_back(item);
    keys.push_back(key);
    if (items.size() == static_cast<std::size_t>(paging.keyset.take)) break;
  }
  return checkpoint_answer(name, paging, std::move(items), keys);
}

std::vector<std::pair<std::string, json::object>> roles_of(const store::Reader& r, const store::role_members::Holder& holder) {
  constexpr int kPage = 100;
  std::vector<std::pair<std::string, json::object>> out;
  for (int page = 0;; ++page) {
    const auto roles = store::role_members::roles_of(r, holder, {.page = page, .per_page = kPage});
    for (const auto& role : roles) {
      out.emplace_back(
          role.role_id,
          json::object{
              {"id", role.role_id}, {"name", role.name}, {"description", role.description}, {"sources", json::array{"direct"}}});
    }
    if (roles.size() < static_cast<std::size_t>(kPage)) break;
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

base::Result<http::Response> roles_of_user(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = invocation.call.path_parameter("id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::users::find(r, user_id)) return inexistent_user();
    return page_of("roles", paging, roles_of(r, {.user_id = user_id}));
  });
}

base::Result<http::Response> roles_of_member(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto organization_id = invocation.call.path_parameter("id"), user_id = invocation.call.path_parameter("user_id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::organizations::find(r, organization_id)) return inexistent_organization();
    if (!store::organization_members::is_member(r, organization_id, user_id)) return inexistent_user();
    return page_of("roles", paging, roles_of(r, {.user_id = user_id, .organization_id = organization_id}));
  });
}

std::string description_of(const model::ResourceServer& api, std::string_view scope) {
  const auto* const scopes = json::find(api.document, "scopes");
  if (scopes == nullptr || !scopes->is_array()) return {};
  for (const auto& each : scopes->get_array()) {
    if (json::find_string(each.get_object(), "value") == scope)
      return json::find_string(each.get_object(), "description").value_or("");
  }
  return {};
}

// By permission: the rows come in that order, one for each source.
base::Result<http::Response> permissions_of_user(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = invocation.call.path_parameter("id");
  const auto audience = json::find_string(invocation.query, "resource_server_identifier").value_or("");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::users::find(r, user_id)) return inexistent_user();
    const auto api = store::resource_servers::find_by_identifier(r, audience);
    if (!api) return inexistent_resource_server();
    std::vector<std::pair<std::string, json::object>> all;
    for (const auto& held : store::permissions::held_by(r, user_id)) {
      if (held.permission.audience != audience) continue;
      if (all.empty() || all.back().first != held.permission.name) {
        all.emplace_back(held.permission.name, json::object{{"permission_name", held.permission.name},
                                                            {"resource_server_identifier", audience},
                                                            {"resource_server_name", api->name},
                                                            {"description", description_of(*api, held.permission.name)},
                                                            {"sources", json::array{}}});
      }
      auto& sources = all.back().second["sources"].get_array();
      const json::value source(held.role_id.empty() ? "direct" : "roles");
      if (std::find(sources.begin(), sources.end(), source) == sources.end()) sources.push_back(source);
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return page_of("permissions", paging, all);
  });
}

base::Result<http::Response> roles_of_permission(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = invocation.call.path_parameter("id");
  const model::Permission wanted{.audience = json::find_string(invocation.query, "resource_server_identifier").value_or(""),
                                 .name = json::find_string(invocation.query, "permission_name").value_or("")};
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::users::find(r, user_id)) return inexistent_user();
    std::vector<std::string> giving;
    for (const auto& held : store::permissions::held_by(r, user_id)) {
      if (held.permission == wanted && !held.role_id.empty()) giving.push_back(held.role_id);
    }
    auto all = roles_of(r, {.user_id = user_id});
    std::erase_if(all, [&](const auto& role) { return std::find(giving.begin(), giving.end(), role.first) == giving.end(); });
    return page_of("roles", paging, all);
  });
}

// A role that nobody has by a group; the user and the role are there all the same, or it is said that they are not.
base::Result<http::Response> groups_of_role(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = invocation.call.path_parameter("id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::users::find(r, user_id)) return inexistent_user();
    if (!store::roles::find(r, json::find_string(invocation.query, "role_id").value_or(""))) return inexistent_role();
    return page_of("groups", paging, {});
  });
}

base::Result<http::Response> groups_of_member_role(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto organization_id = invocation.call.path_parameter("id"), user_id = invocation.call.path_parameter("user_id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!store::organizations::find(r, organization_id)) return inexistent_organization();
    if (!store::organization_members::is_member(r, organization_id, user_id)) return inexistent_user();
    if (!store::roles::find(r, json::find_string(invocation.query, "role_id").value_or(""))) return inexistent_role();
    return page_of("groups", paging, {});
  });
}

std::vector<Field> of_role() {
  return keyset_query({{.name = "role_id", .description = "Role", .required = true, .max_length = 100}});
}

std::vector<Field> of_permission(bool with_name) {
  std::vector<Field> out{
      {.name = "resource_server_identifier", .description = "Identifier of the API", .required = true, .max_length = 600}};
  if (with_name)
    out.push_back({.name = "permission_name", .description = "Scope of the API", .required = true, .max_length = 280});
  return keyset_query(std::move(out));
}

const Operation kRolesOfUser{.method = http::Method::get,
                             .path = "/api/v2/users/{id}/effective-roles",
                             .id = "get_user_effective_roles",
                             .scopes = {"read:user_effective_roles"},
                             .query = keyset_query({}),
                             .statuses = {200, 404},
                             .summary = "Get a user's effective roles",
                             .handler = roles_of_user};
const Operation kRolesOfMember{.method = http::Method::get,
                               .path = "/api/v2/organizations/{id}/members/{user_id}/effective-roles",
                               .id = "get_organization_member_effective_roles",
                               .scopes = {"read:organization_member_effective_roles"},
                               .query = keyset_query({}),
                               .statuses = {200, 404},
                               .summary = "Get a member's effective roles in an organization",
                               .handler = roles_of_member};
const Operation kGroupsOfRole{.method = http::Method::get,
                              .path = "/api/v2/users/{id}/effective-roles/sources/groups",
                              .id = "get_user_role_source_groups",
                              .scopes = {"read:user_role_source_groups"},
                              .query = of_role(),
                              .statuses = {200, 404},
                              .summary = "Get the groups by which a user has a role: there are none",
                              .handler = groups_of_role};
const Operation kGroupsOfMemberRole{.method = http::Method::get,
                                    .path = "/api/v2/organizations/{id}/members/{user_id}/effective-roles/sources/groups",
                                    .id = "get_organization_member_role_source_groups",
                                    .scopes = {"read:organization_member_role_source_groups"},
                                    .query = of_role(),
                                    .statuses = {200, 404},
                                    .summary = "Get the groups by which a member has a role: there are none",
                                    .handler = groups_of_member_role};
const Operation kPermissions{.method = http::Method::get,
                             .path = "/api/v2/users/{id}/effective-permissions",
                             .id = "get_user_effective_permissions",
                             .scopes = {"read:user_effective_permissions"},
                             .query = of_permission(false),
                             .statuses = {200, 404},
                             .summary = "Get a user's effective permissions at an API",
                             .handler = permissions_of_user};
const Operation kRolesOfPermission{.method = http::Method::get,
                                   .path = "/api/v2/users/{id}/effective-permissions/sources/effective-roles",
                                   .id = "get_user_permission_source_roles",
                                   .scopes = {"read:user_permission_source_roles"},
                                   .query = of_permission(true),
                                   .statuses = {200, 404},
                                   .summary = "Get the roles by which a user has a permission",
                                   .handler = roles_of_permission};

}  // namespace
}  // namespace effective_api

std::vector<const Operation*> effective_operations() {
  using namespace effective_api;
  return {&kRolesOfUser, &kRolesOfMember, &kGroupsOfRole, &kGroupsOfMemberRole, &kPermissions, &kRolesOfPermission};
}

}  // namespace segue::management
