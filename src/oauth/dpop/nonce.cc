#include "oauth/dpop/nonce.h"

#include <charconv>

#include "base/bytes.h"

namespace segue::oauth::dpop {
namespace {

constexpr std::size_t kMacSize = 16;
// Another node's clock may be this much ahead (app/maintenance.cc).
constexpr std::chrono::seconds kClockSkew{5};

std::string sign(const crypto::HmacKey& key, std::int64_t seconds) {
  const auto mac = key.mac("dpop-nonce/" + std::to_string(seconds));
  return std::to_string(seconds) + "." + base::base64url(base::ByteView(mac).first(kMacSize));
}

}  // namespace

std::string make_nonce(const crypto::HmacKey& key, base::Instant now) { return sign(key, base::to_seconds(now)); }

std::optional<base::Instant> nonce_end(const crypto::HmacKey& key, std::string_view nonce, base::Instant now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(nonce.data(), nonce.data() + nonce.size(), seconds);
  // The bounds keep what a stranger writes from overflowing a time.
  if (error != std::errc{} || seconds < 0 || seconds > base::to_seconds(now + kClockSkew)) return std::nullopt;
  const auto expected = sign(key, seconds);
  if (!crypto::equal_in_constant_time(base::as_bytes(nonce), base::as_bytes(expected))) return std::nullopt;
  const auto until = base::from_seconds(seconds) + kNonceLifetime;
  return until > now ? std::optional(until) : std::nullopt;
}

}  // namespace segue::oauth::dpop
