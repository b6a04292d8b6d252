#include "oauth/logout.h"

#include "http/parameters.h"
#include "interaction/pages.h"
#include "oauth/authorize/redirect_uri.h"
#include "oauth/errors.h"
#include "oauth/faces.h"
#include "oauth/origin.h"
#include "sessions/live_session.h"
#include "sessions/session_cookie.h"
#include "store/sessions.h"

namespace segue::oauth {

http::Response logout_face(const base::Error& error, const http::Call& call) {
  return interaction::pages::message_page(status_of(error), "Sign-out failed", error.description, call.request_id);
}

base::Result<http::Response> logout(const Services& services, const http::Call& call) {
  // A prefetch or a HEAD must not sign anybody out.
  if (call.request.method == http::Method::head) return http::empty_response(204);
  const auto parameters = TRY(http::Parameters::parse(call.request.query));
  const auto tenant = services.tenants.snapshot(call.tenant);
  const auto client_id = parameters.find("client_id");
  const auto client = client_id ? tenant->client(*client_id) : nullptr;
  auto row = event_of(call, "slo", client.get());

  // Where to: the client's list, or the tenant's when no client is named; without returnTo the client's first.
  const auto allowed = client      ? client->allowed_logout_urls
                       : client_id ? std::vector<std::string>{}
                                   : json::find_strings(tenant->tenant().settings, "allowed_logout_urls");
  auto return_to = parameters.find("returnTo");
  if (!return_to && client && !allowed.empty()) return_to = allowed.front();
  const auto redirect = return_to ? verify_redirect(allowed, *return_to) : std::nullopt;
  if (return_to && !redirect) {
    row.type = "flo";
    row.description = "The returnTo parameter is not in the list of allowed logout URLs.";
    row.details["return_to"] = return_to->substr(0, 512);
    services.failures.push(call.tenant, std::move(row));
    return invalid_request("The returnTo address is not among the allowed logout URLs" +
                           std::string(client ? " of this application." : "."));
  }

  const auto now = services.clock.now();
  for (const auto& cookie : sessions::presented_sessions(tenant->keys(), call.request)) {
    services.tenants.store().write(call.tenant, [&](const store::Writer& w) {
      const auto session = sessions::lock_live(w, cookie, now);
      if (!session) return 0;
      store::sessions::revoke(w, session->session_id, now);
      row.user_id = session->user_id;
      row.connection_id = session->connection_id;
      row.transfer_id = session->ancestry.transfer_id;
      row.details = json::object{{"session_id", session->sid}, {"initiated_by", "rp"}, {"protocol", "oidc"}};
      if (redirect) row.details["return_to"] = redirect->uri();
      audit::append(w, row, now);
      return 0;
    });
  }
  http::Response response;
  if (redirect) {
    response = http::redirect_response(redirect->uri());
  } else {
    response.headers.set("content-type", "text/plain; charset=utf-8");
    response.headers.set("cache-control", "no-store");
    response.body = "OK";
  }
  sessions::expire_session_cookies(response);
  return response;
}

}  // namespace segue::oauth
