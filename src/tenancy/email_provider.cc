#include "tenancy/email_provider.h"

namespace segue::tenancy {

std::string seal_email_password(const KeyFile& key_file, base::Random& random, base::TenantId tenant, std::string_view password) {
  if (password.empty()) return {};
  return key_file.seal(random, password, seal_context(tenant, kEmailProvider, ""));
}

base::Result<crypto::Secret> open_email_password(const KeyFile& key_file, base::TenantId tenant, std::string_view sealed) {
  if (sealed.empty()) return crypto::Secret();
  return key_file.open(sealed, seal_context(tenant, kEmailProvider, ""));
}

}  // namespace segue::tenancy
