// One bucket of requests per tenant for the Management API (contract §9.4). Per node; a limit against runaway scripts.
#pragma once
#include <map>
#include <mutex>

#include "base/clock.h"
#include "base/ids.h"

namespace segue::app {

class RateLimiter {
 public:
  RateLimiter(const base::Clock& clock, std::int64_t per_second) : clock_(clock), limit_(per_second) {}

  struct Standing {
    bool allowed = true;
    std::int64_t limit = 0, remaining = 0;
    std::int64_t reset = 0;  // seconds since 1970: when the bucket is full again, always in the future
  };
  // Takes one request out of the tenant's bucket if there is one.
  Standing take(base::TenantId tenant);
  // Without taking.
  Standing look(base::TenantId tenant) const;

 private:
  struct Bucket {
    double tokens = 0;
    base::Instant at{};
  };
  Bucket filled(base::TenantId tenant, base::Instant now) const;
  Standing standing(const Bucket& bucket, bool allowed) const;

  const base::Clock& clock_;
  const std::int64_t limit_;
  mutable std::mutex mutex_;
  std::map<base::TenantId, Bucket> buckets_;
};

}  // namespace segue::app
