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

class BruteForce {
 public:
  BruteForce(store::Store& store, const base::Clock& clock, BruteForceLimits limits = {})
      : store_(store), clock_(clock), limits_(limits) {}

  // `account` is connection_id|identifier in lower case, whether or not such a user exists: a block tells nothing about that.
  enum class Verdict { allowed, account_blocked, address_blocked };
  // An attempt is counted before the password is looked at, in one statement, so that parallel guesses cannot all slip in under
  // the limit; success() takes it back.
  Verdict begin_attempt(base::TenantId tenant, std::string_view account, std::string_view address);
  void success(base::TenantId tenant, std::string_view account, std::string_view address);

 private:
  store::Store& store_;
  const base::Clock& clock_;
  BruteForceLimits limits_;
};

}  // namespace segue::protection
