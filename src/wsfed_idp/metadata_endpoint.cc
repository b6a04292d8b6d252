#include "wsfed_idp/metadata_endpoint.h"

#include "assertions/claims.h"
#include "assertions/entity_id.h"
#include "saml_messages/metadata.h"
#include "wsfed_idp/relying_party.h"

namespace segue::wsfed_idp {

base::Result<http::Response> federation_metadata(const Services& services, const http::Call& call) {
  const auto tenant = services.tenants.snapshot(call.tenant);
  auto certificates = TRY(assertions::KeyRing::certificates(*tenant, services.clock.now()));
  saml_messages::SecurityTokenService service{.entity_id = assertions::entity_id_of(*tenant),
                                              .certificates = std::move(certificates),
                                              .sign_on_url = tenant->issuer(call.domain) + "wsfed",
                                              .claims = assertions::usual_claims()};
  if (const auto client_id = call.path_parameter("client_id"); !client_id.empty()) {
    const auto party = TRY(find_relying_party(*tenant, client_id, ""));
    const auto addon = TRY(addon_of(*party.client));
    if (!addon.assertion.issuer.empty()) service.entity_id = addon.assertion.issuer;
    service.sign_on_url += "/" + party.client->client_id;
  }
  auto response = http::empty_response(200);
  response.body = saml_messages::write_federation_metadata(service);
  response.headers.set("content-type", "application/xml; charset=utf-8");
  // As long as a key set: a rotation is seen as soon.
  response.headers.set("cache-control", "public, max-age=" + std::to_string(tenancy::kKeySetLifetime.count()));
  return response;
}

}  // namespace segue::wsfed_idp
