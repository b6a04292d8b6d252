// The session graph (design §4): grant → refresh token family → session transfer token → web session → its families → relying
// parties. Each record names its parent and carries the ids of its ancestors.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "json/value.h"

namespace segue::model {

using Digest = std::array<std::byte, 32>;

// One way in which a user proved who they are, with its time (contract §6.2 `authentication.methods`).
struct AuthenticationMethod {
  std::string name;  // "pwd", "mfa", …
  base::Instant at{};
};
// How they stand in a column: "pwd@1790000000000000 mfa@1790000000000001", times in microseconds.
std::string to_text(const std::vector<AuthenticationMethod>& methods);
std::vector<AuthenticationMethod> authentication_methods_from(std::string_view text);

// Where a revocable record hangs. Zero: no such ancestor.
struct Ancestry {
  base::RowId parent_family_id{};  // the native app's refresh token family whose session transfer token led here
  base::RowId parent_grant_id{};   // that family's grant
  std::string transfer_id;         // one per handoff; empty outside one
};

// A user's sign-in at a client: the root of what the client holds.
struct Grant {
  base::RowId grant_id{};
  std::string user_id, client_id;
  std::optional<base::RowId> session_id;  // the web session it was made in
  Ancestry ancestry;
  base::Instant created_at{};
  std::optional<base::Instant> revoked_at;
  bool revocation_cascades = false;
};

struct RefreshTokenFamily {
  base::RowId family_id{};
  std::string public_id;  // random; what the Management API shows
  base::RowId grant_id{};
  std::string user_id, client_id, connection_id, organization_id;
  std::string audience, scope;            // scope: space-separated, as granted
  std::optional<base::RowId> session_id;  // the web session it was issued in
  bool ends_with_session = false;         // enforce_online_refresh_tokens at issue (contract §1.12)
  Ancestry ancestry;
  base::Instant auth_time{};  // of the original first factor
  std::vector<AuthenticationMethod> methods;
  std::string initial_ip, initial_user_agent, last_ip, last_user_agent;
  std::optional<std::int64_t> initial_asn, last_asn;
  bool rotating = false;
  bool online = false;             // lives in its session and nowhere else (contract §4.7)
  std::string dpop_jkt;            // the key that every use must prove (RFC 9449 §5); empty: none
  std::int64_t token_counter = 0;  // of the newest token (contract §4.4)
  base::Instant created_at{}, last_exchanged_at{};
  std::optional<base::Instant> expires_at, idle_expires_at, revoked_at;
  bool revocation_cascades = false;  // read from the native client when the revocation happened
  base::Instant password_epoch{};    // the user's last password change when it was issued
};

enum class OneTimeState { issued, consumed, revoked };

struct RefreshToken {
  base::RowId refresh_token_id{};
  base::RowId family_id{};
  std::int64_t counter = 0;
  OneTimeState state = OneTimeState::issued;
  std::optional<base::Instant> consumed_at;
  std::optional<base::RowId> successor_id;
  base::Instant created_at{};
};

// Where an exchange or a sign-in came from (contract §1.15).
struct RequestOrigin {
  std::string ip;  // empty: unknown
  std::optional<std::int64_t> asn;
  std::string user_agent;
  json::object geoip;
};

struct SessionTransferToken {
  base::RowId session_transfer_token_id{};
  base::RowId family_id{}, grant_id{};
  std::string client_id, user_id, connection_id, organization_id, scope;
  RequestOrigin origin;
  base::Instant auth_time{};
  std::vector<AuthenticationMethod> methods;
  std::string transfer_id;
  OneTimeState state = OneTimeState::issued;
  base::Instant created_at{}, expires_at{};
  std::optional<base::Instant> consumed_at;
};

// A browser session.
struct Session {
  base::RowId session_id{};
  std::string sid;  // public and random: the `sid` claim and the Management API's id
  std::string user_id, connection_id, organization_id;
  Ancestry ancestry;  // set when a session transfer token opened it
  bool opened_by_transfer = false;
  base::Instant created_at{}, authenticated_at{};  // authenticated_at: of the first factor, the original one after a transfer
  base::Instant last_interacted_at{}, idle_expires_at{}, expires_at{};
  std::vector<AuthenticationMethod> methods;
  RequestOrigin initial, last;
  bool persistent = true;
  std::optional<base::Instant> revoked_at;
  bool revocation_cascades = false;
  base::Instant password_epoch{};
};

}  // namespace segue::model
