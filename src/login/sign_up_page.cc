#include "login/sign_up_page.h"

#include "base/text.h"
#include "interaction/pages.h"
#include "login/forms.h"
#include "login/routes.h"

namespace segue::login {
namespace {

class SignUpRoutes {
 public:
  SignUpRoutes(interaction::SignUpFlow& sign_ups, interaction::AuthorizationFlow& flow, tenancy::Tenants& tenants)
      : sign_ups_(sign_ups), flow_(flow), tenants_(tenants) {}

  base::Result<http::Response> show(const http::Call& call) {
    const auto query = TRY(unique_parameters(call.request.query));
    const auto state = TRY(required(query, "state"));
    const auto pending = sign_ups_.pending_sign_up(call, state);
    if (!pending.ok()) return stale_page(call, flow_, state, pending.error());
    // Nobody can sign up here, or whoever can has: there is still the way in for people with an account.
    if (!pending->request.takes_sign_ups) return http::redirect_response(login_path(state));
    return page(call, *pending, {.email = pending->request.login_hint});
  }

  base::Result<http::Response> submit(const http::Call& call) {
    const auto read = TRY(read_form(call));
    const auto& [state, form] = read;
    const auto pending = sign_ups_.pending_sign_up(call, state);
    if (!pending.ok()) return stale_page(call, flow_, state, pending.error());
    TRY(require_csrf(form, pending->csrf));

    interaction::NewPerson person{.email = form.find("email").value_or(""),
                                  .username = form.find("username").value_or(""),
                                  .password = crypto::Secret(form.find("password").value_or(""))};
    Shown shown{.email = person.email, .username = person.username, .status = 400};
    const bool lacks_username = pending->asks_username && base::trim(person.username).empty();
    if (base::trim(person.email).empty() || lacks_username || person.password.empty()) {
      shown.alert = pending->asks_username ? "Enter your email, a username and a password." : "Enter your email and a password.";
      return page(call, *pending, shown);
    }
    auto answer = sign_ups_.sign_up(call, *pending, person);
    if (!answer.ok()) return stale_page(call, flow_, state, answer.error());
    if (answer->response) return std::move(*answer->response);
    shown.alert = answer->alert;
    shown.status = answer->status;
    return page(call, *pending, shown);
  }

 private:
  struct Shown {
    std::string email, username = {};
    std::string alert = {};
    int status = 200;
  };

  http::Response page(const http::Call& call, const interaction::PendingSignUp& pending, const Shown& shown) {
    const auto snapshot = tenants_.snapshot(call.tenant);
    const auto& request = pending.request;
    const bool is_invited = !request.invited_email.empty();
    return interaction::pages::sign_up_page(
        {.client_name = request.client->name,
         .tenant_name = json::find_string(snapshot->tenant().settings, "friendly_name").value_or(call.domain),
         .action = sign_up_path(request.state),
         .state = request.state,
         .csrf = pending.csrf,
         .email = is_invited ? request.invited_email : shown.email,
         .email_is_fixed = is_invited,
         .username = shown.username,
         .asks_username = pending.asks_username,
         .rules = pending.password_rules,
         .alert = shown.alert,
         .login_path = login_path(request.state),
         .redirect_origin = request.redirect_origin,
         .leads_elsewhere = request.leads_elsewhere},
        shown.status);
  }

  interaction::SignUpFlow& sign_ups_;
  interaction::AuthorizationFlow& flow_;
  tenancy::Tenants& tenants_;
};

}  // namespace

void add_sign_up_routes(http::Router& router, interaction::SignUpFlow& sign_ups, interaction::AuthorizationFlow& flow,
                        tenancy::Tenants& tenants) {
  const auto routes = std::make_shared<SignUpRoutes>(sign_ups, flow, tenants);
  router.add({.method = http::Method::get,
              .path = "/u/signup",
              .face = page_face,
              .handler = [routes](http::Call& call) { return routes->show(call); },
              .summary = "The page of a suspended authorization request for who has no account"});
  router.add({.method = http::Method::post,
              .path = "/u/signup",
              .face = page_face,
              .handler = [routes](http::Call& call) { return routes->submit(call); },
              .body_limit = kFormLimit,
              .summary = "Makes the account and continues the authorization request"});
}

}  // namespace segue::login
