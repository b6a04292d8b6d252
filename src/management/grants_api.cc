#include "management/grants_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/revocation.h"
#include "store/refresh_tokens.h"
#include "store/user_consents.h"
#include "store/users.h"

namespace segue::management {
namespace grants_api {
namespace {

namespace consents = store::user_consents;

json::object answer_of(const model::UserConsent& consent) {
  json::array scope;
  for (auto& item : base::split(consent.scope, ' ')) scope.emplace_back(std::move(item));
  return {{"id", consent.consent_id},
          {"clientID", consent.client_id},
          {"user_id", consent.user_id},
          {"audience", consent.audience},
          {"scope", std::move(scope)}};
}

base::Result<http::Response> list_grants(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  if (paging.is_checkpoint) return invalid_query("Query validation error: 'Grants are paged with page and per_page'.");
  const auto text = [&](std::string_view name) { return json::find_string(invocation.query, name).value_or(""); };
  const consents::Filter filter{text("user_id"), text("client_id"), text("audience")};
  struct Found {
    std::vector<model::UserConsent> consents;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return Found{consents::list_page(r, filter, paging.offset), paging.include_totals ? consents::count(r, filter) : 0};
  });
  json::array items;
  for (const auto& consent : found.consents) items.push_back(answer_of(consent));
  return page_answer("grants", paging, std::move(items), found.total);
}

// The next sign-in asks again, and what the client holds for it ends. The user is locked first: no refresh and no code exchange
// of theirs runs beside it.
void revoke(const store::Writer& w, const Invocation& invocation, const model::UserConsent& consent) {
  consents::delete_one(w, consent.consent_id);
  const bool cascades = revocation_cascades_at(w, consent.client_id);
  const auto& tenant = *invocation.tenant;
  // A consent without an API stands under the tenant's /userinfo (oauth/consent.cc).
  const bool for_profile = consent.audience == tenant.issuer(tenant.tenant().canonical_domain()) + "userinfo";
  store::refresh_tokens::revoke_families_of(w, consent.user_id, consent.client_id, for_profile ? "" : consent.audience, cascades,
                                            invocation.now);
}

base::Result<http::Response> delete_grant(const Services& services, Invocation& invocation) {
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto id = invocation.call.path_parameter("id");
    auto consent = consents::find(w, id);
    if (!consent) return false;
    store::users::find_for_change(w, consent->user_id);
    consent = consents::find(w, id);
    if (!consent) return false;
    revoke(w, invocation, *consent);
    append_change(w, invocation, 204);
    return true;
  });
  return http::empty_response(204);
}

base::Result<http::Response> delete_grants_of_user(const Services& services, Invocation& invocation) {
  const auto user_id = json::find_string(invocation.query, "user_id").value_or("");
  if (user_id.empty()) return invalid_query("Query validation error: 'Missing required property: user_id'.");
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    store::users::find_for_change(w, user_id);
    // Page by page: each page is gone when the next one is read.
    constexpr store::Offset kPage{.page = 0, .per_page = 100};
    bool any = false;
    for (auto page = consents::list_page(w, {.user_id = user_id}, kPage); !page.empty();
         page = consents::list_page(w, {.user_id = user_id}, kPage)) {
      for (const auto& consent : page) revoke(w, invocation, consent);
      any = true;
    }
    if (any) append_change(w, invocation, 204);
    return any;
  });
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/grants",
                      .id = "get_grants",
                      .scopes = {"read:grants"},
                      .query = list_query({{.name = "user_id", .description = "Whose grants"},
                                           {.name = "client_id", .description = "Of which client"},
                                           {.name = "audience", .description = "For which API"}}),
                      .statuses = {200},
                      .summary = "Get grants",
                      .handler = list_grants};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/grants/{id}",
                        .id = "delete_grants_by_id",
                        .scopes = {"delete:grants"},
                        .statuses = {204},
                        .summary = "Delete a grant by id",
                        .handler = delete_grant};
const Operation kDeleteOfUser{.method = http::Method::delete_,
                              .path = "/api/v2/grants",
                              .id = "delete_grants_by_user_id",
                              .scopes = {"delete:grants"},
                              .query = {{.name = "user_id", .description = "Whose grants"}},
                              .statuses = {204},
                              .summary = "Delete a grant by user_id",
                              .handler = delete_grants_of_user};

}  // namespace
}  // namespace grants_api

std::vector<const Operation*> grant_operations() {
  using namespace grants_api;
  return {&kList, &kDelete, &kDeleteOfUser};
}

}  // namespace segue::management
