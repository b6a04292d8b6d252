#include "oauth/grants/direct_tokens.h"

#include "base/text.h"
#include "oauth/token_response.h"
#include "store/grants.h"
#include "store/refresh_tokens.h"
#include "store/users.h"
#include "tokens/access_token.h"
#include "tokens/id_token.h"

namespace segue::oauth {

DirectTokens prepare_direct_tokens(const Services& services, const TokenRequest& request, const DirectSignIn& sign_in,
                                   const SignInEffects& effects) {
  auto& ids = services.tenants.store().ids();
  const auto& resource = sign_in.resource;
  DirectTokens out;
  out.grant.grant_id = ids.next();
  out.grant.user_id = sign_in.user_id;
  out.grant.client_id = request.client->client_id;
  out.grant.created_at = request.now;
  out.made = make_family(*request.tenant, ids, services.random, *request.client, request.now);
  auto& family = out.made.family;
  family.grant_id = out.grant.grant_id;
  family.user_id = sign_in.user_id;
  family.connection_id = sign_in.connection_id;
  family.organization_id = sign_in.organization_id;
  family.audience = resource.audience;
  family.auth_time = request.now;
  family.methods = sign_in.methods;
  family.initial_ip = sign_in.origin.ip;
  family.initial_asn = sign_in.origin.asn;
  family.initial_user_agent = sign_in.origin.user_agent;
  // RFC 9449 §5: a confidential client's are bound to its authentication.
  if (request.client->is_public()) family.dpop_jkt = request.jkt;
  out.clamped = shorten(family, effects.refresh_token);
  out.jti = services.random.text(22, base::kAlphanumeric);
  return out;
}

void store_direct_tokens(const store::Writer& w, const TokenRequest& request, const DirectSignIn& sign_in, DirectTokens& tokens,
                         base::Instant password_epoch, const SignInEffects& effects, audit::Event row) {
  auto& family = tokens.made.family;
  tokens.permitted = permitted(
      w, {*request.tenant, *request.client, sign_in.resource.resource_server.get(), sign_in.user_id, sign_in.organization_id},
      sign_in.resource.scope);
  row.scope = family.scope = tokens.permitted.scope;
  family.password_epoch = password_epoch;
  store::grants::insert(w, tokens.grant);
  if (sign_in.resource.offline_access) {
    insert_family(w, tokens.made, *request.client, row);
    const auto& metadata = effects.refresh_token.metadata;
    if (metadata) store::refresh_tokens::set_metadata(w, family.family_id, *metadata);
    if (tokens.clamped) audit::append(w, clamped_warning(row, "refresh token"), request.now);
  }
  store::users::record_login(w, sign_in.user_id, sign_in.origin.ip, request.now);
  audit::append(w, row, request.now);
}

base::Result<http::Response> answer_with_direct_tokens(const Services& services, const TokenRequest& request,
                                                       const DirectSignIn& sign_in, const model::User& user,
                                                       const DirectTokens& tokens, const SignInEffects& effects,
                                                       std::string_view issued_token_type) {
  const auto& resource = sign_in.resource;
  const auto& scope = tokens.permitted.scope;
  const auto minted =
      segue::tokens::mint_access_token(*request.tenant, services.random, request.now,
                                       {.domain = request.call.domain,
                                        .resource_server = resource.resource_server.get(),
                                        .subject = sign_in.user_id,
                                        .client_id = request.client->client_id,
                                        .scope = scope,
                                        .gty = sign_in.gty,
                                        .lifetime = resource.resource_server ? resource.resource_server->token_lifetime : 86400,
                                        .organization_id = sign_in.organization_id,
                                        .jti = tokens.jti,
                                        .jkt = request.jkt,
                                        .custom_claims = effects.access_token_claims,
                                        .actor = sign_in.actor,
                                        .permissions = tokens.permitted.permissions});
  TokenResponse response{.access_token = minted.token,
                         .token_type = request.token_type(),
                         .expires_in = minted.expires_in,
                         .scope = scope,
                         .issued_token_type = std::string(issued_token_type)};
  if (base::contains(base::split(scope, ' '), "openid")) {
    response.id_token = segue::tokens::mint_id_token(*request.tenant, request.now,
                                                     {.domain = request.call.domain,
                                                      .client = &*request.client,
                                                      .user = &user,
                                                      .scope = scope,
                                                      .organization_id = sign_in.organization_id,
                                                      .custom_claims = effects.id_token_claims,
                                                      .actor = sign_in.actor});
  }
  if (sign_in.resource.offline_access) response.refresh_token = tokens.made.handle.text;
  return render(response);
}

}  // namespace segue::oauth
