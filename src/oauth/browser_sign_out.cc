#include "oauth/browser_sign_out.h"

#include "interaction/pages.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/end_session.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"

namespace segue::oauth {

base::Result<http::Response> BrowserSignOut::sign_out(const http::Call& call, const interaction::SignOutRequest& request) {
  // A prefetch or a HEAD must not sign anybody out.
  if (is_speculative(call.request)) return http::empty_response(204);
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto* const client = request.client.get();
  auto target = logout_target(logout_urls_of(*tenant, client), request.return_to);
  target.protocol = request.protocol;
  if (target.is_refused()) return refuse_target(services_, call, client, target, request.parameter);

  const auto now = services_.clock.now();
  const auto row = event_of(call, "slo", client);
  const auto cookies = sessions::presented_sessions(tenant->keys(), call.request);
  if (!cookies.empty()) {
    services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
      for (const auto& session : lock_live_sessions(w, cookies, now)) end_session(w, session, row, target, now);
      return true;
    });
  }
  auto response = target.redirect
                      ? http::redirect_response(target.redirect->uri())
                      : interaction::pages::message_page(200, "You are signed out", "You can close this page.", call.request_id);
  sessions::expire_session_cookies(response);
  return response;
}

}  // namespace segue::oauth
