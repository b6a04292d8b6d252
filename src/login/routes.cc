#include "login/routes.h"

#include "base/text.h"
#include "http/error_status.h"
#include "interaction/pages.h"
#include "login/consent_page.h"
#include "login/forms.h"

namespace segue::login {
namespace {

constexpr std::string_view kExpiredHeading = "This sign-in page has expired";
constexpr std::string_view kExpiredText =
    "A sign-in page works once and for a limited time. Go back to the application that brought you here and sign in again.";

std::string header(const http::Call& call, std::string_view name) {
  return std::string(call.request.headers.find(name).value_or(""));
}

audit::Event event_of(const http::Call& call, const interaction::PendingLogin& pending) {
  audit::Event event;
  event.client_id = pending.client->client_id;
  event.client_name = pending.client->name;
  event.ip = call.caller_address;
  event.client_ip = call.request.peer_address;
  event.user_agent = call.user_agent();
  event.hostname = call.domain;
  event.auth0_client = header(call, "auth0-client");
  return event;
}

class LoginRoutes {
 public:
  LoginRoutes(interaction::AuthorizationFlow& flow, connections::PasswordLogin& password_login, tenancy::Tenants& tenants)
      : flow_(flow), password_login_(password_login), tenants_(tenants) {}

  base::Result<http::Response> show(const http::Call& call) {
    const auto query = TRY(unique_parameters(call.request.query));
    const auto state = TRY(required(query, "state"));
    const auto pending = flow_.pending(call, state);
    if (!pending.ok()) return stale_page(call, flow_, state, pending.error());
    return page(call, *pending, {.username = pending->login_hint});
  }

  base::Result<http::Response> submit(const http::Call& call) {
    const auto read = TRY(read_form(call));
    const auto& [state, form] = read;
    const auto pending = flow_.pending(call, state);
    if (!pending.ok()) return stale_page(call, flow_, state, pending.error());
    TRY(require_csrf(form, pending->csrf));

    const auto username = form.find("username").value_or("");
    crypto::Secret password(form.find("password").value_or(""));
    if (base::trim(username).empty() || password.empty()) {
      return page(call, *pending,
                  {.username = username, .alert = "Enter your email or username and your password.", .status = 400});
    }
    // A request that comes back from the lane where passwords are checked has had its checked.
    const auto* const checked = std::any_cast<model::User>(&call.request.carried);
    if (checked != nullptr) return flow_.complete(call, *pending, *checked);
    const auto user = password_login_.authenticate({.tenant = call.tenant,
                                                    .connection = pending->connection,
                                                    .identifier = username,
                                                    .password = std::move(password),
                                                    .address = call.caller_address,
                                                    .event = event_of(call, *pending)});
    if (user.ok()) return flow_.complete(call, *pending, *user);
    return try_again(call, *pending, username, user.error());
  }

 private:
  struct Shown {
    std::string username;
    std::string alert = {};
    int status = 200;
  };

  http::Response page(const http::Call& call, const interaction::PendingLogin& pending, const Shown& shown) {
    const auto snapshot = tenants_.snapshot(call.tenant);
    const auto& tenant = snapshot->tenant();
    return interaction::pages::login_page(
        {.client_name = pending.client->name,
         .tenant_name = json::find_string(tenant.settings, "friendly_name").value_or(call.domain),
         .action = login_path(pending.state),
         .state = pending.state,
         .csrf = pending.csrf,
         .username = shown.username,
         .alert = shown.alert,
         .redirect_origin = pending.redirect_origin,
         .leads_elsewhere = pending.leads_elsewhere,
         .sign_up_path = pending.offers_sign_up ? sign_up_path(pending.state) : std::string()},
        shown.status);
  }

  // A wrong password is answered with 400: 401 would owe the browser a challenge (RFC 9110 §15.5.2).
  base::Result<http::Response> try_again(const http::Call& call, const interaction::PendingLogin& pending,
                                         const std::string& username, const base::Error& error) {
    if (error.code == "invalid_grant")
      return page(call, pending, {.username = username, .alert = error.description, .status = 400});
    if (error.code == "too_many_attempts")
      return page(call, pending, {.username = username, .alert = error.description, .status = 429});
    if (error.code == "unauthorized") {
      return page(call, pending,
                  {.username = username, .alert = "Your account is blocked. Ask the administrator for help.", .status = 403});
    }
    return error;
  }

  interaction::AuthorizationFlow& flow_;
  connections::PasswordLogin& password_login_;
  tenancy::Tenants& tenants_;
};

http::Response no_favicon() {
  auto response = http::empty_response(204);
  response.headers.add("cache-control", "public, max-age=86400");
  return response;
}

std::string_view heading_of(const base::Error& error, int status) {
  if (error.code == "expired") return kExpiredHeading;
  switch (status) {
    case 404: return "Page not found";
    case 405: return "That does not work here";
    case 413: return "That was too much";
    case 429: return "Too many attempts";
    default: return status >= 500 ? "Something went wrong" : "This sign-in request cannot continue";
  }
}

}  // namespace

void add_routes(http::Router& router, interaction::AuthorizationFlow& flow, connections::PasswordLogin& password_login,
                tenancy::Tenants& tenants) {
  const auto routes = std::make_shared<LoginRoutes>(flow, password_login, tenants);
  router.add({.method = http::Method::get,
              .path = "/u/login",
              .face = page_face,
              .handler = [routes](http::Call& call) { return routes->show(call); },
              .summary = "The sign-in page of a suspended authorization request"});
  router.add({.method = http::Method::post,
              .path = "/u/login",
              .face = page_face,
              .handler = [routes](http::Call& call) { return routes->submit(call); },
              .lane = http::Lane::hashing,
              .body_limit = kFormLimit,
              .summary = "Checks the password and continues the authorization request"});
  add_consent_routes(router, flow, tenants);
  // Browsers ask for it unasked; the pages carry their icon themselves.
  router.add({.method = http::Method::get,
              .path = "/favicon.ico",
              .face = page_face,
              .handler = [](http::Call&) -> base::Result<http::Response> { return no_favicon(); },
              .summary = "No content: pages carry their icon"});
}

http::Response page_face(const base::Error& error, const http::Call& call) {
  const int status = http::status_of(error);
  const auto text = error.code == "expired" ? kExpiredText : std::string_view(error.description);
  return interaction::pages::message_page(status, heading_of(error, status), text, call.request_id);
}

}  // namespace segue::login
