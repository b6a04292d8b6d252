#include "oauth/consent.h"

#include <algorithm>

#include "base/text.h"
#include "store/user_consents.h"

namespace segue::oauth {
namespace {

std::string_view host_of(std::string_view url) {
  auto rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.starts_with('[')) return rest.substr(0, rest.find(']') + 1);
  return rest.substr(0, rest.find(':'));
}

}  // namespace

bool is_verifiable_callback(std::string_view redirect_uri) {
  const auto scheme = base::ascii_lower(redirect_uri.substr(0, redirect_uri.find(':')));
  if ((scheme != "https" && scheme != "http") || redirect_uri.find("://") == std::string_view::npos) return false;
  const auto host = base::ascii_lower(host_of(redirect_uri));
  return host != "localhost" && !host.ends_with(".localhost") && !host.starts_with("127.") && host != "[::1]";
}

bool asks_consent(const model::Client& client, const GrantedResource& resource, std::string_view redirect_uri) {
  if (!client.is_first_party) return true;
  const auto& api = resource.resource_server;
  // Of the Management API a user's token carries no scope: there is nothing to allow.
  if (!api || api->is_system) return false;
  return !api->skip_consent_for_verifiable_first_party_clients || !is_verifiable_callback(redirect_uri);
}

bool consent_stands(const store::Reader& r, const ConsentQuestion& q) {
  const auto found = store::user_consents::find_for(r, q.user_id, q.client_id, consent_audience(q.tenant, q.audience));
  if (!found) return false;
  const auto allowed = base::split(found->scope, ' ');
  const auto wanted = base::split(q.scope, ' ');
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& scope) { return base::contains(allowed, scope); });
}

bool lacks_consent(const store::Reader& r, const model::Client& client, const ConsentQuestion& question) {
  return !client.is_first_party && !consent_stands(r, question);
}

std::string consent_audience(const tenancy::Snapshot& tenant, std::string_view audience) {
  return audience.empty() ? tenant.issuer(tenant.tenant().canonical_domain()) + "userinfo" : std::string(audience);
}

}  // namespace segue::oauth
