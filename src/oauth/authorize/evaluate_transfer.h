// The decision over a presented session transfer token: one pure function (design §4 "Evaluation"; contract §1.8–1.18).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"
#include "model/client.h"
#include "model/session_graph.h"

namespace segue::oauth {

// Why a token was taken or not. The names are the closed list that logs and explanations use; `nested` and, there too,
// `client_not_enabled` are those of an exchange that was refused, `denied_by_action` stands for what the pipeline said.
enum class TransferReason {
  accepted,
  // Not looked at, and not spent (find_transfer_tokens).
  client_not_enabled,
  method_not_allowed,
  wrong_cookie_name,
  unsolicited,
  // Spent.
  unknown,
  expired,
  already_used,
  transport_conflict,
  creator_disabled,
  parent_revoked,
  ip_mismatch,
  asn_mismatch,
  asn_unknown,
  organization_mismatch,
  connection_disabled,
  user_blocked,
  prompt_required,
  max_age,
  user_mismatch,
};
std::string_view to_text(TransferReason reason);
// The description of the `w` row: Auth0's text where it has one, else ours (contract §1.8).
std::string_view warning_of(TransferReason reason);

struct TransferFacts {
  const model::SessionTransferToken* token = nullptr;  // null: unknown
  bool spent_before = false;                           // consumed by an earlier presentation
  bool conflicting = false;                            // cookie and query differ, or several cookies do
  // The token's ancestors, as locked in the transaction that spends it.
  const model::Client* creator = nullptr;  // null: deleted
  bool parent_live = false;                // grant and family, and the password they were issued under
  bool user_present = false, user_blocked = false;
  // The web client and the request.
  const model::Client* consumer = nullptr;
  bool connection_serves_consumer = false;
  std::string requested_connection_id;  // empty: none asked for
  std::string requested_organization;   // its id
  bool organization_admits = false;     // the client may use it, and the user is still in it; true where neither has one
  bool prompt_login = false;
  std::optional<std::int64_t> max_age;
  std::string address;  // of this request; empty: unknown
  std::optional<std::int64_t> asn;
  std::optional<std::string> session_user_id;  // of the live session that the browser has
  base::Instant now{};
};

TransferReason evaluate_transfer(const TransferFacts& facts);

// What the checks compared, for the log row of the verdict: {"binding":"ip","device":["203.0.113.7","203.0.113.9"],…}, each pair
// what the token says and what the request says. What was not there to be compared is left out.
json::object compared_values(const TransferFacts& facts);

// The web client's explicit value, else the native client's explicit `ip` or `asn`, else `ip` (design §4).
model::DeviceBinding binding_of(const model::Client& consumer, const model::Client& creator);

}  // namespace segue::oauth
