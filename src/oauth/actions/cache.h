// api.cache: what Actions of a trigger keep between calls (contract §8.3), in this process only. It may be gone at any time.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "actions/invocation.h"
#include "base/clock.h"

namespace segue::oauth {

class ActionCache {
 public:
  using Entries = std::map<std::string, actions::CacheEntry>;
  // What has not expired.
  Entries of(base::TenantId tenant, const std::string& trigger, base::Instant now) const;
  // Carries out what the Actions asked for. Entries beyond the limits are not kept.
  void apply(base::TenantId tenant, const std::string& trigger, const std::vector<actions::ActionResult>& results,
             base::Instant now);

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<base::TenantId, std::string>, Entries> entries_;
};

}  // namespace segue::oauth
