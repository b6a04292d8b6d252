// Records of the session graph that have ended: sessions with their relying parties, refresh token families, spent refresh
// tokens, and grants. They end by columns that move, so no index tells which: a walk along the primary key finds them, a page at
// a time. Each stays a day after its end (design §4), and as long as a record below names it as its parent, for a missing
// ancestor denies.
#pragma once
#include <array>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace segue::store::ended_rows {

// In the order in which a walk frees most: what is below goes before what is above.
enum class Table { sessions, refresh_token_families, refresh_tokens, grants };
inline constexpr std::array kTables{Table::sessions, Table::refresh_token_families, Table::refresh_tokens, Table::grants};
std::string_view to_text(Table table);

inline constexpr auto kRemembered = std::chrono::hours(24);
// How long a spent refresh token of a family that never goes idle is known, so that its reuse ends the family.
inline constexpr auto kSpentTokenRemembered = std::chrono::hours(24 * 365);

struct Page {
  int looked_at = 0;
  base::RowId first{}, last{};     // of those looked at
  std::vector<base::RowId> ended;  // in rising order
};
// The next rows behind `after`, up to `most`, of those old enough to have ended a day ago. Fewer than `most`: the table's end.
Page look(const Reader& r, Table table, base::RowId after, int most, base::Instant now);
// Removes what has ended among the rows behind `after` up to `through`: judged again, inside the transaction. How many.
std::int64_t sweep(const Writer& w, Table table, base::RowId after, base::RowId through, base::Instant now);

}  // namespace segue::store::ended_rows
