#include "oauth/browser_sign_out.h"

#include "interaction/pages.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/end_session.h"
#include "sessions/session_cookie.h"

namespace segue::oauth {

base::Result<http::Response> BrowserSignOut::sign_out(const http::Call& call, const interaction::SignOutRequest& request) {
  // A prefetch or a HEAD must not sign anybody out.
  if (is_speculative(call.request)) return http::empty_response(204);
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto* const client = request.client.get();
  auto target = logout_target(logout_urls_of(*tenant, client), request.return_to);
  target.protocol = request.protocol;
  target.client_knows = true;
  if (target.is_refused()) return refuse_target(services_, call, client, target, request.parameter);

  const auto redirect_to = target.redirect ? target.redirect->uri() : std::string();
  auto signed_out = oauth::sign_out(services_, call, *tenant, client, target, redirect_to, [](const auto&) { return true; });
  auto response = signed_out.walk ? std::move(*signed_out.walk)
                  : target.redirect
                      ? http::redirect_response(redirect_to)
                      : interaction::pages::message_page(200, "You are signed out", "You can close this page.", call.request_id);
  sessions::expire_session_cookies(response);
  return response;
}

}  // namespace segue::oauth
