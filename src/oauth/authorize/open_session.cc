#include "oauth/authorize/open_session.h"

#include <algorithm>

#include "base/text.h"
#include "oauth/origin.h"
#include "sessions/lifetimes.h"
#include "store/authorization_codes.h"
#include "store/session_clients.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

constexpr auto kCodeLifetime = std::chrono::minutes(10);  // contract §3.4

// contract §1.12, judged by the client now asking: what holds for refresh tokens in a session that began with a transfer.
struct RefreshRules {
  bool allowed = true;
  bool ends_with_session = false;
  model::Ancestry ancestry;
};

RefreshRules refresh_rules(const SignInContext& c, const SignInBasis& basis, const model::Session& session) {
  RefreshRules out;
  if (basis.transfer != nullptr) {
    out.ancestry = {basis.transfer->family_id, basis.transfer->grant_id, basis.transfer->transfer_id};
  } else if (session.opened_by_transfer) {
    out.ancestry = session.ancestry;
  } else {
    return out;
  }
  const auto& settings = c.validated.client->session_transfer;
  out.allowed = settings && settings->allow_refresh_token;
  out.ends_with_session = !settings || settings->enforce_online_refresh_tokens;
  return out;
}

model::Session new_session(const SignInContext& c, const SignInBasis& basis, const model::User& user,
                           const SignInEffects& effects) {
  model::Session out;
  out.persistent = effects.persistent.value_or(sessions::opens_persistent(c.tenant.tenant()));
  const auto lifetimes = sessions::lifetimes_of(c.tenant.tenant(), out);
  out.session_id = c.prepared.session.id;
  out.sid = c.prepared.sid;
  out.user_id = user.user_id;
  out.connection_id = basis.connection_id;
  out.organization_id = c.validated.request.organization;
  out.created_at = out.last_interacted_at = c.now;
  out.authenticated_at = basis.password_at;
  out.expires_at = c.now + lifetimes.absolute;
  out.idle_expires_at = c.now + lifetimes.idle;
  out.methods = {{"pwd", basis.password_at}};
  out.initial = out.last = c.origin;
  out.password_epoch = user.password_epoch;
  if (basis.transfer != nullptr) {
    const auto& token = *basis.transfer;
    out.connection_id = token.connection_id;
    out.organization_id = token.organization_id;
    out.opened_by_transfer = true;
    out.ancestry = {token.family_id, token.grant_id, token.transfer_id};
    // A transfer never raises authentication time, factors or lifetime above its parent's (design §8.7).
    out.authenticated_at = token.auth_time;
    out.methods = token.methods;
    if (out.methods.size() > 1) out.methods.resize(1);
    if (basis.transfer_expires_at) out.expires_at = std::min(out.expires_at, *basis.transfer_expires_at);
  }
  out.idle_expires_at = std::min(out.idle_expires_at, out.expires_at);
  return out;
}

void renew_cookie(const store::Writer& w, const SignInContext& c, OpenedSession& out) {
  store::sessions::replace_secret(w, out.session.session_id, c.prepared.joined_session->secret_hash);
  out.cookie = c.prepared.joined_session->text;
}

// A session goes on. Its cookie is made anew where it comes to be of another mode.
void touch(const store::Writer& w, const SignInContext& c, OpenedSession& out, const SignInEffects& effects) {
  auto& session = out.session;
  session.last_interacted_at = c.now;
  session.idle_expires_at = std::min(c.now + sessions::lifetimes_of(c.tenant.tenant(), session).idle, session.expires_at);
  session.last = c.origin;
  out.clamped = shorten(session, effects.session);
  store::sessions::touch(w, session);
  if (!effects.persistent || *effects.persistent == session.persistent) return;
  session.persistent = *effects.persistent;
  store::sessions::set_persistent(w, session.session_id, session.persistent);
  if (!out.cookie && c.prepared.joined_session && c.prepared.joined_session->id == session.session_id) renew_cookie(w, c, out);
}

// A same-user session is joined when a person opened it by hand or it grew from the same family; else it is replaced (design §4).
bool joins(const model::SessionTransferToken& token, const model::Session& existing) {
  if (existing.organization_id != token.organization_id) return false;
  return !existing.opened_by_transfer || existing.ancestry.parent_family_id == token.family_id;
}

// The end of the session that the browser had. Relying parties of the same user are not told before its successor ends: the
// message also names the user, and could end the sign-in that is under way.
void leave(const store::Writer& w, const SignInContext& c, const model::Session& existing, const model::User& user) {
  if (existing.user_id == user.user_id) {
    store::sessions::replace(w, existing.session_id, c.prepared.session.id, c.now);
  } else {
    store::sessions::revoke(w, existing.session_id, c.now);
  }
}

// Where the relying party signed in, and when to look for it whether the session has expired.
store::session_clients::Hearing hearing_of(const SignInContext& c, const model::Session& session) {
  store::session_clients::Hearing out;
  if (c.call.domain != c.tenant.tenant().canonical_domain()) out.domain = c.call.domain;
  if (c.validated.client->backchannel_logout.is_told_of(store::revocations::kSessionExpired))
    out.look_at = session.idle_expires_at;
  return out;
}

bool joins_existing(const SignInContext& c, const SignInBasis& basis, const model::User& user) {
  return basis.transfer != nullptr && basis.existing && basis.existing->user_id == user.user_id &&
         joins(*basis.transfer, *basis.existing) && c.prepared.joined_session &&
         c.prepared.joined_session->id == basis.existing->session_id;
}

OpenedSession choose_session(const store::Writer& w, const SignInContext& c, const SignInBasis& basis, const model::User& user,
                             const SignInEffects& effects) {
  OpenedSession out;
  if (basis.session != nullptr) {
    out.session = *basis.session;
    touch(w, c, out, effects);
    return out;
  }
  if (joins_existing(c, basis, user)) {
    out.session = *basis.existing;
    renew_cookie(w, c, out);
    touch(w, c, out, effects);
    return out;
  }
  // A new session id at every authentication: nobody's planted cookie survives a sign-in.
  if (basis.existing) leave(w, c, *basis.existing, user);
  out.session = new_session(c, basis, user, effects);
  out.clamped = shorten(out.session, effects.session);
  store::sessions::insert(w, out.session, c.prepared.session.secret_hash);
  out.cookie = c.prepared.session.text;
  return out;
}

// contract §4.7: of the flows with a code, and in a session that ends with its browser only where the API takes that.
bool may_stay_online(const SignInContext& c, const model::Session& session) {
  const auto& request = c.validated.request;
  const auto& api = c.resource.resource_server;
  return request.response_type.code && request.device_code_id == base::RowId{} &&
         (session.persistent || !api || api->allow_online_access_with_ephemeral_sessions);
}

model::AuthorizationCode make_code(const SignInContext& c, const SignInBasis& basis, const model::Session& session) {
  const auto& request = c.validated.request;
  const auto rules = refresh_rules(c, basis, session);
  model::AuthorizationCode out;
  out.authorization_code_id = c.prepared.code.id;
  out.client_id = request.client_id;
  out.user_id = session.user_id;
  out.connection_id = session.connection_id;
  out.organization_id = session.organization_id;
  out.session_id = session.session_id;
  if (request.redirect_uri_given) out.redirect_uri = request.redirect_uri;
  out.audience = c.resource.audience;
  out.nonce = request.nonce;
  out.code_challenge = request.code_challenge;
  out.dpop_jkt = request.dpop_jkt;
  out.auth_time = basis.transfer != nullptr ? basis.transfer->auth_time : session.authenticated_at;
  out.wants_auth_time = request.wants_auth_time();
  out.allows_refresh_token = rules.allowed;
  out.refresh_token_ends_with_session = rules.ends_with_session;
  out.ancestry = rules.ancestry;
  if (basis.transfer != nullptr && session.ancestry.transfer_id != basis.transfer->transfer_id)
    out.joined_by = basis.transfer->session_transfer_token_id;
  out.device_code_id = request.device_code_id;
  out.created_at = c.now;
  out.expires_at = c.now + kCodeLifetime;
  auto scopes = base::split(c.resource.scope, ' ');
  if (!rules.allowed || !may_stay_online(c, session)) std::erase(scopes, "online_access");
  // A refresh token takes a code.
  if (!rules.allowed || !request.response_type.code) std::erase(scopes, "offline_access");
  out.scope = base::join(scopes, " ");
  return out;
}

}  // namespace

PreparedSignIn prepare_sign_in(const tenancy::Snapshot& tenant, const Services& services,
                               const std::optional<tenancy::PresentedHandle>& presented, const std::string& sid) {
  auto& ids = services.tenants.store().ids();
  const auto make = [&](model::HandleKind kind, base::RowId id) {
    return tenancy::make_handle(tenant.keys(), services.random, kind, id);
  };
  PreparedSignIn out;
  out.session = make(model::HandleKind::session, ids.next());
  if (presented) out.joined_session = make(model::HandleKind::session, presented->id);
  out.code = make(model::HandleKind::authorization_code, ids.next());
  out.sid = sid.empty() ? services.random.text(32, base::kUrlSafe) : sid;
  return out;
}

model::Session expected_session(const SignInContext& c, const SignInBasis& basis, const model::User& user) {
  if (basis.session != nullptr) return *basis.session;
  return joins_existing(c, basis, user) ? *basis.existing : new_session(c, basis, user, {});
}

OpenedSession open_session(const store::Writer& w, const SignInContext& c, const SignInBasis& basis, model::User& user,
                           const SignInEffects& effects) {
  auto out = choose_session(w, c, basis, user, effects);
  if (effects.session.metadata) store::sessions::set_metadata(w, out.session.session_id, *effects.session.metadata);
  if (!effects.methods.empty()) {
    record_methods(out.session, effects);
    store::sessions::set_methods(w, out.session.session_id, out.session.methods);
  }
  change_user(w, user, effects, c.now);
  out.code = make_code(c, basis, out.session);
  out.code.effects = later_text(effects);
  out.saml_response = effects.saml_response;
  out.permissions = c.resource.permissions;
  if (c.validated.request.response_type.code) store::authorization_codes::insert(w, out.code, c.prepared.code.secret_hash);
  store::session_clients::record(w, out.session.session_id, out.code.client_id, out.code.ancestry.transfer_id,
                                 hearing_of(c, out.session), c.now);
  if (basis.session == nullptr) store::users::record_login(w, user.user_id, c.origin.ip, c.now);

  auto row = event_of(c.call, c.validated.request.prompt_none ? "ssa" : "s", c.validated.client.get());
  const auto connection = c.tenant.connection(out.session.connection_id, &w);
  set_user(row, user, connection.get());
  row.organization_id = out.session.organization_id;
  row.audience = out.code.audience;
  row.scope = out.code.scope;
  row.transfer_id = out.code.ancestry.transfer_id;
  row.details["session_id"] = out.session.sid;
  row.details["session"] = {{"cookie", {{"mode", out.session.persistent ? "persistent" : "non-persistent"}}}};
  if (basis.transfer != nullptr) row.details["triggered_by_session_transfer_token"] = true;
  if (basis.transfer_compared != nullptr) row.details[kTransferChecks] = *basis.transfer_compared;
  row.details["requested_client_id"] = out.code.client_id;
  describe_protocol(row, c.validated.request);
  describe(row, effects);
  audit::append(w, row, c.now);
  if (out.clamped) audit::append(w, clamped_warning(row, "session"), c.now);
  return out;
}

}  // namespace segue::oauth
