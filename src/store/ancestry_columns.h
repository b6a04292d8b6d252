// How ancestors stand in columns: no ancestor is null in SQL and zero in the struct.
#pragma once
#include <optional>

#include "model/session_graph.h"
#include "sql/connection.h"

namespace segue::store {

inline std::optional<base::RowId> maybe_id(base::RowId id) { return id == base::RowId{} ? std::nullopt : std::optional(id); }

// Columns: parent_family_id, parent_grant_id, transfer_id.
inline model::Ancestry read_ancestry(const sql::Row& row, int first) {
  return {row.row_id(first), row.row_id(first + 1), row.string(first + 2)};
}

}  // namespace segue::store
