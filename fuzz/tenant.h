// A tenant in memory for targets that read its records: `web` is a confidential client with a secret that no input holds,
// `native` a public one.
#pragma once
#include <memory>

#include "tenancy/snapshot.h"

namespace segue::fuzz {

inline constexpr const char* kWebCallback = "https://app.example/callback";
inline constexpr const char* kNativeCallback = "com.example.app://tenant.example/callback";
inline constexpr const char* kWildcardCallback = "https://*.preview.example/callback";

// Made by the first call.
const tenancy::Snapshot& tenant();

}  // namespace segue::fuzz
