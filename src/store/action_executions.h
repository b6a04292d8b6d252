// What Actions did when they ran (contract §8.2, §8.3): kept for ten days.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "model/action.h"
#include "store/store.h"

namespace segue::store::action_executions {

inline constexpr auto kKept = std::chrono::days(10);

void insert(const Writer& w, const model::ActionExecution& execution);
// An older one that waits for the sweeper counts as absent.
std::optional<model::ActionExecution> find(const Reader& r, std::string_view execution_id, base::Instant now);

bool has_expired(const Reader& r, base::Instant now);
// Removes up to `most`, the oldest first; returns how many.
std::int64_t sweep(const Writer& w, base::Instant now, int most);

}  // namespace segue::store::action_executions
