#include "base/text.h"
#include "management/answers.h"
#include "management/organizations_api.h"
#include "management/roles_api.h"
#include "store/organization_members.h"
#include "store/organizations.h"
#include "store/users.h"

namespace segue::management {
namespace organization_members_api {
namespace {

namespace organizations = store::organizations;
namespace members = store::organization_members;

const Schema kAddSchema = id_list_schema("OrganizationMembersAdd", "members", "User IDs"),
             kRemoveSchema = id_list_schema("OrganizationMembersRemove", "members", "User IDs");

base::Result<http::Response> list(const Services& services, Invocation& invocation) {
  const auto filter = TRY(FieldFilter::read(invocation.query, member_answer_fields()));
  const auto paging = TRY(read_paging(invocation.query));
  const auto id = invocation.call.path_parameter("id");
  struct Found {
    bool exists = false;
    std::vector<model::User> users;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (!organizations::find(r, id)) return Found{};
    if (paging.is_checkpoint) return Found{true, members::list_after(r, id, paging.keyset)};
    return Found{true, members::list_page(r, id, paging.offset), paging.include_totals ? members::count(r, id) : 0};
  });
  if (!found.exists) return inexistent_organization();
  json::array items;
  std::vector<std::string> keys;
  for (const auto& user : found.users) {
    items.push_back(filter.apply(member_answer(*invocation.tenant, user)));
    keys.push_back(user.user_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("members", paging, std::move(items), keys)
                              : page_answer("members", paging, std::move(items), found.total);
}

base::Result<http::Response> add(const Services& services, Invocation& invocation) {
  const auto wanted = ids_in(invocation, "members");
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    // The users first, as in every transaction; then the organization, so that none joins one that is being deleted.
    std::vector<std::string> unknown;
    for (const auto& user_id : wanted) {
      if (!store::users::lock_standing(w, user_id)) unknown.push_back(user_id);
    }
    const auto organization = organizations::find_for_change(w, invocation.call.path_parameter("id"));
    if (!organization) return inexistent_organization();
    if (!unknown.empty()) return invalid_body("One or more of the specified users do not exist: " + base::join(unknown, ", "));
    for (const auto& user_id : wanted) members::add(w, organization->organization_id, user_id, invocation.now);
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

// A use of the membership that is under way holds the user: it ends before, or finds no membership.
base::Result<http::Response> remove(const Services& services, Invocation& invocation) {
  const auto wanted = ids_in(invocation, "members");
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    for (const auto& user_id : wanted) store::users::find_for_change(w, user_id);
    const auto organization = organizations::find(w, invocation.call.path_parameter("id"));
    if (!organization) return inexistent_organization();
    for (const auto& user_id : wanted) members::remove(w, organization->organization_id, user_id);
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

base::Result<http::Response> list_of_user(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = invocation.call.path_parameter("id");
  struct Found {
    bool exists = false;
    std::vector<model::Organization> organizations;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (!store::users::find(r, user_id)) return Found{};
    return Found{true, organizations::list_of_user(r, user_id, paging.offset),
                 paging.include_totals ? organizations::count_of_user(r, user_id) : 0};
  });
  if (!found.exists) return inexistent_user();
  json::array items;
  for (const auto& organization : found.organizations) items.push_back(organization_answer(organization));
  return page_answer("organizations", paging, std::move(items), found.total);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/organizations/{id}/members",
                      .id = "get_organization_members",
                      .scopes = {"read:organization_members"},
                      .query = list_query({}),
                      .statuses = {200, 404},
                      .summary = "Get members who belong to an organization",
                      .handler = list};
const Operation kAdd{.method = http::Method::post,
                     .path = "/api/v2/organizations/{id}/members",
                     .id = "post_members",
                     .scopes = {"create:organization_members"},
                     .body = &kAddSchema,
                     .statuses = {204, 404},
                     .summary = "Add members to an organization",
                     .handler = add};
const Operation kRemove{.method = http::Method::delete_,
                        .path = "/api/v2/organizations/{id}/members",
                        .id = "delete_members",
                        .scopes = {"delete:organization_members"},
                        .body = &kRemoveSchema,
                        .statuses = {204, 404},
                        .summary = "Delete members from an organization",
                        .handler = remove};
const Operation kOfUser{.method = http::Method::get,
                        .path = "/api/v2/users/{id}/organizations",
                        .id = "get_user_organizations",
                        .scopes = {"read:organizations"},
                        .query = list_query({}),
                        .statuses = {200, 404},
                        .summary = "List user's organizations",
                        .handler = list_of_user};

}  // namespace
}  // namespace organization_members_api

std::vector<const Operation*> organization_member_operations() {
  using namespace organization_members_api;
  return {&kList, &kAdd, &kRemove, &kOfUser};
}

}  // namespace segue::management
