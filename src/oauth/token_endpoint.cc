#include "oauth/token_endpoint.h"

#include "base/text.h"
#include "oauth/actions/triggers.h"
#include "oauth/device/device_client.h"
#include "oauth/errors.h"
#include "oauth/grants/grants.h"
#include "oauth/origin.h"
#include "oauth/token_exchange/exchange_request.h"
#include "oauth/token_request.h"

namespace segue::oauth {

struct TokenEndpoint::GrantEntry {
  std::string_view grant_type;
  base::Result<http::Response> (*exchange)(const Services&, const TokenRequest&);
  std::string_view failure_type;        // the log row of a refusal before the grant itself decides
  http::Lane lane = http::Lane::fiber;  // the route's own
  std::string_view trigger = {};        // whose Actions it runs, on a lane that may wait: the request moves there first
};

struct TokenEndpoint::Moved {
  std::any found;
  std::vector<std::string> claimed;
  http::Headers answer_headers;
  std::optional<ProofOutcome> proof;
};

const TokenEndpoint::GrantEntry TokenEndpoint::kGrants[] = {
    {"authorization_code", exchange_authorization_code, "feacft"},
    {"refresh_token", exchange_refresh_token, "fertft", http::Lane::fiber, kPostLogin},
    {"client_credentials", exchange_client_credentials, "feccft", http::Lane::fiber, kCredentialsExchange},
    {"password", exchange_password, "fepft", http::Lane::hashing},
    {"http://auth0.com/oauth/grant-type/password-realm", exchange_password, "fepft", http::Lane::hashing},
    {kDeviceGrant, exchange_device_code, "fede"},
    {kTokenExchangeGrant, exchange_token, "fecte", http::Lane::outbound},
};

const TokenEndpoint::GrantEntry* TokenEndpoint::find_grant(std::string_view grant_type) {
  for (const auto& entry : kGrants) {
    if (entry.grant_type == grant_type) return &entry;
  }
  return nullptr;
}

base::Result<http::Response> TokenEndpoint::respond(http::Call& call) {
  // 1. Read the body.
  auto parameters = TRY(parse_token_request(call.request));
  const auto grant_type = TRY(require(parameters, "grant_type"));
  const auto* grant = find_grant(grant_type);
  if (grant == nullptr) return unsupported_grant_type(grant_type);
  const auto* const moved = std::any_cast<Moved>(&call.request.carried);
  // 2. Work that hashes passwords waits in its own queue.
  if (moved == nullptr && grant->lane != http::Lane::fiber && call.lane != grant->lane) return http::continue_on(grant->lane);
  std::optional<ProofOutcome> proof;
  if (moved != nullptr) {
    call.claimed = moved->claimed;
    call.answer_headers = moved->answer_headers;
    proof = moved->proof;
  }
  auto answer = services_.tenants.on_current(call.tenant, [&](const auto& tenant) {
    return exchange(call, tenant, *grant, parameters, proof, moved != nullptr ? moved->found : std::any());
  });
  if (answer.ok() && answer->moves_to)
    answer->carried = Moved{std::move(answer->carried), std::move(call.claimed), call.answer_headers, std::move(proof)};
  return answer;
}

bool TokenEndpoint::waits(const tenancy::Snapshot& tenant, const GrantEntry& grant) const {
  if (grant.trigger.empty()) return false;
  if (grant.trigger == kPostLogin) return !services_.pipeline.is_empty(tenant);
  const auto* const triggers = services_.pipeline.triggers();
  return triggers != nullptr && triggers->has(tenant, grant.trigger);
}

base::Result<http::Response> TokenEndpoint::exchange(http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                                     const GrantEntry& grant, const http::Parameters& parameters,
                                                     std::optional<ProofOutcome>& proof, const std::any& found) {
  // So do Actions, before anything is spent.
  if (call.lane != http::Lane::outbound && waits(*tenant, grant)) return http::continue_on(http::Lane::outbound);
  // 3. Who is asking.
  auto client = authenticate_client(*tenant, call, parameters);
  const auto refuse = [&](base::Error error, const model::Client* known) {
    auto event = event_of(call, grant.failure_type, known);
    if (known == nullptr) event.client_id = said_client_id(call.request, parameters);
    event.description = error.description;
    event.audience = base::shortened(parameters.find("audience").value_or(""), 600);
    services_.failures.push(call.tenant, std::move(event));
    return error;
  };
  if (!client.ok()) return refuse(client.error(), nullptr);
  // 4. May it use this grant (contract §3.3)?
  if (!(*client)->allows_grant(grant.grant_type)) {
    return refuse(unauthorized_client("Grant type '" + std::string(grant.grant_type) + "' not allowed for the client."),
                  &**client);
  }
  // 5. Which key it proves (RFC 9449 §5). Public clients use a nonce (contract §3.7); being told to is no decision, and no log
  // row.
  if (!proof) proof = dpop::prove_possession(services_, call, *tenant, {.nonce = !client->is_confidential()});
  if (!proof->ok()) return proof->error().code == "use_dpop_nonce" ? proof->error() : refuse(proof->error(), &**client);
  if ((*client)->require_proof_of_possession && !**proof)
    return refuse(dpop::invalid_proof("This client must prove possession of a key: send a DPoP proof."), &**client);
  // 6. The grant decides.
  return grant.exchange(services_, {.call = call,
                                    .tenant = tenant,
                                    .client = std::move(client).value(),
                                    .parameters = parameters,
                                    .grant_type = std::string(grant.grant_type),
                                    .now = services_.clock.now(),
                                    .jkt = **proof ? (**proof)->jkt : std::string(),
                                    .found = found});
}

}  // namespace segue::oauth
