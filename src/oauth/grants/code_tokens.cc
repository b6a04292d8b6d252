#include "oauth/grants/code_tokens.h"

#include "base/text.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "oauth/resource.h"
#include "oauth/sign_in_effects.h"
#include "oauth/token_response.h"
#include "sessions/live_session.h"
#include "store/grants.h"
#include "store/refresh_tokens.h"
#include "store/session_transfer_tokens.h"
#include "store/sessions.h"
#include "store/users.h"
#include "tokens/access_token.h"
#include "tokens/id_token.h"

namespace segue::oauth {
namespace {

bool is_offline(const model::AuthorizationCode& code) {
  return code.allows_refresh_token && base::contains(base::split(code.scope, ' '), "offline_access");
}

}  // namespace

bool is_online(const model::AuthorizationCode& code) {
  return code.allows_refresh_token && base::contains(base::split(code.scope, ' '), "online_access");
}

CodeHolder lock_holder(const store::Writer& w, const model::AuthorizationCode& code, base::Instant now) {
  if (!store::users::lock_standing(w, code.user_id)) return {CodeStanding::user_gone, {}};
  if (!sessions::ancestors_live(w, code.ancestry, now) || !sessions::is_live(w, code.session_id, now))
    return {CodeStanding::session_over, {}};
  // A joined session outlives the handoff that brought the code into it.
  if (code.joined_by != base::RowId{} && store::session_transfer_tokens::is_revoked(w, code.joined_by))
    return {CodeStanding::session_over, {}};
  auto user = store::users::find(w, code.user_id);
  if (!user) return {CodeStanding::user_gone, {}};
  if (user->blocked) return {CodeStanding::blocked, {}};
  return {CodeStanding::good, std::move(user)};
}

PreparedTokens prepare_tokens(const Services& services, const TokenRequest& request) {
  auto& ids = services.tenants.store().ids();
  PreparedTokens out;
  out.grant_id = ids.next();
  out.family = make_family(*request.tenant, ids, services.random, *request.client, request.now);
  // RFC 9449 §5: a confidential client's are bound to its authentication.
  if (request.client->is_public()) out.family.family.dpop_jkt = request.jkt;
  out.jti = services.random.text(22, base::kAlphanumeric);
  return out;
}

std::string grant_code(const store::Writer& w, const tenancy::Snapshot& tenant, const model::Client& client,
                       const model::AuthorizationCode& code, const model::User& user, PreparedTokens& prepared,
                       const model::RequestOrigin& origin, audit::Event& row, base::Instant now) {
  const auto session = store::sessions::find(w, code.session_id);
  const auto sid = session->session.sid;
  model::Grant grant;
  grant.grant_id = prepared.grant_id;
  grant.user_id = code.user_id;
  grant.client_id = code.client_id;
  grant.session_id = code.session_id;
  grant.ancestry = code.ancestry;
  grant.created_at = now;
  store::grants::insert(w, grant);

  const auto api = code.audience.empty() ? nullptr : tenant.resource_server(code.audience, &w);
  prepared.permitted = permitted(w, {tenant, client, api.get(), code.user_id, code.organization_id}, code.scope);
  const bool online = is_online(code);
  if (online || is_offline(code)) {
    auto& family = prepared.family.family;
    family.grant_id = prepared.grant_id;
    family.user_id = code.user_id;
    family.connection_id = code.connection_id;
    family.organization_id = code.organization_id;
    family.audience = code.audience;
    family.scope = without_online_access(prepared.permitted.scope);
    family.session_id = code.session_id;
    family.ends_with_session = online || code.refresh_token_ends_with_session;
    family.ancestry = code.ancestry;
    family.auth_time = code.auth_time;
    family.methods = session->session.methods;
    family.initial_ip = origin.ip;
    family.initial_asn = origin.asn;
    family.initial_user_agent = origin.user_agent;
    family.password_epoch = session->session.password_epoch;
    if (online) make_online(family);
    const auto effects = sign_in_effects_from(code.effects).refresh_token;
    const bool clamped = shorten(family, effects);
    insert_family(w, prepared.family, client, row);
    if (effects.metadata) store::refresh_tokens::set_metadata(w, family.family_id, *effects.metadata);
    if (clamped) audit::append(w, clamped_warning(row, "refresh token"), now);
    row.details["refresh_token"] = json::object{{"access", online ? "online" : "offline"}, {"session_id", sid}};
  }
  set_user(row, user, nullptr);
  set_connection(row, tenant.connection(code.connection_id, &w).get());
  row.details["access_token_jti"] = prepared.jti;
  row.details["requested_client_id"] = code.client_id;
  return sid;
}

base::Result<http::Response> answer_with_tokens(const Services& services, const TokenRequest& request,
                                                const model::AuthorizationCode& code, const model::User& user,
                                                const std::string& sid, const PreparedTokens& prepared) {
  const auto resource_server = code.audience.empty() ? nullptr : request.tenant->resource_server(code.audience);
  if (!code.audience.empty() && !resource_server) return access_denied("Service not found: " + code.audience);
  // The live service never names online_access in an answer; its SDK counts on that (contract §4.7).
  const auto scope = without_online_access(prepared.permitted.scope);
  auto effects = sign_in_effects_from(code.effects);
  const auto minted = tokens::mint_access_token(*request.tenant, services.random, request.now,
                                                {.domain = request.call.domain,
                                                 .resource_server = resource_server.get(),
                                                 .subject = code.user_id,
                                                 .client_id = code.client_id,
                                                 .scope = scope,
                                                 .gty = "",
                                                 .lifetime = resource_server ? resource_server->token_lifetime : 86400,
                                                 .organization_id = code.organization_id,
                                                 .jti = prepared.jti,
                                                 .jkt = request.jkt,
                                                 .custom_claims = std::move(effects.access_token_claims),
                                                 .permissions = prepared.permitted.permissions});
  TokenResponse response{
      .access_token = minted.token, .token_type = request.token_type(), .expires_in = minted.expires_in, .scope = scope};
  if (base::contains(base::split(scope, ' '), "openid")) {
    response.id_token = tokens::mint_id_token(*request.tenant, request.now,
                                              {.domain = request.call.domain,
                                               .client = &*request.client,
                                               .user = &user,
                                               .scope = scope,
                                               .nonce = code.nonce,
                                               .sid = sid,
                                               .auth_time = code.wants_auth_time ? std::optional(code.auth_time) : std::nullopt,
                                               .organization_id = code.organization_id,
                                               .custom_claims = std::move(effects.id_token_claims)});
  }
  if (is_offline(code)) response.refresh_token = prepared.family.handle.text;
  if (is_online(code)) {
    const auto& made = prepared.family.handle;
    response.refresh_token = tenancy::with_kind(request.tenant->keys(), model::HandleKind::online_refresh_token, made).text;
  }
  return render(response);
}

}  // namespace segue::oauth
