// The DPoP proof of one request: read, tied to time or to a nonce, and counted once across all nodes (RFC 9449 §4.3, §11.1).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/call.h"
#include "model/client.h"
#include "model/directory.h"
#include "oauth/dpop/proof.h"
#include "oauth/services.h"
#include "tenancy/snapshot.h"

namespace segue::oauth::dpop {

struct Demand {
  std::string_view access_token = {};  // at resources
  bool nonce = false;                  // only a proof with one of our nonces is taken
};

// Nothing: the request has no DPoP header. With one, the answer, whatever it is, carries a new nonce. A proof that is refused,
// `use_dpop_nonce` included, leaves nothing; one that is taken is spent, also when the request is refused later.
base::Result<std::optional<Proof>> prove_possession(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                                    const Demand& demand);

// The refusal where an API demands a proof that the request does not have. `identifier` names the API where it is at hand.
base::Error key_demanded(std::string_view identifier = {});
// The API's own demand (contract §9.7 proof_of_possession). `jkt` is empty without a proof; `api` may be null.
base::Outcome check_demand_of(const model::ResourceServer* api, const model::Client& client, std::string_view jkt);

}  // namespace segue::oauth::dpop
