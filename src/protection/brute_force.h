// Brute-force limits of the credential core (contract §2.6, design §8.11): per account and address, and per address over all
// accounts.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace segue::protection {

struct BruteForceLimits {
  std::int64_t failures_per_account = 10;   // per account and address
  std::int64_t failures_per_address = 100;  // per address, over all accounts
  base::Duration account_window = std::chrono::hours(1);
  base::Duration account_block = std::chrono::hours(1);
  base::Duration address_window = std::chrono::hours(24);
  base::Duration address_block = std::chrono::hours(1);

  // After this time no counter counts any more.
  base::Duration longest() const { return std::max(account_window + account_block, address_window + address_block); }
};

// What holds for the attempts from one address at one tenant (protection/tenant_limits.h).
struct BruteForceRules {
  BruteForceLimits limits;
  bool counts_account = true;
  bool counts_address = true;
  bool account_is_one = false;  // one counter for guesses from everywhere: its owner is locked out too
};

class BruteForce {
 public:
  BruteForce(store::Store& store, const base::Clock& clock, BruteForceLimits limits = {})
      : store_(store), clock_(clock), limits_(limits) {}

  // `account` is connection_id|identifier in lower case, whether or not such a user exists: a block tells nothing about that.
  enum class Verdict { allowed, account_blocked, address_blocked };
  // An attempt is counted before the password is looked at, in one statement, so that parallel guesses cannot all slip in under
  // the limit; success() takes it back.
  Verdict begin_attempt(base::TenantId tenant, std::string_view account, std::string_view address, const BruteForceRules& rules);
  void success(base::TenantId tenant, std::string_view account, std::string_view address, const BruteForceRules& rules);
  // By this server's own limits, whatever the tenant has set.
  Verdict begin_attempt(base::TenantId tenant, std::string_view account, std::string_view address) {
    return begin_attempt(tenant, account, address, {.limits = limits_});
  }
  void success(base::TenantId tenant, std::string_view account, std::string_view address) {
    success(tenant, account, address, {.limits = limits_});
  }
  const BruteForceLimits& limits() const { return limits_; }

 private:
  store::Store& store_;
  const base::Clock& clock_;
  BruteForceLimits limits_;
};

}  // namespace segue::protection
