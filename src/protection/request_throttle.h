// How many requests of a kind that anybody may make are let through: sign-ups (contract §2.6), requests for mails. Each is
// counted before anything is done for it, whether or not it succeeds.
#pragma once
#include <string_view>

#include "base/clock.h"
#include "store/store.h"

namespace segue::protection {

struct Throttle {
  std::string_view name;  // of the counter
  std::int64_t requests = 0;
  base::Duration window{};  // also how long who has used it up waits
};

inline constexpr Throttle kSignUpsOfAddress{"sign_up_ip", 50, std::chrono::seconds(60)};
// Mails with a link to a new password. An account's limit is silent, or it would tell who has one.
inline constexpr Throttle kResetsOfAddress{"reset_ip", 50, std::chrono::hours(1)},
    kResetsOfAccount{"reset_account", 5, std::chrono::hours(1)};

enum class Throttled {
  no,
  last,  // let through, and the next one is not: exactly one request is told so
  yes,
};

// Costs no commit: who is over the limit leaves the writer to others.
bool is_throttled(const store::Reader& r, const Throttle& throttle, std::string_view key, base::Instant now);
// Counts one. `key` is an address, or what it is that is asked for; only its hash is stored.
Throttled count(const store::Writer& w, const Throttle& throttle, std::string_view key, base::Instant now);
// The same for a network address, whole networks of IPv6 as one.
bool is_address_throttled(const store::Reader& r, const Throttle& throttle, std::string_view address, base::Instant now);
Throttled count_address(const store::Writer& w, const Throttle& throttle, std::string_view address, base::Instant now);

}  // namespace segue::protection
