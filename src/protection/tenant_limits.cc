#include "protection/tenant_limits.h"

#include "base/text.h"
#include "http/caller_address.h"

namespace segue::protection {
namespace {

// Whether the protection is on, blocks, and counts this address.
bool counts(const json::object& settings, std::string_view address) {
  if (!json::find_bool(settings, "enabled").value_or(true)) return false;
  if (json::find(settings, "shields") != nullptr && !base::contains(json::find_strings(settings, "shields"), "block"))
    return false;
  if (address.empty()) return true;
  for (const auto& exempt : json::find_strings(settings, "allowlist")) {
    const auto network = http::Network::parse(exempt);
    if (network.ok() && network->contains(address)) return false;
  }
  return true;
}

}  // namespace

BruteForceRules rules_of(const tenancy::Snapshot& tenant, std::string_view address, const BruteForceLimits& standard) {
  BruteForceRules out{.limits = standard};
  if (const auto settings = tenant.settings_document(kBruteForceSettings)) {
    out.counts_account = counts(*settings, address);
    out.account_is_one = json::find_string(*settings, "mode") == "count_per_identifier";
    out.limits.failures_per_account = json::find_integer(*settings, "max_attempts").value_or(out.limits.failures_per_account);
  }
  if (const auto settings = tenant.settings_document(kSuspiciousAddressSettings)) {
    out.counts_address = counts(*settings, address);
    const auto* const stages = json::find_object(*settings, "stage");
    const auto* const stage = stages != nullptr ? json::find_object(*stages, "pre-login") : nullptr;
    if (stage != nullptr) {
      constexpr std::int64_t kAttempts = 100, kRate = 864000;  // what is shown where nothing is set (contract §2.6)
      out.limits.failures_per_address = json::find_integer(*stage, "max_attempts").value_or(kAttempts);
      // One more is allowed every `rate` milliseconds: as many as there may be at all come back in this time.
      out.limits.address_window =
          std::chrono::milliseconds(json::find_integer(*stage, "rate").value_or(kRate)) * out.limits.failures_per_address;
    }
  }
  return out;
}

}  // namespace segue::protection
