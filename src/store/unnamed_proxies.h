// Peers that look like reverse proxies which the operator did not name, for `segue doctor` and the start-up log. They belong to
// the whole database, as nodes do: a connection is refused or believed before its tenant matters.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "sql/connection.h"

namespace segue::store::unnamed_proxies {

struct UnnamedProxy {
  std::string address;  // canonical
  std::string header;   // the forwarding header that it sent
  base::Instant seen_at{};
};

inline constexpr int kMost = 100;

// Remembers it, or that it was seen again. Beyond kMost others, nothing.
void note(sql::Connection& connection, const UnnamedProxy& proxy);
// Forgets those that were last seen before `since`.
void forget_before(sql::Connection& connection, base::Instant since);
std::vector<UnnamedProxy> list(sql::Connection& connection);  // by address

}  // namespace segue::store::unnamed_proxies
