// What a revocation leaves to be done beside the requests (design §4 "Revocation"): marking what hangs below the root, and
// telling relying parties. Nothing depends on it for correctness: every use of a descendant asks its ancestors.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace segue::store::revocations {

// contract §5.3: what ended a session, as clients select it.
inline constexpr std::string_view kRpLogout = "rp-logout", kSessionRevoked = "session-revoked",
                                  kSessionExpired = "session-expired", kPasswordChanged = "password-changed",
                                  kAccountDeleted = "account-deleted", kAccountDeactivated = "account-deactivated",
                                  kIdentifierChanged = "email-identifier-changed";

enum class Root { session, family, grant, user };
struct Work {
  base::RowId revocation_id{};
  Root root = Root::session;
  base::RowId root_id{};  // of a session, a family or a grant
  std::string user_id;    // of a user: everything of theirs that was revoked at `revoked_at` or later
  std::string initiator;
  base::Instant revoked_at{};
};

// In the transaction that marks the root.
void insert_session(const Writer& w, base::RowId session_id, std::string_view initiator, base::Instant now);
void insert_family(const Writer& w, base::RowId family_id, std::string_view initiator, base::Instant now);
void insert_grant(const Writer& w, base::RowId grant_id, std::string_view initiator, base::Instant now);
void insert_user(const Writer& w, std::string_view user_id, std::string_view initiator, base::Instant now);

// Facts of the whole database: who has work that is due.
std::optional<base::TenantId> find_tenant_due(sql::Connection& connection, base::Instant now);
// The oldest that is due, taken until `until`: for that long nobody else gets it. It is done again when its taker dies.
std::optional<Work> take(const Writer& w, base::Instant now, base::Instant until);
// Longer, for a walk that takes long.
void keep(const Writer& w, base::RowId revocation_id, base::Instant until);
void finish(const Writer& w, base::RowId revocation_id);

}  // namespace segue::store::revocations
