// Counters of the protection core (contract §2.6): failures, and requests that anybody may make. A key names what is counted:
// "account|…|ip", "ip|…", "device_code|…|ip" or "device_code_ip|…".
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace segue::store::login_attempts {

struct Counter {
  std::int64_t failures = 0;
  base::Instant window_started_at{};
  std::optional<base::Instant> blocked_until;
};
std::optional<Counter> find(const Reader& r, std::string_view key);
// Counts one more within `window`, starting again when the window or the block is over; sets blocked_until when `limit` is
// reached. One statement, so that of any number of parallel attempts exactly `limit` see `failures` <= `limit`. Counting on while
// blocked neither extends the block nor goes beyond `limit` + 1.
Counter count_failure(const Writer& w, std::string_view key, std::int64_t limit, base::Duration window, base::Duration block,
                      base::Instant now);
// A bucket of `places`, one of which becomes free each `rate`. Takes a place and answers when all will be free again, in
// `blocked_until`; nothing, when there is none. One statement: parallel attempts take no place twice.
std::optional<Counter> take_place(const Writer& w, std::string_view key, std::int64_t places, base::Duration rate,
                                  base::Instant now);
// Takes one counted attempt back, and with it a block that it completed.
void take_back(const Writer& w, std::string_view key, std::int64_t limit);
void clear(const Writer& w, std::string_view key);
// The next counters behind `after`, up to `most`, and which of them began at `begun` or earlier: a walk along the primary key,
// for no index tells when a window began. Fewer than `most`: the end.
struct Page {
  int looked_at = 0;
  std::string last;
  std::vector<std::string> keys;
};
Page look_for_begun_before(const Reader& r, base::Instant begun, std::string_view after, int most);
// Nothing happens to a counter that has started again meanwhile. How many were removed.
std::int64_t remove_begun_before(const Writer& w, std::string_view key, base::Instant begun);

}  // namespace segue::store::login_attempts
