#include "base/bytes.h"
#include "base/text.h"
#include "oauth/consent.h"
#include "oauth/errors.h"
#include "oauth/grants/code_tokens.h"
#include "oauth/grants/grants.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/token_request.h"
#include "store/authorization_codes.h"
#include "store/grants.h"

namespace segue::oauth {
namespace {

// RFC 7636 §4.6, S256 only: BASE64URL(SHA256(code_verifier)) equals the challenge. Without a challenge a verifier is a downgrade
// attempt and refused (RFC 9700 §4.8.2).
bool verifier_fits(const model::AuthorizationCode& code, const std::optional<std::string>& verifier) {
  if (code.code_challenge.empty()) return !verifier;
  if (!verifier || verifier->size() < 43 || verifier->size() > 128) return false;
  const auto challenge = base::base64url(crypto::sha256(*verifier));
  return crypto::equal_in_constant_time(base::as_bytes(challenge), base::as_bytes(code.code_challenge));
}

struct CodeFacts {
  enum class Outcome {
    unknown,
    replayed,
    mismatched,
    verifier_failed,
    wrong_key,
    key_demanded,
    unbound,
    session_over,
    user_gone,
    blocked,
    consent_withdrawn,
    organization_left,
    granted
  } outcome = Outcome::unknown;
  model::AuthorizationCode code;
  std::optional<model::User> user;
  std::string sid;
};

base::Error error_of(CodeFacts::Outcome outcome, const model::AuthorizationCode& code) {
  switch (outcome) {
    case CodeFacts::Outcome::organization_left: return not_in_organization(code.organization_id);
    case CodeFacts::Outcome::verifier_failed: return invalid_grant("Failed to verify code verifier");
    // RFC 9449 §10.
    case CodeFacts::Outcome::wrong_key: return invalid_grant("The authorization code is bound to another DPoP key.");
    case CodeFacts::Outcome::key_demanded: return dpop::key_demanded();
    // contract §4.7
    case CodeFacts::Outcome::unbound:
      return dpop::invalid_proof("The online refresh token of a client without a secret is bound to a key: send a DPoP proof.");
    case CodeFacts::Outcome::blocked: return user_blocked();
    case CodeFacts::Outcome::consent_withdrawn: return user_consent_missing();
    default: return invalid_code();
  }
}

// RFC 6749 §4.1.2: a code is used once; a replay revokes what it produced.
void revoke_product(const store::Writer& w, const tenancy::Snapshot& tenant, const store::authorization_codes::Found& found,
                    base::Instant now) {
  if (found.grant_id == base::RowId{}) return;
  const auto client = tenant.client(found.code.client_id, &w);
  const bool cascades = model::revocation_cascades(client ? &*client : nullptr);
  store::grants::revoke(w, found.grant_id, cascades, now);
}

}  // namespace

base::Result<http::Response> exchange_authorization_code(const Services& services, const TokenRequest& request) {
  const auto text = TRY(require(request.parameters, "code"));
  const auto redirect_uri = request.parameters.find("redirect_uri").value_or("");
  const auto verifier = request.parameters.find("code_verifier");
  const auto& keys = request.tenant->keys();
  const auto presented = tenancy::parse_handle(keys, model::HandleKind::authorization_code, text);
  const auto origin = origin_of(request.call, services.geoip);

  auto event = event_of(request.call, "feacft", &*request.client);
  if (!presented) {
    event.description = invalid_code().description;
    services.failures.push(request.call.tenant, std::move(event));
    return invalid_code();
  }

  auto prepared = prepare_tokens(services, request);
  const auto facts = services.tenants.write_on(*request.tenant, [&](const store::Writer& w) {
    namespace codes = store::authorization_codes;
    using Outcome = CodeFacts::Outcome;
    CodeFacts out;
    const auto found = codes::find(w, presented->id);
    // A guessed id with a wrong secret has no effect at all (design §4).
    if (!found || !crypto::equal_in_constant_time(found->secret_hash, presented->secret_hash)) return out;
    out.code = found->code;
    const auto& code = found->code;

    const auto decide = [&] {
      if (found->state != model::OneTimeState::issued || code.expires_at <= request.now) return Outcome::replayed;
      // RFC 6749 §4.1.3: issued to this client, and for this redirect_uri.
      if (code.client_id != request.client->client_id || code.redirect_uri != redirect_uri) return Outcome::mismatched;
      // A device's sign-in is redeemed by the device, with its own secret.
      if (code.device_code_id != base::RowId{}) return Outcome::mismatched;
      if (!verifier_fits(code, verifier)) return Outcome::verifier_failed;
      if (!code.dpop_jkt.empty() && code.dpop_jkt != request.jkt) return Outcome::wrong_key;
      if (is_online(code) && request.client->is_public() && request.jkt.empty()) return Outcome::unbound;
      const auto api = code.audience.empty() ? nullptr : request.tenant->resource_server(code.audience, &w);
      if (!dpop::check_demand_of(api.get(), *request.client, request.jkt).ok()) return Outcome::key_demanded;
      auto holder = lock_holder(w, code, request.now);
      switch (holder.standing) {
        case CodeStanding::session_over: return Outcome::session_over;
        case CodeStanding::user_gone: return Outcome::user_gone;
        case CodeStanding::blocked: return Outcome::blocked;
        case CodeStanding::good: break;
      }
      out.user = std::move(holder.user);
      if (lacks_consent(w, *request.client, {*request.tenant, code.client_id, code.user_id, code.audience, code.scope}))
        return Outcome::consent_withdrawn;
      if (!organization_admits(w, {*request.tenant, code.organization_id, code.user_id, code.connection_id}))
        return Outcome::organization_left;
      return Outcome::granted;
    };
    out.outcome = decide();
    const bool granted = out.outcome == Outcome::granted;
    // A found code that fails a check is consumed, and that commits (design §4). The conditional update decides the race.
    const bool first =
        codes::consume(w, presented->id, presented->secret_hash, granted ? prepared.grant_id : base::RowId{}, request.now);
    if (granted && !first) out.outcome = Outcome::replayed;
    if (out.outcome == Outcome::replayed) {
      // Under a race the loser reads the winner's grant here.
      if (const auto spent = codes::find(w, presented->id); spent && spent->state == model::OneTimeState::consumed)
        revoke_product(w, *request.tenant, *spent, request.now);
    }

    auto row = event_of(request.call, out.outcome == Outcome::granted ? "seacft" : "feacft", &*request.client);
    row.transfer_id = code.ancestry.transfer_id;
    row.audience = code.audience;
    row.organization_id = code.organization_id;
    if (out.outcome != Outcome::granted) {
      row.description = error_of(out.outcome, code).description;
      row.user_id = code.user_id;
      set_connection(row, request.tenant->connection(code.connection_id, &w).get());
      row.details["requested_client_id"] = request.client->client_id;
      if (out.outcome == Outcome::replayed && found->state == model::OneTimeState::consumed) row.details["code"] = "already used";
      audit::append(w, row, request.now);
      return out;
    }

    out.sid = grant_code(w, *request.tenant, *request.client, code, *out.user, prepared, origin, row, request.now);
    row.description = "Authorization Code for Access Token";
    audit::append(w, row, request.now);
    return out;
  });

  if (facts.outcome != CodeFacts::Outcome::granted) {
    if (facts.outcome == CodeFacts::Outcome::unknown) {
      event.description = invalid_code().description;
      services.failures.push(request.call.tenant, std::move(event));
    }
    return error_of(facts.outcome, facts.code);
  }

  return answer_with_tokens(services, request, facts.code, *facts.user, facts.sid, prepared);
}

}  // namespace segue::oauth
