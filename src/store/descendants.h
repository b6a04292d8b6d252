// The session graph walked downwards, page by page, to mark what a revocation ended (design §4 "Revocation"). Reading and marking
// are two steps, so that no transaction is long.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "store/store.h"

namespace segue::store::descendants {

struct EndedSession {
  base::RowId session_id{};
  std::string sid, user_id, transfer_id;
  json::object metadata;
};
std::optional<EndedSession> find_session(const Reader& r, base::RowId session_id);
// That grew from a family and live, or were replaced by a successor that this family does not end. In the order of id, behind
// `after`.
std::vector<EndedSession> list_sessions_of_family(const Reader& r, base::RowId family_id, base::RowId after, std::int64_t most);
// A user's that were revoked at `revoked_at` or later.
std::vector<EndedSession> list_sessions_of_user(const Reader& r, std::string_view user_id, base::Instant revoked_at,
                                                base::RowId after, std::int64_t most);
// Which a session replaced in its browser.
std::vector<base::RowId> list_replaced(const Reader& r, base::RowId session_id);

struct Family {
  base::RowId family_id{};
  std::string client_id;
};
// That live and end with a session.
std::vector<Family> list_families_of_session(const Reader& r, base::RowId session_id);
// In a session, revoked with all that grew from them, and something grew.
std::vector<Family> list_roots_of_session(const Reader& r, base::RowId session_id);
// Of a grant, live or not.
std::vector<Family> list_families_of_grant(const Reader& r, base::RowId grant_id);
// That live and grew from another family.
std::vector<Family> list_families_of_family(const Reader& r, base::RowId family_id, base::RowId after, std::int64_t most);
// A user's that were revoked at `revoked_at` or later with all that grew from them, and from which something grew.
std::vector<Family> list_roots_of_user(const Reader& r, std::string_view user_id, base::Instant revoked_at, base::RowId after,
                                       std::int64_t most);

// Marks a family's sessions with ids from `first` to `last`.
void mark_sessions_of_family(const Writer& w, base::RowId family_id, base::RowId first, base::RowId last, base::Instant now);
// Marks one family; what hangs below it is the caller's to find.
void mark_family(const Writer& w, base::RowId family_id, bool cascades, base::Instant now);

}  // namespace segue::store::descendants
