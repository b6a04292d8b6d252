#include "oauth/grants/refresh_resource.h"

#include "base/text.h"
#include "oauth/consent.h"
#include "oauth/resource.h"
#include "tenancy/user_scopes.h"

namespace segue::oauth {
namespace {

// There is no page to ask on: the API skips consent, or the user gave it before.
bool is_allowed(const store::Reader& r, const RefreshQuestion& q, const tenancy::PolicyGrant& added) {
  return added.api->skip_consent_for_verifiable_first_party_clients ||
         consent_stands(r, {q.tenant, q.client.client_id, q.family.user_id, added.api->identifier,
                            narrowed(base::join(added.scopes, " "), q.scope)});
}

std::vector<std::string> oidc_scopes(const std::string& scope) {
  auto out = base::split(scope, ' ');
  std::erase_if(out, [](const auto& each) { return !is_oidc_scope(each); });
  return out;
}

// contract §4.7: an API takes online refresh tokens or does not, and asks again about sessions that end with their browser.
bool takes(const model::ResourceServer& api, const model::Session& session) {
  return api.allow_online_access && (session.persistent || api.allow_online_access_with_ephemeral_sessions);
}

}  // namespace

RefreshResource refresh_resource(const store::Reader& r, const RefreshQuestion& q) {
  using Answer = RefreshResource::Answer;
  RefreshResource out;
  out.audience = q.audience.empty() ? q.family.audience : std::string(q.audience);
  const bool own = out.audience == q.family.audience;
  if (own && q.client.refresh_token.policies.empty()) {
    out.answer = Answer::granted;
    out.scope = narrowed(q.family.scope, q.scope);
    return out;
  }
  const auto added = tenancy::policy_grant(q.tenant, q.client, out.audience, r);
  if (!own && (!added || (q.session != nullptr && !takes(*added->api, *q.session)))) return out;
  const bool allowed = added && is_allowed(r, q, *added);
  // What the token was issued for stays; only what a policy would add is left out.
  if (!own && !allowed) return out.answer = Answer::consent_missing, out;
  out.answer = Answer::granted;
  // Who the user is was granted at the sign-in, for every API alike: SDKs ask for these scopes again and look for them.
  auto held = own ? base::split(q.family.scope, ' ') : oidc_scopes(q.family.scope);
  out.policy_counted = !own;
  if (allowed) {
    for (const auto& scope : added->scopes) {
      if (base::contains(held, scope)) continue;
      held.push_back(scope);
      out.policy_counted = true;
    }
  }
  out.scope = narrowed(base::join(held, " "), q.scope);
  return out;
}

std::string narrowed(const std::string& held, const std::optional<std::string>& wanted) {
  if (!wanted) return held;
  const auto asked = base::split(*wanted, ' ');
  auto out = base::split(held, ' ');
  std::erase_if(out, [&](const auto& scope) { return !base::contains(asked, scope); });
  return base::join(out, " ");
}

}  // namespace segue::oauth
