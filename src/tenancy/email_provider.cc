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

base::Result<std::optional<EmailProvider>> email_provider(const store::Reader& r, const KeyFile& key_file) {
  const auto found = store::settings_documents::find(r, kEmailProvider, "");
  if (!found || !json::find_bool(found->document, "enabled").value_or(true)) return std::optional<EmailProvider>();
  EmailProvider out;
  out.from = json::find_string(found->document, "default_from_address").value_or("");
  if (const auto* const server = json::find_object(found->document, "credentials")) {
    out.host = json::find_string(*server, "smtp_host").value_or("");
    out.port = static_cast<int>(json::find_integer(*server, "smtp_port").value_or(out.port));
    out.user = json::find_string(*server, "smtp_user").value_or("");
  }
  out.password = TRY(open_email_password(key_file, r.tenant, found->sealed));
  if (out.host.empty()) return std::optional<EmailProvider>();
  return std::optional(std::move(out));
}

}  // namespace segue::tenancy
