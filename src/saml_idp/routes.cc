// Every route of the identity provider of SAML 2.0.
#include "assertions/key_ring.h"
#include "http/error_status.h"
#include "interaction/pages.h"
#include "saml_idp/feature.h"
#include "saml_idp/logout/endpoint.h"
#include "saml_idp/logout/walk.h"
#include "saml_idp/metadata_endpoint.h"
#include "saml_idp/saml_protocol.h"
#include "saml_idp/sign_on.h"
#include "sessions/logout_walk.h"

namespace segue::saml_idp {
namespace {

using http::Method;

http::Response page(const base::Error& error, const http::Call& call) {
  return interaction::pages::message_page(http::status_of(error), "This sign-in link does not work", error.description,
                                          call.request_id);
}

http::Response logout_page(const base::Error& error, const http::Call& call) {
  return interaction::pages::message_page(http::status_of(error), "Sign-out failed", error.description, call.request_id);
}

}  // namespace

struct Feature::Impl {
  assertions::KeyRing keys;
  Services services;
  SamlProtocol saml{services};

  explicit Impl(const Foundation& f)
      : services{
            .tenants = f.tenants, .clock = f.clock, .random = f.random, .failures = f.failures, .flow = f.flow, .keys = keys} {}
};

Feature::Feature(const Foundation& foundation) : impl_(new Impl(foundation)) {}
Feature::~Feature() = default;

interaction::ForeignProtocol& Feature::saml() { return impl_->saml; }

void Feature::add_routes(http::Router& router) {
  auto* self = impl_.get();
  // Signatures over XML want an ordinary stack, and Actions may run: no fiber, no thread that others wait for.
  for (const auto method : {Method::get, Method::post}) {
    router.add({.method = method,
                .path = "/samlp/{client_id}",
                .face = page,
                .handler = [self](http::Call& call) { return sign_on(self->services, call); },
                .lane = http::Lane::outbound,
                .body_limit = kSamlFormLimit,
                .summary = "Sign in at a service provider of SAML 2.0"});
  }
  for (const auto method : {Method::get, Method::post}) {
    router.add({.method = method,
                .path = "/samlp/{client_id}/logout",
                .face = logout_page,
                .handler = [self](http::Call& call) { return logout(self->services, call); },
                .lane = http::Lane::outbound,
                .body_limit = kSamlFormLimit,
                .summary = "Single logout with a service provider of SAML 2.0"});
  }
  router.add({.method = Method::post,
              .path = "/samlp/{client_id}/logout/confirm",
              .face = logout_page,
              .handler = [self](http::Call& call) { return confirm_logout(self->services, call); },
              .lane = http::Lane::outbound,
              .summary = "The person confirms the logout that a service provider asked for"});
  router.add({.method = Method::get,
              .path = std::string(sessions::kLogoutPath),
              .face = logout_page,
              .handler = [self](http::Call& call) { return go_on(self->services, call); },
              .lane = http::Lane::outbound,
              .summary = "Goes on with a logout at the next service provider"});
  router.add({.method = Method::get,
              .path = "/samlp/metadata/{client_id}",
              .face = page,
              .handler = [self](http::Call& call) { return metadata(self->services, call); },
              .cross_origin = http::CrossOrigin::any,
              .summary = "SAML metadata of the identity provider for one application"});
}

}  // namespace segue::saml_idp
