#include "app/wiring.h"

#include "app/data_folder.h"
#include "app/metrics.h"
#include "app/product.h"
#include "app/rate_limiter.h"
#include "login/reset_page.h"
#include "login/routes.h"
#include "login/sign_up_page.h"
#include "login/verify_page.h"
#include "management/operation.h"
#include "management/routes.h"
#include "oauth/faces.h"
#include "sql/connection.h"

namespace segue::app {
namespace {

constexpr std::string_view kManagementPrefix = "/api/v2/";

using Early = base::Result<std::optional<http::Response>>;
Early go_on() { return std::optional<http::Response>(); }

bool is_loopback(std::string_view domain) {
  const auto host = host_of(domain);
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool is_limited(const http::Route* route) { return route != nullptr && route->path.starts_with(kManagementPrefix); }

Early resolve_tenant(const tenancy::Tenants& tenants, http::Call& call) {
  const auto host = tenants.resolve(call.request.host);
  if (!host) {
    return base::Error{.kind = base::ErrorKind::not_found,
                       .code = "misdirected_request",
                       .description = "This host is not served here.",
                       .status = 421};
  }
  call.tenant = host->tenant;
  call.domain = host->domain;
  return go_on();
}

Early limit_management(RateLimiter& limiter, const http::Call& call, const http::Route& route) {
  if (!is_limited(&route) || limiter.take(call.tenant).allowed) return go_on();
  // contract §9.4
  return base::Error{.kind = base::ErrorKind::rate_limited,
                     .code = "too_many_requests",
                     .description = "Global limit has been reached",
                     .status = 429};
}

void add_rate_limit_headers(const RateLimiter& limiter, const http::Call& call, const http::Route* route,
                            http::Response& response) {
  if (!is_limited(route) || call.tenant == base::TenantId{}) return;
  const auto standing = limiter.look(call.tenant);
  response.headers.set("x-ratelimit-limit", std::to_string(standing.limit));
  response.headers.set("x-ratelimit-remaining", std::to_string(standing.remaining));
  response.headers.set("x-ratelimit-reset", std::to_string(standing.reset));
  if (response.status == 429) response.headers.set("retry-after", "1");
}

void add_security_headers(const http::Call& call, http::Response& response) {
  auto& headers = response.headers;
  // A path that does not exist is refused before the request has an id.
  if (!call.request_id.empty()) headers.set("x-request-id", call.request_id);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  // RFC 6797 §7.2. A developer's localhost serves other things without TLS too, and HSTS ignores the port.
  if (!call.domain.empty() && !is_loopback(call.domain)) headers.set("strict-transport-security", "max-age=31536000");
  // Pages set their own; nothing else here is meant to be shown.
  if (!headers.find("content-security-policy"))
    headers.set("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
}

// What no route answers is said in the words of the API that it was meant for (contract §9.2 "unknown route").
http::Response default_face(const base::Error& error, const http::Call& call) {
  const bool is_management = call.request.path.starts_with(kManagementPrefix);
  return is_management ? management::management_json(error, call) : oauth::json_face(error, call);
}

}  // namespace

void add_routes(http::Router& router, oauth::Feature& oauth, saml_idp::Feature& saml_idp, wsfed_idp::Feature& wsfed_idp,
                const management::Services& management, connections::PasswordLogin& password_login, tenancy::Tenants& tenants,
                audit::FailureQueue& failures) {
  router.set_default_face(default_face);
  oauth.add_routes(router);
  oauth.speak(interaction::kSamlProtocol, saml_idp.saml());
  saml_idp.add_routes(router);
  oauth.speak(interaction::kWsFederation, wsfed_idp.protocol());
  wsfed_idp.add_routes(router);
  login::add_routes(router, oauth.authorization_flow(), password_login, tenants);
  login::add_sign_up_routes(router, oauth.sign_up_flow(), oauth.authorization_flow(), tenants);
  login::add_reset_routes(router, {.tenants = tenants,
                                   .clock = management.clock,
                                   .password_login = password_login,
                                   .triggers = oauth.account_triggers(),
                                   .failures = failures});
  login::add_verify_routes(router,
                           {.tenants = tenants, .clock = management.clock, .mails = management.mails, .failures = failures});
  management::add_routes(router, management);
}

void add_steps(http::Router& router, const StepServices& services) {
  using enum http::RunsOn;
  const auto& tenants = services.tenants;
  const auto& forwarding = services.forwarding;
  auto& watch = services.forwarding_watch;
  auto& limiter = services.rate_limiter;
  auto& counters = services.requests;

  // 1. The tenant comes first: every other step and every handler decides for a tenant. A preflight needs it for its client list.
  router.add_before([&tenants](http::Call& call, const http::Route&) { return resolve_tenant(tenants, call); },
                    requests_and_preflights);
  // 2. The caller's address before anything that counts, limits or logs.
  router.add_before([&forwarding, &watch](http::Call& call, const http::Route&) -> Early {
    const auto rules = forwarding.rules();
    call.caller_address = http::caller_address(call.request, *rules);
    watch.look(call.request, *rules);
    return go_on();
  });
  // 3. The limit before the token is verified: a signature check is what a flood would cost.
  router.add_before([&limiter](http::Call& call, const http::Route& route) { return limit_management(limiter, call, route); });

  // 1. Rate limits are part of every Management API answer, errors too.
  router.add_after([&limiter](const http::Call& call, const http::Route* route, http::Response& response) {
    add_rate_limit_headers(limiter, call, route, response);
  });
  // 2. On every answer, whoever made it.
  router.add_after(
      [](const http::Call& call, const http::Route*, http::Response& response) { add_security_headers(call, response); });
  // 3. Last, so that what is counted is what goes out.
  router.add_after([&counters](const http::Call&, const http::Route* route, http::Response& response) {
    counters.count(route, response.status);
  });

  router.set_origin_check([&tenants](const http::Call& call, std::string_view origin) {
    return call.tenant != base::TenantId{} && tenants.snapshot(call.tenant)->declares_origin(origin);
  });
  router.set_fault_classifier(
      [](const std::exception& fault) { return dynamic_cast<const sql::Unavailable*>(&fault) != nullptr ? 503 : 500; });
}

}  // namespace segue::app
