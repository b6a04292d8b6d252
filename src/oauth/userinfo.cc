#include "oauth/userinfo.h"

#include "base/text.h"
#include "oauth/dpop/presentation.h"
#include "store/users.h"
#include "tokens/access_token.h"
#include "tokens/id_token.h"
#include "tokens/organization_claims.h"

namespace segue::oauth {
namespace {

base::Error refused(std::string code, std::string description) {
  return {.kind = base::ErrorKind::unauthenticated, .code = std::move(code), .description = std::move(description)};
}

struct PresentedToken {
  std::string_view text;
  bool by_dpop = false;
};

// RFC 6750 §2.1, RFC 9449 §7.1: one token, in the Authorization header.
std::optional<PresentedToken> presented_token(const http::Request& request) {
  const auto headers = request.headers.find_all("authorization");
  if (headers.size() != 1) return std::nullopt;
  const auto space = headers[0].find(' ');
  const auto scheme = headers[0].substr(0, space);
  const auto text = space == std::string_view::npos ? std::string_view() : base::trim(headers[0].substr(space));
  const bool by_dpop = base::iequals(scheme, "dpop");
  if (text.empty() || !(by_dpop || base::iequals(scheme, "bearer"))) return std::nullopt;
  return PresentedToken{text, by_dpop};
}

base::Result<std::string> proven_key(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                     const PresentedToken& token) {
  if (!token.by_dpop) return std::string();
  auto proof = dpop::prove_possession(services, call, tenant, {.access_token = token.text});
  auto error = proof.ok() ? dpop::invalid_proof("A DPoP token comes with a DPoP proof.") : proof.error();
  if (proof.ok() && *proof) return (*proof)->jkt;
  error.status = 401;  // RFC 9449 §7.1
  return error;
}

}  // namespace

base::Result<http::Response> userinfo(const Services& services, http::Call& call) {
  const auto presented = presented_token(call.request);
  // RFC 6750 §3.1: a request without a token gets a challenge without an error code.
  if (!presented) return refused("", "Send the access token as a Bearer token, or as a DPoP token with its proof.");
  const auto tenant = services.tenants.newest(call.tenant);
  const auto jkt = TRY(proven_key(services, call, *tenant, *presented));
  const auto token = TRY(tokens::verify_access_token(*tenant, presented->text, services.clock.now(), jkt));
  const auto audience = tenant->issuer(token.issuer_domain) + "userinfo";
  if (!base::contains(token.audience, audience) || !token.allows("openid"))
    return refused("invalid_token", "The token is not for /userinfo: ask for the scope openid.");
  const auto user =
      services.tenants.store().read(call.tenant, [&](const store::Reader& r) { return store::users::find(r, token.subject); });
  if (!user || user->blocked) return refused("invalid_token", "The user does not exist or is blocked.");
  auto claims = tokens::user_claims(*user, token.scope);
  tokens::add_organization(claims, *tenant, token.organization_id);
  if (!token.actor.empty()) claims["act"] = token.actor;
  auto response = http::json_response(200, json::write(claims));
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace segue::oauth
