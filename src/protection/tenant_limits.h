// What a tenant's attack protection (contract §9.12) makes of the limits of guessing.
#pragma once
#include <string_view>

#include "protection/brute_force.h"
#include "tenancy/snapshot.h"

namespace segue::protection {

// The kinds of the settings documents.
inline constexpr std::string_view kBruteForceSettings = "brute_force", kSuspiciousAddressSettings = "suspicious_address";

// `address` is canonical; empty: unknown, which no list exempts. What is not set is as `standard` says.
BruteForceRules rules_of(const tenancy::Snapshot& tenant, std::string_view address, const BruteForceLimits& standard);

}  // namespace segue::protection
