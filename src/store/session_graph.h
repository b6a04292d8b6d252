// The session graph read as a graph (design §4): what stands below a user, a session, a grant or a refresh token family. One
// query per level, the newest rows first, never more than asked for.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/session_graph.h"
#include "store/store.h"

namespace segue::store::session_graph {

// What a record shows of itself. `ended_above`: something above it has ended in a way that ends it too.
struct SessionNode {
  base::RowId session_id{};
  std::string sid, user_id;
  model::Ancestry ancestry;
  base::Instant created_at{}, expires_at{};  // the earlier of the idle and the absolute end
  std::optional<base::Instant> revoked_at;
  std::string initial_ip, initial_user_agent, last_ip, last_user_agent;
  bool ended_above = false;
};
struct GrantNode {
  base::RowId grant_id{};
  std::optional<base::RowId> session_id;
  model::Ancestry ancestry;
  base::Instant created_at{};
  std::optional<base::Instant> revoked_at;
  bool ended_above = false;
};
struct FamilyNode {
  base::RowId family_id{};
  std::string public_id, user_id, client_id;
  std::optional<base::RowId> session_id;
  bool ends_with_session = false;
  base::Instant created_at{};
  std::optional<base::Instant> expires_at, revoked_at;
  std::string initial_ip, initial_user_agent, last_ip, last_user_agent;
  bool ended_above = false;
  std::optional<GrantNode> grant;
};
struct TransferNode {
  base::RowId session_transfer_token_id{}, family_id{};
  std::string client_id, transfer_id, consumed_by_client_id;
  model::OneTimeState state = model::OneTimeState::issued;
  base::Instant created_at{}, expires_at{};
  std::string ip, user_agent;
  bool ended_above = false;
};
struct RelyingPartyNode {
  base::RowId session_id{};
  std::string client_id, transfer_id;
  base::Instant created_at{};
};

// Where a walk downwards begins. All of a user's, or what grew from one record.
struct Top {
  enum class Kind { user, session, grant, family };
  Kind kind = Kind::user;
  std::string user_id;  // of user
  base::RowId id{};     // of the others
  bool operator==(const Top&) const = default;
};

struct Records {
  std::vector<SessionNode> sessions;
  std::vector<FamilyNode> families;  // each with its grant
  std::vector<RelyingPartyNode> relying_parties;
  std::vector<TransferNode> transfers;
  bool truncated = false;                // there is more of one kind than `most`
  base::Instant transfers_known_from{};  // session transfer tokens made before are not looked for
};
// Up to `most` records of each kind. Session transfer tokens have no index but their own key, which the exchange can afford: they
// are found among the newest kTransfersLookedAt of the tenant.
inline constexpr int kTransfersLookedAt = 10'000;
Records load(const Reader& r, const Top& top, int most, base::Instant now);

// Where the tree that holds a record begins: one top, or two for what a transfer brought into a session that was opened by hand.
// Empty: no such record.
std::vector<Top> tops_of_session(const Reader& r, std::string_view sid);
std::vector<Top> tops_of_family(const Reader& r, std::string_view public_id);

// Whose a record is, for the lock that every revocation takes first, and the handoff that it came from.
struct Owner {
  std::string user_id, transfer_id;
  bool operator==(const Owner&) const = default;
};
std::optional<Owner> owner_of_session(const Reader& r, base::RowId session_id);
std::optional<Owner> owner_of_grant(const Reader& r, base::RowId grant_id);
std::optional<Owner> owner_of_family(const Reader& r, base::RowId family_id);

}  // namespace segue::store::session_graph
