// Through which server a tenant's mail goes (contract §9.12 emails): for whoever sends it. Set by the Management API, its
// password sealed.
#pragma once
#include <optional>
#include <string>

#include "base/random.h"
#include "crypto/secret.h"
#include "json/value.h"
#include "store/settings_documents.h"
#include "tenancy/key_file.h"

namespace segue::tenancy {

struct EmailProvider {
  std::string host;
  int port = 587;
  std::string user;  // empty: the server asks for none
  crypto::Secret password;
  std::string from;  // default_from_address
};
// Nothing where none is set, or it is switched off. An error when the key file does not open its password.
base::Result<std::optional<EmailProvider>> email_provider(const store::Reader& r, const KeyFile& key_file);

inline constexpr std::string_view kEmailProvider = "email_provider";  // the kind of its settings document
// Empty for none.
base::Result<crypto::Secret> open_email_password(const KeyFile& key_file, base::TenantId tenant, std::string_view sealed);
std::string seal_email_password(const KeyFile& key_file, base::Random& random, base::TenantId tenant, std::string_view password);

}  // namespace segue::tenancy
