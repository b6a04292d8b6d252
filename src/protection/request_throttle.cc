#include "protection/request_throttle.h"

#include "base/bytes.h"
#include "crypto/digest.h"
#include "protection/counted_address.h"
#include "store/login_attempts.h"

namespace segue::protection {
namespace {

namespace request_counters = store::login_attempts;

std::string counter_of(const Throttle& throttle, std::string_view key) {
  return std::string(throttle.name) + "|" + base::base64url(crypto::sha256(key));
}

}  // namespace

bool is_throttled(const store::Reader& r, const Throttle& throttle, std::string_view key, base::Instant now) {
  const auto counter = request_counters::find(r, counter_of(throttle, key));
  return counter && counter->blocked_until && *counter->blocked_until > now;
}

Throttled count(const store::Writer& w, const Throttle& throttle, std::string_view key, base::Instant now) {
  const auto made =
      request_counters::count_failure(w, counter_of(throttle, key), throttle.requests, throttle.window, throttle.window, now);
  if (made.failures > throttle.requests) return Throttled::yes;
  return made.failures == throttle.requests ? Throttled::last : Throttled::no;
}

bool is_address_throttled(const store::Reader& r, const Throttle& throttle, std::string_view address, base::Instant now) {
  return is_throttled(r, throttle, counted_address(address), now);
}

Throttled count_address(const store::Writer& w, const Throttle& throttle, std::string_view address, base::Instant now) {
  return count(w, throttle, counted_address(address), now);
}

}  // namespace segue::protection
