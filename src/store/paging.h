// How lists are cut (contract §9.3).
#pragma once
#include <string>

namespace segue::store {

// Checkpoint paging: rows whose key is greater than `after`, at most `take`.
struct Keyset {
  std::string after;
  int take = 50;
};

// Offset paging, bounded by the caller.
struct Offset {
  int page = 0;
  int per_page = 50;
};

}  // namespace segue::store
