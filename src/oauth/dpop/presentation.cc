#include "oauth/dpop/presentation.h"

#include "oauth/dpop/nonce.h"
#include "store/one_time_identifiers.h"

namespace segue::oauth::dpop {
namespace {

// How long a spent proof is remembered behind its own end: another node's clock may be behind.
constexpr std::chrono::seconds kMemoryMargin{15};

base::Error nonce_required() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "use_dpop_nonce",
          .description = "Authorization server requires nonce in DPoP proof",
          .status = 400};
}

// When the proof ends. RFC 9449 §4.3 step 11: the server's own time counts where there is a nonce, and phones have wrong clocks.
base::Result<base::Instant> end_of(const Proof& proof, const crypto::HmacKey& key, bool needs_nonce, base::Instant now) {
  if (proof.nonce.empty()) {
    if (needs_nonce) return nonce_required();
    TRY(check_issued_at(proof, now));
    return proof.issued_at + kProofLifetime;
  }
  const auto end = nonce_end(key, proof.nonce, now);
  if (!end) return nonce_required();
  return *end;
}

}  // namespace

base::Result<std::optional<Proof>> prove_possession(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                                    const Demand& demand) {
  const auto headers = call.request.headers.find_all("dpop");
  if (headers.empty()) return std::optional<Proof>();
  const auto now = services.clock.now();
  const auto& key = tenant.keys().derivation;
  call.answer_headers.set("dpop-nonce", make_nonce(key, now));
  // §4.3 step 1.
  if (headers.size() > 1) return invalid_proof("The request has more than one DPoP header.");
  const auto proof = TRY(read_proof(headers.front(), {.method = http::to_text(call.request.method),
                                                      .domain = call.domain,
                                                      .path = call.request.path,
                                                      .access_token = demand.access_token}));
  const auto end = TRY(end_of(proof, key, demand.nonce, now));
  const bool first = services.tenants.store().write(call.tenant, [&](const store::Writer& w) {
    return store::one_time_identifiers::claim(w, store::one_time_identifiers::kDpopProof, proof.identifier_hash,
                                              end + kMemoryMargin, now);
  });
  if (!first) return invalid_proof("The DPoP proof was used already: make a new one, with a new jti, for every request.");
  return std::optional(proof);
}

base::Error key_demanded(std::string_view identifier) {
  const auto api = identifier.empty() ? std::string("The API") : "The API " + std::string(identifier);
  return invalid_proof(api + " takes only tokens that are bound to a key: send a DPoP proof.");
}

base::Outcome check_demand_of(const model::ResourceServer* api, const model::Client& client, std::string_view jkt) {
  if (api == nullptr || !jkt.empty() || !api->demands_proof_of(client.is_public())) return base::Unit{};
  return key_demanded(api->identifier);
}

}  // namespace segue::oauth::dpop
