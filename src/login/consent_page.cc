#include "login/consent_page.h"

#include "base/text.h"
#include "interaction/pages.h"
#include "login/forms.h"
#include "login/routes.h"

namespace segue::login {
namespace {

// The scopes of OpenID Connect in words (OIDC Core §5.4, §11). `openid` itself is what every sign-in says.
std::string_view words_of(std::string_view scope) {
  if (scope == "openid") return "Know that it is you";
  if (scope == "profile") return "See your name, picture and other profile data";
  if (scope == "email") return "See your email address";
  if (scope == "address") return "See your postal address";
  if (scope == "phone") return "See your phone number";
  if (scope == "offline_access") return "Keep this access while you are away";
  if (scope == "online_access") return "Keep this access while you are signed in";
  return "";
}

// contract §2.7: `action:resource` scopes read "resource: action"; an API's own descriptions where the tenant wants them.
std::string shown_scope(const interaction::AskedScope& scope, bool use_descriptions) {
  if (use_descriptions && !scope.description.empty()) return scope.description;
  const auto colon = scope.value.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == scope.value.size()) return scope.value;
  return scope.value.substr(colon + 1) + ": " + scope.value.substr(0, colon);
}

class ConsentRoutes {
 public:
  ConsentRoutes(interaction::AuthorizationFlow& flow, tenancy::Tenants& tenants) : flow_(flow), tenants_(tenants) {}

  base::Result<http::Response> show(const http::Call& call) {
    const auto query = TRY(unique_parameters(call.request.query));
    const auto state = TRY(required(query, "state"));
    const auto pending = flow_.pending_consent(call, state);
    if (!pending.ok()) return stale_page(call, flow_, state, pending.error());
    return page(call, *pending);
  }

  base::Result<http::Response> submit(const http::Call& call) {
    const auto read = TRY(read_form(call));
    const auto& [state, form] = read;
    const auto pending = flow_.pending_consent(call, state);
    if (!pending.ok()) return stale_page(call, flow_, state, pending.error());
    TRY(require_csrf(form, pending->csrf));
    const auto action = TRY(required(form, "action"));
    if (action != "accept" && action != "deny") return invalid_request("The form's action is accept or deny.");
    return flow_.answer_consent(call, *pending, action == "accept");
  }

 private:
  http::Response page(const http::Call& call, const interaction::PendingConsent& pending) {
    const auto snapshot = tenants_.snapshot(call.tenant);
    const auto& settings = snapshot->tenant().settings;
    const auto* const flags = json::find_object(settings, "flags");
    const bool descriptions = flags != nullptr && json::find_bool(*flags, "use_scope_descriptions_for_consent").value_or(false);
    interaction::pages::ConsentPage out{.client_name = pending.client->name,
                                        .user_name = pending.user_name,
                                        .tenant_name = json::find_string(settings, "friendly_name").value_or(call.domain),
                                        .api_name = pending.api_name,
                                        .action = "/u/consent?state=" + base::percent_encode(pending.state),
                                        .state = pending.state,
                                        .csrf = pending.csrf,
                                        .profile = {},
                                        .api_scopes = {},
                                        .redirect_origin = pending.redirect_origin};
    for (const auto& scope : pending.scopes) {
      if (scope.of_api) {
        out.api_scopes.push_back(shown_scope(scope, descriptions));
      } else if (const auto words = words_of(scope.value); !words.empty()) {
        out.profile.emplace_back(words);
      }
    }
    return interaction::pages::consent_page(out);
  }

  interaction::AuthorizationFlow& flow_;
  tenancy::Tenants& tenants_;
};

}  // namespace

void add_consent_routes(http::Router& router, interaction::AuthorizationFlow& flow, tenancy::Tenants& tenants) {
  const auto routes = std::make_shared<ConsentRoutes>(flow, tenants);
  router.add({.method = http::Method::get,
              .path = "/u/consent",
              .face = page_face,
              .handler = [routes](http::Call& call) { return routes->show(call); },
              .summary = "The consent page of a suspended authorization request"});
  router.add({.method = http::Method::post,
              .path = "/u/consent",
              .face = page_face,
              .handler = [routes](http::Call& call) { return routes->submit(call); },
              .body_limit = kFormLimit,
              .summary = "Accepts or declines, and ends the authorization request"});
}

}  // namespace segue::login
