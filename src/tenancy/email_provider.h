// The password of a tenant's own mail provider (contract §9.12 emails), sealed under the key file.
#pragma once
#include <string>

#include "base/random.h"
#include "crypto/secret.h"
#include "tenancy/key_file.h"

namespace segue::tenancy {

inline constexpr std::string_view kEmailProvider = "email_provider";  // the kind of its settings document
// Empty for none.
base::Result<crypto::Secret> open_email_password(const KeyFile& key_file, base::TenantId tenant, std::string_view sealed);
std::string seal_email_password(const KeyFile& key_file, base::Random& random, base::TenantId tenant, std::string_view password);

}  // namespace segue::tenancy
