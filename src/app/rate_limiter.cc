#include "app/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace segue::app {

// With mutex_ held.
RateLimiter::Bucket RateLimiter::filled(base::TenantId tenant, base::Instant now) const {
  const auto found = buckets_.find(tenant);
  if (found == buckets_.end()) return {static_cast<double>(limit_), now};
  const double seconds = std::max<double>(0, std::chrono::duration<double>(now - found->second.at).count());
  return {std::min(static_cast<double>(limit_), found->second.tokens + seconds * static_cast<double>(limit_)), now};
}

RateLimiter::Standing RateLimiter::standing(const Bucket& bucket, bool allowed) const {
  const double missing = static_cast<double>(limit_) - bucket.tokens;
  const auto seconds = static_cast<std::int64_t>(std::ceil(missing / static_cast<double>(limit_)));
  return {.allowed = allowed,
          .limit = limit_,
          .remaining = static_cast<std::int64_t>(bucket.tokens),
          .reset = base::to_seconds(bucket.at) + std::max<std::int64_t>(1, seconds)};
}

RateLimiter::Standing RateLimiter::take(base::TenantId tenant) {
  const auto now = clock_.now();
  const std::scoped_lock lock(mutex_);
  auto bucket = filled(tenant, now);
  const bool allowed = bucket.tokens >= 1;
  if (allowed) bucket.tokens -= 1;
  buckets_[tenant] = bucket;
  return standing(bucket, allowed);
}

RateLimiter::Standing RateLimiter::look(base::TenantId tenant) const {
  const auto now = clock_.now();
  const std::scoped_lock lock(mutex_);
  return standing(filled(tenant, now), true);
}

}  // namespace segue::app
