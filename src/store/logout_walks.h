// Browsers on their way through the service providers of an ended session (model/single_logout.h). Each step counts once.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/single_logout.h"
#include "store/store.h"

namespace segue::store::logout_walks {

void insert(const Writer& w, const model::LogoutWalk& walk, const model::Digest& secret_hash);
struct Found {
  model::LogoutWalk walk;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId logout_walk_id);

// `walk.step` steps on to the next one, with what it awaits, its plan, whether that was the last, and the handle's secret from
// then on. False when the step was taken before, or the walk has ended or expired.
bool advance(const Writer& w, const model::LogoutWalk& walk, const model::Digest& secret_hash, base::Instant now);
// Ends those of a browser that have not ended, for the one that begins: whatever is left of them becomes its own. A browser that
// stood still at a service provider goes on that way.
std::vector<model::LogoutWalk> take_over(const Writer& w, const model::Digest& browser_hash, base::Instant now);
// The same for those that have taken no step: their browser never learned of them.
std::vector<model::LogoutWalk> take_up(const Writer& w, const model::Digest& browser_hash, base::Instant now);
// The same for those that nobody took further before they expired.
std::vector<model::LogoutWalk> end_expired(const Writer& w, base::Instant now);
bool has_expired(const Reader& r, base::Instant now);

}  // namespace segue::store::logout_walks
