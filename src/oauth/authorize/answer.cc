#include "oauth/authorize/answer.h"

#include "base/text.h"
#include "tokens/access_token.h"
#include "tokens/id_token.h"

namespace segue::oauth {
namespace {

// Of a token for /userinfo alone, when it is given in front of the browser: what an API's token_lifetime_for_web is by default.
constexpr std::int64_t kUserinfoLifetimeForWeb = 7200;

std::string front_channel_scope(const OpenedSession& opened) {
  auto scopes = base::split(opened.code.scope, ' ');
  std::erase(scopes, "offline_access");
  std::erase(scopes, "online_access");
  return base::join(scopes, " ");
}

tokens::MintedAccessToken access_token(base::Random& random, const SignInContext& c, const OpenedSession& opened,
                                       const std::string& scope) {
  const auto& api = c.resource.resource_server;
  return tokens::mint_access_token(c.tenant, random, c.now,
                                   {.domain = c.call.domain,
                                    .resource_server = api.get(),
                                    .subject = opened.session.user_id,
                                    .client_id = opened.code.client_id,
                                    .scope = scope,
                                    .gty = "",
                                    .lifetime = api ? api->token_lifetime_for_web : kUserinfoLifetimeForWeb,
                                    .organization_id = opened.session.organization_id,
                                    .custom_claims = sign_in_effects_from(opened.code.effects).access_token_claims,
                                    .permissions = opened.permissions});
}

std::string id_token(const SignInContext& c, const OpenedSession& opened, const model::User& user,
                     const http::Parameters& answer) {
  const auto& request = c.validated.request;
  return tokens::mint_id_token(c.tenant, c.now,
                               {.domain = c.call.domain,
                                .client = c.validated.client.get(),
                                .user = &user,
                                .scope = opened.code.scope,
                                .nonce = request.nonce,
                                .sid = opened.session.sid,
                                .auth_time = opened.code.wants_auth_time ? std::optional(opened.code.auth_time) : std::nullopt,
                                // OIDC Core §3.3.2.11: the hashes tie what stands beside the ID token to it.
                                .access_token = answer.find("access_token").value_or(""),
                                .code = answer.find("code").value_or(""),
                                .state = request.state,
                                .organization_id = opened.session.organization_id,
                                .custom_claims = sign_in_effects_from(opened.code.effects).id_token_claims});
}

}  // namespace

http::Parameters answer_parameters(base::Random& random, const SignInContext& c, const OpenedSession& opened,
                                   const model::User& user) {
  const auto& request = c.validated.request;
  http::Parameters out;
  if (request.response_type.code) out.add("code", std::string(c.prepared.code.text.reveal()));
  if (request.response_type.token) {
    const auto scope = front_channel_scope(opened);
    const auto minted = access_token(random, c, opened, scope);
    out.add("access_token", minted.token);
    out.add("token_type", "Bearer");
    out.add("expires_in", std::to_string(minted.expires_in));
    if (scope != request.scope) out.add("scope", scope);  // RFC 6749 §4.2.2
  }
  if (request.response_type.id_token) out.add("id_token", id_token(c, opened, user, out));
  return out;
}

}  // namespace segue::oauth
