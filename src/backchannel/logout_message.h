// What a relying party is told when a session ends (contract §5.3): as it waits in the outbox, and as the logout token that is
// sent.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"
#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::backchannel {

struct LogoutMessage {
  std::string sid, user_id;
  std::string initiator;
  std::string domain;    // where the relying party signed in; empty: at the tenant's canonical domain
  std::string jti;       // the same at every attempt, so that a receiver can tell a repetition
  std::string trace_id;  // the same for everybody whom one revocation tells
  json::object session_metadata;
};
std::string to_text(const LogoutMessage& message);
LogoutMessage logout_message_from(std::string_view text);

// Back-Channel Logout §2.4, RS256 with the tenant's current key.
std::string mint_logout_token(const tenancy::Snapshot& tenant, const model::Client& client, const LogoutMessage& message,
                              base::Instant now);

}  // namespace segue::backchannel
