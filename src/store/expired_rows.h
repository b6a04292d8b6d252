// One-time things and suspended requests whose time is over: pushed requests, suspended authorization requests, authorization
// codes, session transfer tokens, device codes, links to a new password or from a confirmation mail, invitations, and sign-outs on
// their way. Spent or not, they stay a day longer, so that reuse is recognised as reuse (design §4).
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "store/store.h"

namespace segue::store::expired_rows {

inline constexpr auto kRemembered = std::chrono::hours(24);

// A table that holds rows which expired kRemembered before `now` or earlier; nothing when none does.
std::optional<std::size_t> find_table(const Reader& r, base::Instant now);
std::string_view name_of(std::size_t table);
// Removes up to `most` such rows of that table, the oldest first; returns how many.
std::int64_t sweep(const Writer& w, std::size_t table, base::Instant now, int most);

}  // namespace segue::store::expired_rows
