#include "base/ordered_text.h"
#include "base/text.h"
#include "oauth/errors.h"
#include "oauth/grants/grants.h"
#include "oauth/grants/refresh_exchange.h"
#include "oauth/grants/session_transfer_audience.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/token_request.h"
#include "oauth/token_request_origin.h"
#include "oauth/token_response.h"
#include "store/refresh_tokens.h"
#include "store/session_transfer_tokens.h"
#include "store/sessions.h"
#include "store/users.h"
#include "tokens/access_token.h"
#include "tokens/id_token.h"

namespace segue::oauth {
namespace {

constexpr auto kSessionTransferTokenLifetime = std::chrono::seconds(60);  // contract §1.6: fixed
constexpr std::string_view kSessionTransferTokenType = "urn:auth0:params:oauth:token-type:session_transfer_token";

base::Error error_of(RefreshOutcome outcome, const std::string& audience, const model::RefreshTokenFamily& family) {
  switch (outcome) {
    case RefreshOutcome::organization_left: return not_in_organization(family.organization_id);
    case RefreshOutcome::user_gone: return invalid_grant("The refresh_token was generated for a user who doesn't exist anymore.");
    case RefreshOutcome::user_blocked: return user_blocked();
    case RefreshOutcome::consent_missing: return user_consent_missing();
    // Not invalid_grant either: the token is good, in the hands of who has its key.
    case RefreshOutcome::wrong_key:
      return dpop::invalid_proof("The refresh token is bound to a DPoP key: send a proof of that key.");
    case RefreshOutcome::key_demanded: return dpop::key_demanded();
    case RefreshOutcome::wrong_audience: return access_denied("Service not enabled within domain: " + audience);
    // Never invalid_grant: SDK credential managers would throw a good refresh token away (contract §1.5).
    case RefreshOutcome::creation_disabled:
      return unauthorized_client("Client is not allowed to create session transfer tokens.");
    case RefreshOutcome::online:
      return access_denied(
          "An online refresh token ends with its browser session and cannot create a session transfer token: sign in with "
          "offline_access.");
    case RefreshOutcome::nested:
      return access_denied("A refresh token from a session that began with a session transfer token cannot create another one.");
    case RefreshOutcome::password_changed:
      return access_denied(
          "The user's password changed after this refresh token was issued: sign in again to open the web signed in.");
    default: return unknown_refresh_token();
  }
}

// Of an exchange for a session transfer token that was refused, from the closed list of oauth/authorize/evaluate_transfer.h;
// empty where the refusal has nothing to do with the handoff.
std::string_view transfer_reason(RefreshOutcome outcome) {
  switch (outcome) {
    case RefreshOutcome::creation_disabled: return "client_not_enabled";
    case RefreshOutcome::nested: return "nested";
    case RefreshOutcome::user_blocked: return "user_blocked";
    case RefreshOutcome::over:
    case RefreshOutcome::password_changed: return "parent_revoked";
    case RefreshOutcome::organization_left: return "organization_mismatch";
    default: return "";
  }
}

model::SessionTransferToken session_transfer_token_for(const RefreshFacts& facts, const model::RequestOrigin& origin,
                                                       const std::string& transfer_id, base::RowId id, base::Instant now) {
  model::SessionTransferToken out;
  out.session_transfer_token_id = id;
  out.family_id = facts.family.family_id;
  out.grant_id = facts.family.grant_id;
  out.client_id = facts.family.client_id;
  out.user_id = facts.family.user_id;
  out.connection_id = facts.family.connection_id;
  out.organization_id = facts.family.organization_id;
  out.scope = facts.resource.scope;
  out.origin = origin;
  out.auth_time = facts.family.auth_time;
  out.methods = facts.family.methods;
  out.transfer_id = transfer_id;
  out.created_at = now;
  out.expires_at = now + kSessionTransferTokenLifetime;
  return out;
}

void describe(audit::Event& row, const RefreshFacts& facts, const std::string& audience) {
  row.audience = audience;
  row.scope = facts.resource.scope.empty() ? facts.family.scope : facts.resource.scope;
  row.user_id = facts.family.user_id;
  row.connection_id = facts.family.connection_id;
  row.organization_id = facts.family.organization_id;
  row.details["familyId"] = facts.family.public_id;
  row.details["tokenCounter"] = facts.presented_counter;
  if (row.type == "ferrt") {
    row.details["latestCounter"] = facts.family.token_counter;
    return;
  }
  row.details["requested_client_id"] = row.client_id;
  row.details["policy_used"] = facts.resource.policy_counted ? "mrrt" : "refresh_token_user_grant";
  json::object token{{"access", facts.family.online ? "online" : "offline"}};
  if (facts.session) token["session_id"] = facts.session->sid;
  row.details["refresh_token"] = std::move(token);
  if (facts.family.online && facts.outcome != RefreshOutcome::exchanged) row.details["failure_reason"] = facts.failure_reason;
}

struct Holder {
  model::User user;
  model::RefreshTokenFamily family;
  std::optional<model::Session> session;
};

// Whom the token names, when it is this client's and its key was proved. Who is not found here is refused by the transaction, for
// reasons that never go away: no exchange walks around the pipeline.
std::optional<Holder> find_holder(const store::Reader& r, const TokenRequest& request, const tenancy::PresentedHandle& handle) {
  const auto found = store::refresh_tokens::find(r, handle.id);
  if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle.secret_hash)) return std::nullopt;
  auto family = store::refresh_tokens::find_family(r, found->token.family_id);
  if (!family || family->client_id != request.client->client_id) return std::nullopt;
  // What is over runs nothing: the transaction says so.
  if (family->revoked_at || (!family->dpop_jkt.empty() && family->dpop_jkt != request.jkt)) return std::nullopt;
  // A replay is for the transaction to judge, which ends the family.
  const auto leeway = std::chrono::seconds(request.client->refresh_token.leeway);
  if (found->token.consumed_at && request.now >= *found->token.consumed_at + leeway) return std::nullopt;
  auto user = store::users::find(r, family->user_id);
  if (!user) return std::nullopt;
  Holder out{std::move(*user), std::move(*family), std::nullopt};
  if (out.family.session_id) {
    auto session = store::sessions::find(r, *out.family.session_id);
    if (session && !session->session.revoked_at && session->session.expires_at > request.now)
      out.session = std::move(session->session);
  }
  return out;
}

// A pipeline with stages runs before the transaction, on what the token names; the transaction checks everything again.
base::Result<SignInResult> run_pipeline(const Services& services, const TokenRequest& request,
                                        const tenancy::PresentedHandle& handle, const model::RequestOrigin& origin) {
  if (services.pipeline.is_empty(*request.tenant)) return SignInResult{};
  const auto holder =
      services.tenants.store().read(request.call.tenant, [&](const store::Reader& r) { return find_holder(r, request, handle); });
  if (!holder) return SignInResult{};  // the transaction says what is wrong with it
  const auto audience = request.parameters.find("audience").value_or("");
  auto result = services.pipeline.run({.call = request.call,
                                       .tenant = *request.tenant,
                                       .protocol = "oauth2-refresh-token",
                                       .client = request.client.shared(),
                                       .user = &holder->user,
                                       .session = holder->session ? &*holder->session : nullptr,
                                       .family = &holder->family,
                                       .parameters = &request.parameters,
                                       .audience = audience.empty() ? holder->family.audience : audience,
                                       .scope = request.parameters.find("scope").value_or(holder->family.scope),
                                       .connection_id = holder->family.connection_id,
                                       .organization_id = holder->family.organization_id,
                                       .methods = holder->family.methods,
                                       .origin = origin});
  if (!result.refusal) return result;
  auto error = error_of(*result.refusal);
  auto row = event_of(request.call, "fertft", &*request.client);
  row.ip = origin.ip;
  row.description = error.description;
  row.audience = base::shortened(audience, 600);
  row.organization_id = holder->family.organization_id;
  row.transfer_id = holder->family.ancestry.transfer_id;
  row.scope = holder->family.scope;
  row.details["familyId"] = holder->family.public_id;
  row.details["requested_client_id"] = row.client_id;
  json::object token{{"access", holder->family.online ? "online" : "offline"}};
  if (holder->session) token["session_id"] = holder->session->sid;
  row.details["refresh_token"] = std::move(token);
  set_user(row, holder->user, request.tenant->connection(holder->family.connection_id).get());
  describe(row, result.effects);
  // The token is good and its user known: the row commits before the answer.
  services.tenants.store().write(request.call.tenant,
                                 [&](const store::Writer& w) { return audit::append(w, row, request.now), true; });
  return error;
}

}  // namespace

base::Result<http::Response> exchange_refresh_token(const Services& services, const TokenRequest& request) {
  const auto audience = request.parameters.find("audience").value_or("");
  const auto wanted_scope = request.parameters.find("scope");
  const auto origin = origin_of(request, services.geoip);

  bool online = false;
  const auto refuse = [&](base::Error error) {
    auto row = event_of(request.call, "fertft", &*request.client);
    row.description = error.description;
    row.audience = base::shortened(audience, 600);
    if (online) row.details["failure_reason"] = "invalid_token";
    services.failures.push(request.call.tenant, std::move(row));
    return error;
  };
  const auto text = require(request.parameters, "refresh_token");
  if (!text.ok()) return refuse(text.error());
  const auto transfer = transfer_audience(*request.tenant, audience);
  if (transfer == TransferAudience::foreign) return refuse(access_denied("Service not enabled within domain: " + audience));
  const bool for_transfer = transfer == TransferAudience::ours;
  const auto& keys = request.tenant->keys();
  online = text->starts_with(model::prefix_of(model::HandleKind::online_refresh_token));
  const auto handle =
      tenancy::parse_handle(keys, online ? model::HandleKind::online_refresh_token : model::HandleKind::refresh_token, *text);
  if (!handle) return refuse(unknown_refresh_token());
  const auto effects = TRY(run_pipeline(services, request, *handle, origin)).effects;

  // Everything random is made before the transaction, which holds SQL only.
  auto& ids = services.tenants.store().ids();
  const auto successor_id = ids.next();
  auto successor = request.client->refresh_token.rotating ? tenancy::derive_successor(keys, handle->secret, successor_id)
                                                          : tenancy::NewHandle{};
  const auto session_transfer_token =
      for_transfer ? tenancy::make_handle(keys, services.random, model::HandleKind::session_transfer_token, ids.next())
                   : tenancy::NewHandle{};
  const auto transfer_id = for_transfer ? base::ordered_text(services.random, 22, request.now) : std::string();
  const auto jti = for_transfer ? std::string() : services.random.text(22, base::kAlphanumeric);

  const auto facts = services.tenants.write_on(*request.tenant, [&](const store::Writer& w) {
    auto out = present_refresh_token(w, {.tenant = *request.tenant,
                                         .handle = *handle,
                                         .online = online,
                                         .client = *request.client,
                                         .jkt = request.jkt,
                                         .audience = audience,
                                         .scope = wanted_scope,
                                         .for_session_transfer = for_transfer,
                                         .successor_id = successor_id,
                                         .successor = successor,
                                         .ip = origin.ip,
                                         .user_agent = origin.user_agent,
                                         .asn = origin.asn,
                                         .effects = effects,
                                         .now = request.now});
    if (out.outcome == RefreshOutcome::unknown) return out;  // proved nothing: logged through the queue
    const bool exchanged = out.outcome == RefreshOutcome::exchanged;
    if (exchanged && for_transfer) {
      store::session_transfer_tokens::insert(
          w, session_transfer_token_for(out, origin, transfer_id, session_transfer_token.id, request.now),
          session_transfer_token.secret_hash);
    }
    auto row = event_of(request.call,
                        exchanged                               ? "sertft"
                        : out.outcome == RefreshOutcome::reused ? "ferrt"
                                                                : "fertft",
                        &*request.client);
    row.ip = origin.ip;
    describe(row, out, for_transfer ? audience : exchanged ? out.resource.audience : out.family.audience);
    if (out.user) row.user_name = out.user->email.empty() ? out.user->username : out.user->email;
    if (exchanged) {
      row.transfer_id = for_transfer ? transfer_id : out.family.ancestry.transfer_id;
      if (!audience.empty()) row.details["requested_audience"] = audience;
      if (wanted_scope) row.details["requested_scope"] = *wanted_scope;
      if (!jti.empty()) row.details["access_token_jti"] = jti;
      describe(row, effects);
    } else {
      set_connection(row, request.tenant->connection(out.family.connection_id, &w).get());
      row.transfer_id = out.family.ancestry.transfer_id;
      row.description = error_of(out.outcome, audience, out.family).description;
      if (const auto reason = transfer_reason(out.outcome); for_transfer && !reason.empty()) row.details["reason"] = reason;
    }
    audit::append(w, row, request.now);
    if (out.clamped) audit::append(w, clamped_warning(row, "refresh token or session"), request.now);
    return out;
  });
  if (facts.outcome == RefreshOutcome::unknown) return refuse(unknown_refresh_token());
  if (facts.outcome != RefreshOutcome::exchanged) return error_of(facts.outcome, audience, facts.family);

  TokenResponse response;
  if (base::contains(base::split(facts.family.scope, ' '), "openid")) {
    // No nonce: several SDKs refuse one that they did not send with this request.
    response.id_token = tokens::mint_id_token(*request.tenant, request.now,
                                              {.domain = request.call.domain,
                                               .client = &*request.client,
                                               .user = &*facts.user,
                                               .scope = facts.family.scope,
                                               .organization_id = facts.family.organization_id,
                                               .custom_claims = effects.id_token_claims});
  }
  if (facts.successor_id) {
    // Another one than was made beforehand is that of the exchange whose answer was lost (contract §4.4), or of a client that
    // ceased to rotate.
    if (*facts.successor_id != successor.id) successor = tenancy::derive_successor(keys, handle->secret, *facts.successor_id);
    response.refresh_token = std::move(successor.text);
  }
  if (for_transfer) {
    response.access_token = std::string(session_transfer_token.text.reveal());
    response.issued_token_type = kSessionTransferTokenType;
    response.token_type = "N_A";  // RFC 8693 §2.2.1
    response.expires_in = kSessionTransferTokenLifetime.count();
    return render(response);
  }
  const auto& resource = facts.resource;
  const auto resource_server = resource.audience.empty() ? nullptr : request.tenant->resource_server(resource.audience);
  if (!resource.audience.empty() && !resource_server)
    return access_denied("Service not enabled within domain: " + resource.audience);
  const auto minted = tokens::mint_access_token(*request.tenant, services.random, request.now,
                                                {.domain = request.call.domain,
                                                 .resource_server = resource_server.get(),
                                                 .subject = facts.family.user_id,
                                                 .client_id = request.client->client_id,
                                                 .scope = resource.scope,
                                                 .gty = "refresh_token",
                                                 .lifetime = resource_server ? resource_server->token_lifetime : 86400,
                                                 .organization_id = facts.family.organization_id,
                                                 .jti = jti,
                                                 .jkt = request.jkt,
                                                 .custom_claims = effects.access_token_claims,
                                                 .permissions = resource.permissions});
  response.access_token = minted.token;
  response.token_type = request.token_type();
  response.expires_in = minted.expires_in;
  response.scope = resource.scope;
  return render(response);
}

}  // namespace segue::oauth
