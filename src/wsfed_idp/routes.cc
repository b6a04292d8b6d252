// Every route of the identity provider of WS-Federation.
#include "http/error_status.h"
#include "interaction/pages.h"
#include "wsfed_idp/feature.h"
#include "wsfed_idp/metadata_endpoint.h"
#include "wsfed_idp/passive_endpoint.h"
#include "wsfed_idp/ws_federation.h"

namespace segue::wsfed_idp {
namespace {

using http::Method;

constexpr const char* kMetadataPath = "/FederationMetadata/2007-06/FederationMetadata.xml";

http::Response page(const base::Error& error, const http::Call& call) {
  return interaction::pages::message_page(http::status_of(error), "This link does not work", error.description, call.request_id);
}

}  // namespace

struct Feature::Impl {
  assertions::KeyRing keys;
  Services services;
  WsFederation protocol{services};

  explicit Impl(const Foundation& f)
      : services{.tenants = f.tenants,
                 .clock = f.clock,
                 .random = f.random,
                 .failures = f.failures,
                 .flow = f.flow,
                 .sign_out = f.sign_out,
                 .keys = keys} {}
};

Feature::Feature(const Foundation& foundation) : impl_(new Impl(foundation)) {}
Feature::~Feature() = default;

interaction::ForeignProtocol& Feature::protocol() { return impl_->protocol; }

void Feature::add_routes(http::Router& router) {
  auto* self = impl_.get();
  for (const auto* const path : {"/wsfed", "/wsfed/{client_id}"}) {
    // Signatures over XML want an ordinary stack, and Actions may run: no fiber, no thread that others wait for.
    for (const auto method : {Method::get, Method::post}) {
      router.add({.method = method,
                  .path = path,
                  .face = page,
                  .handler = [self](http::Call& call) { return passive_endpoint(self->services, call); },
                  .lane = http::Lane::outbound,
                  .body_limit = kFormLimit,
                  .summary = "Sign in at a relying party of WS-Federation, or out"});
    }
    router.add({.method = Method::get,
                .path = std::string(path) + kMetadataPath,
                .face = page,
                .handler = [self](http::Call& call) { return federation_metadata(self->services, call); },
                .cross_origin = http::CrossOrigin::any,
                .summary = "WS-Federation metadata of the identity provider"});
  }
}

}  // namespace segue::wsfed_idp
