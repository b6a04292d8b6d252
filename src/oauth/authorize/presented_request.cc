#include "oauth/authorize/presented_request.h"

#include <algorithm>

#include "oauth/authorize/request_object.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/errors.h"
#include "store/pushed_requests.h"

namespace segue::oauth {
namespace {

base::Result<http::Parameters> read_parameters(const http::Request& request) {
  return http::Parameters::parse(request.method == http::Method::post ? request.body : request.query);
}

// Other request URIs are addresses to fetch (RFC 9101 §5.2), which is not done here; validation says so.
bool names_pushed_request(const http::Parameters& sent) {
  return std::any_of(sent.pairs().begin(), sent.pairs().end(), [](const auto& pair) {
    return pair.first == "request_uri" && pair.second.starts_with(model::prefix_of(model::HandleKind::pushed_request));
  });
}

// RFC 9126 §4: only these count beside a request_uri; the others were pushed.
base::Outcome check_reference(const http::Parameters& sent) {
  for (const std::string_view name : {std::string_view("client_id"), std::string_view("request_uri"), kTransferParameter}) {
    if (sent.has(name) && !sent.find(name))
      return invalid_request("The parameter " + std::string(name) + " must stand once, with a value.");
  }
  if (!sent.has("client_id")) return missing_parameter("client_id");
  return base::Unit{};
}

// What the client signed, where it did. Without a client there are no keys to ask, and validation says what is missing.
base::Result<http::Parameters> as_signed(const tenancy::Snapshot& tenant, http::Call& call, const http::Parameters& sent) {
  const auto client = tenant.client(sent.find("client_id").value_or(""));
  if (!client || client->is_global) return sent;
  return resolve_request_object(tenant, call, *client, sent);
}

}  // namespace

std::string claimed_client_id(const http::Request& request) {
  const auto parameters = read_parameters(request);
  return parameters.ok() ? parameters->find("client_id").value_or("") : std::string();
}

base::Error unusable_request_uri() {
  return {
      .kind = ErrorKind::invalid_input,
      .code = "invalid_request_uri",
      .description = "The request_uri is unknown, has expired or was used already. Go back to the application and sign in again.",
      .status = 400};
}

base::Result<PresentedRequest> read_presented_request(const Services& services, const tenancy::Snapshot& tenant,
                                                      http::Call& call) {
  const auto& request = call.request;
  PresentedRequest out;
  out.parameters = TRY(read_parameters(request));
  if (!names_pushed_request(out.parameters)) {
    out.parameters = TRY(as_signed(tenant, call, out.parameters));
    out.session_transfer_token = out.parameters.find(kTransferParameter);
    return out;
  }
  out.session_transfer_token = out.parameters.find(kTransferParameter);

  TRY(check_reference(out.parameters));
  auto handle =
      tenancy::parse_handle(tenant.keys(), model::HandleKind::pushed_request, out.parameters.find("request_uri").value_or(""));
  if (!handle) return unusable_request_uri();
  const auto found = services.tenants.store().read(
      tenant.tenant().id, [&](const store::Reader& r) { return store::pushed_requests::find(r, handle->id); });
  const bool usable = found && crypto::equal_in_constant_time(found->secret_hash, handle->secret_hash) &&
                      found->request.client_id == out.parameters.find("client_id") && !found->request.consumed_at &&
                      found->request.expires_at > services.clock.now();
  if (!usable) return unusable_request_uri();
  out.parameters = TRY(http::Parameters::parse(found->request.parameters));
  out.pushed = PushedReference{std::move(*handle), found->request.transfer};
  return out;
}

}  // namespace segue::oauth
