// Grants: the root of what a client holds for a user (design §4).
#pragma once
#include <optional>

#include "model/session_graph.h"
#include "store/store.h"

namespace segue::store::grants {

void insert(const Writer& w, const model::Grant& grant);

// What a descendant asks of its ancestor. Locks the row until the commit: a revocation waits, or has been seen (design §4).
struct Standing {
  bool revoked = false;
  bool revocation_cascades = false;
};
std::optional<Standing> lock_standing(const Writer& w, base::RowId grant_id);
// Marks the root once. False when it was revoked before.
bool revoke(const Writer& w, base::RowId grant_id, bool cascades, base::Instant now);

}  // namespace segue::store::grants
