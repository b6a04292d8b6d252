// Every route of the OpenID provider.
#include "oauth/feature.h"

#include "interaction/pages.h"
#include "oauth/actions/deferred_runs.h"
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/authorize/hosted_sign_up.h"
#include "oauth/authorize/push_endpoint.h"
#include "oauth/browser_sign_out.h"
#include "oauth/database/change_password.h"
#include "oauth/database/errors.h"
#include "oauth/database/sign_up.h"
#include "oauth/device/activation.h"
#include "oauth/device/device_authorization.h"
#include "oauth/discovery.h"
#include "oauth/faces.h"
#include "oauth/logout.h"
#include "oauth/revoke.h"
#include "oauth/rp_logout.h"
#include "oauth/token_endpoint.h"
#include "oauth/userinfo.h"

namespace segue::oauth {
namespace {

using http::CrossOrigin;
using http::Method;

http::Response authorize_face(const base::Error& error, const http::Call& call) {
  return interaction::pages::message_page(status_of(error), "This sign-in link does not work", error.description,
                                          call.request_id);
}

}  // namespace

struct Feature::Impl {
  Services services;
  TokenEndpoint token;
  AuthorizeEndpoint authorize;
  DiscoveryDocuments discovery;
  BrowserSignOut sign_out{services};
  Activation activation{services, authorize};
  DeferredRuns deferred_runs{services.tenants, services.pipeline.triggers(), services.geoip, services.clock};
  HostedSignUp sign_up{services, authorize, deferred_runs};
};

Feature::Feature(const Services& services)
    : impl_(new Impl{.services = services, .token = TokenEndpoint(services), .authorize = AuthorizeEndpoint(services)}) {}
Feature::~Feature() = default;

interaction::AuthorizationFlow& Feature::authorization_flow() { return impl_->authorize; }
interaction::SignUpFlow& Feature::sign_up_flow() { return impl_->sign_up; }
void Feature::speak(std::string_view name, interaction::ForeignProtocol& protocol) { impl_->authorize.speak(name, protocol); }
interaction::SignOut& Feature::sign_out() { return impl_->sign_out; }
connections::AccountTriggers& Feature::account_triggers() { return impl_->deferred_runs; }
DeferredRuns& Feature::deferred_runs() { return impl_->deferred_runs; }

void Feature::add_routes(http::Router& router) {
  auto* self = impl_.get();
  const auto authorize = [self](http::Call& call) { return self->authorize.respond(call); };
  const auto info = [self](http::Call& call) { return userinfo(self->services, call); };
  const auto discovery = [self](http::Call& call) {
    return self->discovery.respond(*self->services.tenants.snapshot(call.tenant), call);
  };
  const auto keys = [self](http::Call& call) { return json_web_key_set(*self->services.tenants.snapshot(call.tenant)); };

  router.add({.method = Method::get,
              .path = "/authorize",
              .face = authorize_face,
              .handler = authorize,
              .lane = http::Lane::fiber,
              .summary = "Begin a sign-in"});
  router.add({.method = Method::post,
              .path = "/authorize",
              .face = authorize_face,
              .handler = authorize,
              .lane = http::Lane::fiber,
              .summary = "Begin a sign-in"});
  const auto resume = [self](http::Call& call) { return self->authorize.resume(call); };
  router.add({.method = Method::get,
              .path = "/continue",
              .face = authorize_face,
              .handler = resume,
              .summary = "Go on with a sign-in after an Action sent the person elsewhere"});
  router.add({.method = Method::post,
              .path = "/continue",
              .face = authorize_face,
              .handler = resume,
              .summary = "Go on with a sign-in after an Action sent the person elsewhere"});
  router.add({.method = Method::post,
              .path = "/oauth/par",
              .face = oauth_json_face,
              .handler = [self](http::Call& call) { return push_authorization_request(self->services, call); },
              .lane = http::Lane::fiber,
              .body_limit = kPushedRequestLimit,
              .summary = "Push an authorization request ahead (RFC 9126)"});
  router.add({.method = Method::post,
              .path = "/oauth/token",
              .face = oauth_json_face,
              .handler = [self](http::Call& call) { return self->token.respond(call); },
              .lane = http::Lane::fiber,
              .cross_origin = CrossOrigin::registered,
              .summary = "Exchange a grant for tokens; a refresh token for a session transfer token"});
  router.add({.method = Method::post,
              .path = "/oauth/revoke",
              .face = oauth_json_face,
              .handler = [self](http::Call& call) { return revoke(self->services, call); },
              .lane = http::Lane::fiber,
              .cross_origin = CrossOrigin::registered,
              .summary = "Revoke a refresh token"});
  router.add({.method = Method::post,
              .path = "/oauth/device/code",
              .face = oauth_json_face,
              .handler = [self](http::Call& call) { return authorize_device(self->services, call); },
              .cross_origin = CrossOrigin::registered,
              .summary = "A device asks for the code that a person types elsewhere"});
  router.add({.method = Method::post,
              .path = "/dbconnections/signup",
              .face = database::database_face,
              .handler = [self](http::Call& call) { return database::sign_up(self->services, self->deferred_runs, call); },
              .cross_origin = CrossOrigin::registered,
              .summary = "Sign up at a database connection"});
  router.add({.method = Method::post,
              .path = "/dbconnections/change_password",
              .face = database::database_face,
              .handler = [self](http::Call& call) { return database::request_new_password(self->services, call); },
              .cross_origin = CrossOrigin::registered,
              .summary = "Ask for a mail with a link to a new password"});
  router.add({.method = Method::get,
              .path = "/activate",
              .face = activation_face,
              .handler = [self](http::Call& call) { return self->activation.show(call); },
              .summary = "Where a person types the code of a device"});
  router.add({.method = Method::post,
              .path = "/activate",
              .face = activation_face,
              .handler = [self](http::Call& call) { return self->activation.submit_code(call); },
              .summary = "Looks the code up and shows what it connects"});
  router.add({.method = Method::post,
              .path = "/activate/confirm",
              .face = activation_face,
              .handler = [self](http::Call& call) { return self->activation.confirm(call); },
              .summary = "Goes on to the sign-in of the device, or denies it"});
  router.add({.method = Method::get,
              .path = "/activate/callback",
              .face = activation_face,
              .handler = [self](http::Call& call) { return self->activation.finish(call); },
              .summary = "Where the sign-in of a device ends"});
  router.add({.method = Method::get,
              .path = "/userinfo",
              .face = bearer_face,
              .handler = info,
              .lane = http::Lane::fiber,
              .cross_origin = CrossOrigin::registered,
              .summary = "Claims about the user"});
  router.add({.method = Method::post,
              .path = "/userinfo",
              .face = bearer_face,
              .handler = info,
              .lane = http::Lane::fiber,
              .cross_origin = CrossOrigin::registered,
              .summary = "Claims about the user"});
  router.add({.method = Method::get,
              .path = "/v2/logout",
              .face = logout_face,
              .handler = [self](http::Call& call) { return logout(self->services, call); },
              .summary = "End the browser's session"});
  const auto oidc_logout = [self](http::Call& call) { return rp_logout(self->services, call); };
  router.add({.method = Method::get,
              .path = "/oidc/logout",
              .face = logout_face,
              .handler = oidc_logout,
              .summary = "OpenID Connect RP-initiated logout"});
  router.add({.method = Method::post,
              .path = "/oidc/logout",
              .face = logout_face,
              .handler = oidc_logout,
              .summary = "OpenID Connect RP-initiated logout"});
  router.add({.method = Method::post,
              .path = "/oidc/logout/confirm",
              .face = logout_face,
              .handler = [self](http::Call& call) { return confirm_rp_logout(self->services, call); },
              .summary = "The person confirms an RP-initiated logout"});
  router.add({.method = Method::get,
              .path = "/.well-known/openid-configuration",
              .face = json_face,
              .handler = discovery,
              .lane = http::Lane::io,
              .cross_origin = CrossOrigin::any,
              .summary = "OpenID Connect discovery"});
  router.add({.method = Method::get,
              .path = "/.well-known/oauth-authorization-server",
              .face = json_face,
              .handler = discovery,
              .lane = http::Lane::io,
              .cross_origin = CrossOrigin::any,
              .summary = "RFC 8414 metadata"});
  router.add({.method = Method::get,
              .path = "/.well-known/jwks.json",
              .face = json_face,
              .handler = keys,
              .lane = http::Lane::io,
              .cross_origin = CrossOrigin::any,
              .summary = "The tenant's public keys"});
}

}  // namespace segue::oauth
