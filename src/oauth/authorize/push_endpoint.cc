#include "oauth/authorize/push_endpoint.h"

#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/pushed_parameters.h"
#include "oauth/authorize/request_object.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/client_authentication.h"
#include "oauth/dpop/presentation.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "oauth/resource.h"
#include "store/pushed_requests.h"

namespace segue::oauth {
namespace {

// contract §2.8: confidential clients only. A public one could push nothing that it could not send by the browser.
base::Outcome check_may_push(const AuthenticatedClient& client) {
  if (client.is_confidential()) return base::Unit{};
  return Error{
      .kind = ErrorKind::unauthenticated,
      .code = "invalid_client",
      .description = "Only a client that authenticates can push authorization requests: send the parameters to /authorize.",
      .status = 401};
}

// RFC 9126 §2.1: validated as at /authorize, so that what is wrong is told to the client and not to the person.
base::Outcome check_whole(const tenancy::Snapshot& tenant, std::string_view domain, const http::Parameters& parameters) {
  const auto as_bad_request = [](base::Error error) {
    error.status = 400;
    return error;
  };
  auto validation = validate_authorization_request(tenant, parameters);
  if (validation.failure) return as_bad_request(std::move(validation.failure->error));
  const auto& [request, client, redirect] = *validation.valid;
  if (auto resource = grant_resource(tenant, *client, domain, request.audience, request.scope, AudienceError::authorize);
      !resource.ok())
    return as_bad_request(std::move(resource).error());
  return base::Unit{};
}

std::optional<model::PushedTransfer> pushed_transfer(const tenancy::TenantKeys& keys, const http::Parameters& body) {
  const auto text = body.find(kTransferParameter);
  if (!text) return std::nullopt;
  const auto handle = tenancy::parse_handle(keys, model::HandleKind::session_transfer_token, *text);
  return handle ? model::PushedTransfer{handle->id, handle->secret_hash} : model::PushedTransfer{};
}

base::Result<http::Response> push_on(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                     const http::Parameters& sent, const AuthenticatedClient& client,
                                     const std::optional<std::string>& jkt) {
  TRY(check_may_push(client));
  const auto body = TRY(resolve_request_object(tenant, call, *client, sent));
  auto parameters = TRY(pushed_parameters(body, client->client_id));
  // RFC 9449 §10.1: a proof beside the request says what dpop_jkt says.
  if (jkt && !parameters.has("dpop_jkt")) parameters.add("dpop_jkt", *jkt);
  if (jkt && parameters.find("dpop_jkt") != *jkt) return invalid_request("dpop_jkt is not the key of the DPoP proof.");
  TRY(check_whole(tenant, call.domain, parameters));

  const auto now = services.clock.now();
  const auto handle = tenancy::make_handle(tenant.keys(), services.random, model::HandleKind::pushed_request,
                                           services.tenants.store().ids().next());
  const model::PushedRequest pushed{.pushed_request_id = handle.id,
                                    .client_id = client->client_id,
                                    .parameters = parameters.encode(),
                                    .transfer = pushed_transfer(tenant.keys(), body),
                                    .created_at = now,
                                    .expires_at = now + std::chrono::seconds(client->par_request_expiry)};
  services.tenants.write_on(tenant, [&](const store::Writer& w) {
    store::pushed_requests::insert(w, pushed, handle.secret_hash);
    return true;
  });
  auto response = http::json_response(201, json::write(json::object{{"request_uri", std::string(handle.text.reveal())},
                                                                    {"expires_in", client->par_request_expiry}}));
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace

base::Result<http::Response> push_authorization_request(const Services& services, http::Call& call) {
  const auto body = TRY(read_pushed_body(call.request));
  std::optional<base::Result<std::optional<dpop::Proof>>> proof;  // counts once, also when the decision is made again
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    const auto client = authenticate_client(*tenant, call, body);
    const auto decide = [&]() -> base::Result<http::Response> {
      if (!client.ok()) return client.error();
      if (!proof) proof = dpop::prove_possession(services, call, *tenant, {});
      if (!proof->ok()) return proof->error();
      return push_on(services, call, *tenant, body, *client, **proof ? std::optional((**proof)->jkt) : std::nullopt);
    };
    auto answer = decide();
    if (answer.ok()) return answer;
    auto row = event_of(call, "fpar", client.ok() ? &**client : nullptr);
    if (!client.ok()) row.client_id = said_client_id(call.request, body);
    row.description = answer.error().description;
    row.details["error"] = json::object{{"oauthError", answer.error().code}, {"message", answer.error().description}};
    services.failures.push(call.tenant, std::move(row));
    return answer;
  });
}

}  // namespace segue::oauth
