#include "saml_idp/metadata_endpoint.h"

#include "assertions/claims.h"
#include "assertions/entity_id.h"
#include "assertions/key_ring.h"
#include "saml_idp/logout/party.h"
#include "saml_idp/saml_client.h"
#include "saml_messages/metadata.h"

namespace segue::saml_idp {

base::Result<http::Response> metadata(const Services& services, const http::Call& call) {
  const auto tenant = services.tenants.snapshot(call.tenant);
  const auto client = tenant->client(call.path_parameter("client_id"));
  if (!client || client->is_global)
    return base::Error{.kind = base::ErrorKind::not_found, .code = "invalid_request", .description = "Unknown client."};
  const auto addon = TRY(addon_of(*client));
  auto certificates = TRY(assertions::KeyRing::certificates(*tenant, services.clock.now()));
  auto response = http::empty_response(200);
  response.body =
      saml_messages::write_metadata({.entity_id = addon.issuer.empty() ? assertions::entity_id_of(*tenant) : addon.issuer,
                                     .certificates = std::move(certificates),
                                     .sign_on_url = sign_on_url(*tenant, call.domain, *client),
                                     .logout_url = logout_url(*tenant, call.domain, *client),
                                     .name_id_format = addon.name_identifier_format,
                                     .wants_signed_requests = !addon.signing_cert.empty(),
                                     .claims = assertions::usual_claims()});
  response.headers.set("content-type", "application/samlmetadata+xml; charset=utf-8");
  // As long as a key set: a rotation is seen as soon.
  response.headers.set("cache-control", "public, max-age=" + std::to_string(tenancy::kKeySetLifetime.count()));
  return response;
}

}  // namespace segue::saml_idp
