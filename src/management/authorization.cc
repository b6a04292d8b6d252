#include "management/authorization.h"

#include "base/text.h"
#include "management/errors.h"

namespace segue::management {

bool allows_any(const tokens::VerifiedAccessToken& token, const std::vector<std::string>& scopes) {
  for (const auto& scope : scopes) {
    if (token.allows(scope)) return true;
  }
  return false;
}

base::Result<tokens::VerifiedAccessToken> authorize(const tenancy::Snapshot& tenant, const http::Request& request,
                                                    base::Instant now, const std::vector<std::string>& scopes) {
  const auto headers = request.headers.find_all("authorization");
  if (headers.empty()) return missing_authentication();
  constexpr std::string_view kScheme = "bearer ";
  if (headers.size() > 1 || headers[0].size() <= kScheme.size() ||
      !base::iequals(headers[0].substr(0, kScheme.size()), kScheme)) {
    return bad_token("Invalid token");
  }
  auto token = tokens::verify_access_token(tenant, base::trim(headers[0].substr(kScheme.size())), now);
  if (!token.ok()) return bad_token(token.error().description);
  if (!base::contains(token->audience, tenant.management_audience()))
    return bad_token("Bad audience: " + base::join(token->audience, ","));
  // Who deletes a client whose secret has leaked means its tokens, too.
  if (!tenant.client(token->client_id)) return bad_token("The client of this token was deleted");
  if (!scopes.empty() && !allows_any(*token, scopes)) return insufficient_scope(base::join(scopes, ","));
  return token;
}

base::Outcome require_own_user(const tokens::VerifiedAccessToken& token, const std::vector<std::string>& scopes,
                               std::string_view user_id) {
  if (allows_any(token, scopes) || token.subject == user_id) return base::Unit{};
  return forbidden("User to be acted on does not match subject in bearer token", "unexpected_subject");
}

}  // namespace segue::management
