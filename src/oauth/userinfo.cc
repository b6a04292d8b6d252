#include "oauth/userinfo.h"

#include "base/text.h"
#include "store/users.h"
#include "tokens/access_token.h"
#include "tokens/id_token.h"
#include "tokens/organization_claims.h"

namespace segue::oauth {
namespace {

base::Error refused(std::string code, std::string description) {
  return {.kind = base::ErrorKind::unauthenticated, .code = std::move(code), .description = std::move(description)};
}

}  // namespace

base::Result<http::Response> userinfo(const Services& services, const http::Call& call) {
  const auto header = call.request.headers.find("authorization");
  // RFC 6750 §3.1: a request without a token gets a challenge without an error code.
  if (!header || header->size() < 8 || !base::iequals(header->substr(0, 7), "bearer "))
    return refused("", "Send the access token as a Bearer token.");
  const auto tenant = services.tenants.newest(call.tenant);
  const auto token = TRY(tokens::verify_access_token(*tenant, base::trim(header->substr(7)), services.clock.now()));
  const auto audience = tenant->issuer(token.issuer_domain) + "userinfo";
  if (!base::contains(token.audience, audience) || !token.allows("openid"))
    return refused("invalid_token", "The token is not for /userinfo: ask for the scope openid.");
  const auto user =
      services.tenants.store().read(call.tenant, [&](const store::Reader& r) { return store::users::find(r, token.subject); });
  if (!user || user->blocked) return refused("invalid_token", "The user does not exist or is blocked.");
  auto claims = tokens::user_claims(*user, token.scope);
  tokens::add_organization(claims, *tenant, token.organization_id);
  auto response = http::json_response(200, json::write(claims));
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace segue::oauth
