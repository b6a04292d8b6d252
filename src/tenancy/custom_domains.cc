#include "tenancy/custom_domains.h"

#include "base/text.h"
#include "store/settings_documents.h"
#include "store/tenants.h"

namespace segue::tenancy {

std::string served_host(const model::Tenant& tenant, std::string_view domain) {
  const auto& canonical = tenant.canonical_domain();
  const auto colon = canonical.rfind(':');
  const bool has_port = colon != std::string::npos && canonical.find(']', colon) == std::string::npos;
  return base::ascii_lower(domain) + (has_port ? canonical.substr(colon) : "");
}

bool has_claimed(const store::Reader& r, std::string_view domain) {
  for (const auto& claim : store::settings_documents::list(r, kCustomDomain)) {
    if (base::iequals(json::find_string(claim.document, "domain").value_or(""), domain)) return true;
  }
  return false;
}

bool confirm_custom_domain(const store::Writer& w, std::string_view domain) {
  const auto tenant = store::tenants::find_for_change(w);
  return tenant && has_claimed(w, domain) && store::tenants::add_domain(w, served_host(*tenant, domain));
}

}  // namespace segue::tenancy
