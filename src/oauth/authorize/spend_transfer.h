// Spends what was presented and gathers what the decision needs, in the transaction that decides (design §4 "Exactly once").
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/session_graph.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/evaluate_transfer.h"
#include "store/store.h"
#include "tenancy/handles.h"

namespace segue::oauth {

struct SpentTransfer {
  TransferReason reason = TransferReason::unknown;
  std::optional<model::SessionTransferToken> token;  // absent: unknown
  json::object compared;                             // compared_values()
  std::optional<base::Instant> parent_expires_at;    // of the refresh token that minted it; absent: never
};

struct TransferRequest {
  const std::vector<tenancy::PresentedHandle>& handles;  // well-formed ones among what was presented
  bool conflicting = false;
  const ValidatedRequest& request;
  bool organization_allowed = false;  // the client may use the one that the request asks for
  const model::RequestOrigin& origin;
  std::optional<std::string> session_user_id;  // of the live session in this browser
  base::Instant now{};
};
// A token that is found is consumed whatever the verdict, and that commits. A guessed id with a wrong secret has no effect.
SpentTransfer spend_transfer(const store::Writer& w, const tenancy::Snapshot& tenant, const TransferRequest& presented);

// The handoff that one of these tokens belongs to, for a log row; empty when none proves itself. Nothing is spent.
std::string transfer_id_of(const store::Reader& r, const tenancy::TenantKeys& keys, const std::vector<std::string>& tokens);

}  // namespace segue::oauth
