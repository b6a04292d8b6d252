// Where the answer of an authorization request may go (contract §2.3, §5.8; docs/decisions/0040).
#pragma once
#include <optional>
#include <string_view>

#include "oauth/authorize/authorization_request.h"

namespace segue::oauth {

// Asked again whenever it is used: the client's callbacks; for another protocol those that are web pages, and the addon's
// `destination`; for a device the tenant's own page that tells the person how it ended.
std::optional<VerifiedRedirect> verify_answer_address(const tenancy::Snapshot& tenant, const model::Client& client,
                                                      const AuthorizationRequest& request, const store::Reader* r = nullptr);
inline constexpr std::string_view kDeviceCallback = "activate/callback";  // behind the issuer

// The client's own sign-in URL of SAML or WS-Federation, with any query: a native app opens /authorize with it, and the browser
// arrives there with a session. Nothing else is handed over, so such a request has no response type.
bool leads_to_sign_in(const tenancy::Snapshot& tenant, const model::Client& client, std::string_view uri);

// Where an error of the request may be told, a page of ours if nowhere: a sign-in URL would begin the next sign-in.
std::optional<VerifiedRedirect> error_address(const model::Client& client, const VerifiedRedirect& redirect,
                                              const AuthorizationRequest& request);

}  // namespace segue::oauth
