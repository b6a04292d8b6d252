#include "oauth/logout.h"

#include "http/parameters.h"
#include "interaction/pages.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/end_session.h"
#include "oauth/faces.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"

namespace segue::oauth {
namespace {

base::Result<http::Response> sign_out_of(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                                         const http::Parameters& parameters) {
  const auto client_id = parameters.find("client_id");
  const auto client = client_id ? tenant.client(*client_id) : nullptr;

  // Where to: the client's list, or the tenant's when no client is named; without returnTo the client's first.
  auto allowed = client_id && !client ? std::vector<std::string>{} : logout_urls_of(tenant, client.get());
  auto return_to = parameters.find("returnTo");
  if (!return_to && client && !allowed.empty()) return_to = allowed.front();
  const auto target = logout_target(std::move(allowed), return_to);
  if (target.is_refused()) return refuse_target(services, call, client.get(), target, "returnTo");

  auto signed_out = sign_out(services, call, tenant, client.get(), target, target.redirect ? target.redirect->uri() : "",
                             [](const auto&) { return true; });
  http::Response response;
  if (signed_out.walk) {
    response = std::move(*signed_out.walk);
  } else if (target.redirect) {
    response = http::redirect_response(target.redirect->uri());
  } else {
    response.headers.set("content-type", "text/plain; charset=utf-8");
    response.headers.set("cache-control", "no-store");
    response.body = "OK";
  }
  sessions::expire_session_cookies(response);
  return response;
}

}  // namespace

http::Response logout_face(const base::Error& error, const http::Call& call) {
  return interaction::pages::message_page(status_of(error), "Sign-out failed", error.description, call.request_id);
}

base::Result<http::Response> logout(const Services& services, const http::Call& call) {
  // A prefetch or a HEAD must not sign anybody out.
  if (is_speculative(call.request)) return http::empty_response(204);
  const auto parameters = TRY(http::Parameters::parse(call.request.query));
  return services.tenants.on_current(call.tenant,
                                     [&](const auto& tenant) { return sign_out_of(services, call, *tenant, parameters); });
}

}  // namespace segue::oauth
