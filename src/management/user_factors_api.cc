// What users have to prove themselves with besides their identities: nothing yet. Tools that ask see that there is nothing, and
// who wants to add something is told so (contract §9.12).
#include "management/answers.h"
#include "management/authorization.h"
#include "management/errors.h"
#include "management/users_api.h"
#include "store/users.h"

namespace segue::management {
namespace user_factors_api {
namespace {

const Schema kAnything{.name = "UserFactor", .root = {.name = "", .type = Type::object, .open = true}};

base::Outcome check_user(const Services& services, const Invocation& invocation) {
  const auto user = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::users::find(r, invocation.call.path_parameter("id"));
  });
  if (!user) return inexistent_user();
  return base::Unit{};
}

base::Result<http::Response> list_enrollments(const Services& services, Invocation& invocation) {
  TRY(require_own_user(invocation.token, {"read:users"}, invocation.call.path_parameter("id")));
  TRY(check_user(services, invocation));
  return json_answer(200, json::array{});
}

base::Result<http::Response> list_methods(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  TRY(check_user(services, invocation));
  return page_answer("authenticators", paging, {}, 0);
}

base::Result<http::Response> remove_all(const Services& services, Invocation& invocation) {
  TRY(check_user(services, invocation));
  return http::empty_response(204);
}

base::Result<http::Response> refuse_method(const Services& services, Invocation& invocation) {
  TRY(check_user(services, invocation));
  return not_supported("No authentication method can be enrolled: users prove themselves with their password here.");
}

const Operation kEnrollments{.method = http::Method::get,
                             .path = "/api/v2/users/{id}/enrollments",
                             .id = "get_enrollments",
                             .scopes = {"read:users", "read:current_user"},
                             .statuses = {200, 404},
                             .summary = "Get the first confirmed multi-factor enrollments",
                             .handler = list_enrollments};
const Operation kMethods{.method = http::Method::get,
                         .path = "/api/v2/users/{id}/authentication-methods",
                         .id = "get_authentication_methods",
                         .scopes = {"read:authentication_methods"},
                         .query = list_query({}),
                         .statuses = {200, 404},
                         .summary = "Get a list of authentication methods",
                         .handler = list_methods};
const Operation kAddMethod{.method = http::Method::post,
                           .path = "/api/v2/users/{id}/authentication-methods",
                           .id = "post_authentication_methods",
                           .scopes = {"create:authentication_methods"},
                           .body = &kAnything,
                           .served = false,
                           .statuses = {404},
                           .summary = "Not served: users prove themselves with their password",
                           .handler = refuse_method};
const Operation kRemoveMethods{.method = http::Method::delete_,
                               .path = "/api/v2/users/{id}/authentication-methods",
                               .id = "delete_authentication_methods",
                               .scopes = {"delete:authentication_methods"},
                               .statuses = {204, 404},
                               .summary = "Delete all authentication methods",
                               .handler = remove_all};
const Operation kRemoveAuthenticators{.method = http::Method::delete_,
                                      .path = "/api/v2/users/{id}/authenticators",
                                      .id = "delete_authenticators",
                                      .scopes = {"delete:guardian_enrollments"},
                                      .statuses = {204, 404},
                                      .summary = "Delete all authenticators",
                                      .handler = remove_all};
const Operation kRemoveFactor{.method = http::Method::delete_,
                              .path = "/api/v2/users/{id}/multifactor/{provider}",
                              .id = "delete_multifactor_by_provider",
                              .scopes = {"update:users"},
                              .statuses = {204, 404},
                              .summary = "Delete a user's multi-factor provider",
                              .handler = remove_all};

}  // namespace
}  // namespace user_factors_api

std::vector<const Operation*> user_factor_operations() {
  using namespace user_factors_api;
  return {&kEnrollments, &kMethods, &kAddMethod, &kRemoveMethods, &kRemoveAuthenticators, &kRemoveFactor};
}

}  // namespace segue::management
