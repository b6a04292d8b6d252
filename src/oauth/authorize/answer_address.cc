#include "oauth/authorize/answer_address.h"

#include "interaction/foreign_protocol.h"
#include "oauth/organization.h"

namespace segue::oauth {
namespace {

std::vector<std::string> consumer_urls(const tenancy::Snapshot& tenant, const model::Client& client,
                                       const AuthorizationRequest& request, const store::Reader* r) {
  auto out = callbacks_for(tenant, client, request.organization, r);
  if (const auto* const addon = client.addon(request.foreign_protocol))
    out.push_back(json::find_string(*addon, "destination").value_or(""));
  std::erase_if(out, [](const std::string& uri) { return !model::is_web_page(uri); });
  return out;
}

std::vector<std::string> device_pages(const tenancy::Snapshot& tenant) {
  std::vector<std::string> out;
  for (const auto& domain : tenant.tenant().domains) out.push_back(tenant.issuer(domain) + std::string(kDeviceCallback));
  return out;
}

}  // namespace

bool leads_to_sign_in(const tenancy::Snapshot& tenant, const model::Client& client, std::string_view uri) {
  const auto address = uri.substr(0, uri.find('?'));
  for (const auto protocol : {interaction::kSamlProtocol, interaction::kWsFederation}) {
    if (client.addon(protocol) == nullptr) continue;
    for (const auto& domain : tenant.tenant().domains) {
      if (address == tenant.issuer(domain) + std::string(protocol) + "/" + client.client_id) return true;
    }
  }
  return false;
}

std::optional<VerifiedRedirect> verify_answer_address(const tenancy::Snapshot& tenant, const model::Client& client,
                                                      const AuthorizationRequest& request, const store::Reader* r) {
  const auto& uri = request.redirect_uri;
  if (request.is_foreign()) return verify_redirect(consumer_urls(tenant, client, request, r), uri);
  if (request.device_code_id != base::RowId{}) return verify_redirect(device_pages(tenant), uri);
  if (leads_to_sign_in(tenant, client, uri)) return verify_redirect({uri}, uri);
  return verify_redirect(callbacks_for(tenant, client, request.organization, r), uri);
}

std::optional<VerifiedRedirect> error_address(const model::Client& client, const VerifiedRedirect& redirect,
                                              const AuthorizationRequest& request) {
  if (!request.is_foreign() && request.response_type == ResponseType{}) return std::nullopt;
  return error_target(client, redirect);
}

}  // namespace segue::oauth
