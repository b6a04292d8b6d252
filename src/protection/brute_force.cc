#include "protection/brute_force.h"

#include "base/bytes.h"
#include "crypto/digest.h"
#include "protection/counted_address.h"
#include "store/login_attempts.h"

namespace segue::protection {
namespace {

namespace login_attempts = store::login_attempts;

struct Keys {
  std::string account, address;
};
// What people type as their name may be of any length, and now and then it is their password: only its hash is stored.
Keys keys_of(std::string_view account, std::string_view address, const BruteForceRules& rules) {
  const auto from = counted_address(address);
  const auto hash = base::base64url(crypto::sha256(account));
  return {.account = "account|" + hash + "|" + (rules.account_is_one ? "*" : from), .address = "ip|" + from};
}

bool refuses(const std::optional<login_attempts::Counter>& counter, std::int64_t limit, base::Instant now) {
  return counter && counter->failures >= limit && counter->blocked_until && *counter->blocked_until > now;
}

}  // namespace

BruteForce::Verdict BruteForce::begin_attempt(base::TenantId tenant, std::string_view account, std::string_view address,
                                              const BruteForceRules& rules) {
  if (!rules.counts_account && !rules.counts_address) return Verdict::allowed;
  const auto now = clock_.now();
  const auto keys = keys_of(account, address, rules);
  const auto& limits = rules.limits;

  // Who is blocked already is refused without a commit, so that a flood of refused guesses leaves the writer to others.
  const auto known = store_.read(tenant, [&](const store::Reader& r) {
    if (rules.counts_address && refuses(login_attempts::find(r, keys.address), limits.failures_per_address, now))
      return Verdict::address_blocked;
    if (rules.counts_account && refuses(login_attempts::find(r, keys.account), limits.failures_per_account, now))
      return Verdict::account_blocked;
    return Verdict::allowed;
  });
  if (known != Verdict::allowed) return known;

  return store_.write(tenant, [&](const store::Writer& w) {
    if (rules.counts_address) {
      const auto by_address = login_attempts::count_failure(w, keys.address, limits.failures_per_address, limits.address_window,
                                                            limits.address_block, now);
      if (by_address.failures > limits.failures_per_address) return Verdict::address_blocked;
    }
    if (!rules.counts_account) return Verdict::allowed;
    const auto by_account = login_attempts::count_failure(w, keys.account, limits.failures_per_account, limits.account_window,
                                                          limits.account_block, now);
    if (by_account.failures <= limits.failures_per_account) return Verdict::allowed;
    // No password is looked at, so this is no guess of that address.
    if (rules.counts_address) login_attempts::take_back(w, keys.address, limits.failures_per_address);
    return Verdict::account_blocked;
  });
}

void BruteForce::success(base::TenantId tenant, std::string_view account, std::string_view address,
                         const BruteForceRules& rules) {
  if (!rules.counts_account && !rules.counts_address) return;
  const auto keys = keys_of(account, address, rules);
  store_.write(tenant, [&](const store::Writer& w) {
    if (rules.counts_address) login_attempts::take_back(w, keys.address, rules.limits.failures_per_address);
    if (rules.counts_account) login_attempts::clear(w, keys.account);
    return true;
  });
}

}  // namespace segue::protection
