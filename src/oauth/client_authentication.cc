#include "oauth/client_authentication.h"

#include "base/bytes.h"
#include "base/text.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

struct Credentials {
  std::string client_id;
  crypto::Secret client_secret;
};

// RFC 6749 §2.3.1: both halves of Basic are form-urlencoded before they are joined.
base::Result<Credentials> from_basic(std::string_view value) {
  const auto malformed = [] { return invalid_request("The Authorization header is not valid Basic authentication."); };
  const auto decoded = base::from_base64(base::trim(value));
  const auto colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return malformed();
  const auto form_decode = [](std::string text) {
    for (auto& c : text) c = c == '+' ? ' ' : c;
    return base::percent_decode(text);
  };
  auto id = form_decode(decoded->substr(0, colon));
  auto secret = form_decode(decoded->substr(colon + 1));
  // A secret with a bare % comes from a client that does not encode; take it as it stands.
  if (!secret) secret = decoded->substr(colon + 1);
  if (!id || !base::is_valid_utf8(*id)) return malformed();
  return Credentials{std::move(*id), crypto::Secret(std::move(*secret))};
}

}  // namespace

base::Result<AuthenticatedClient> authenticate_client(const tenancy::Snapshot& tenant, const http::Call& call,
                                                      const http::Parameters& parameters) {
  Credentials credentials{parameters.find("client_id").value_or(""),
                          crypto::Secret(parameters.find("client_secret").value_or(""))};
  if (const auto header = call.request.headers.find("authorization");
      header && base::ascii_lower(header->substr(0, 6)) == "basic ") {
    auto basic = TRY(from_basic(header->substr(6)));
    // RFC 6749 §2.3: one method per request. An equal client_id in the body is tolerated: Go tools send it.
    if (!credentials.client_id.empty() && credentials.client_id != basic.client_id) {
      return invalid_request("The client_id in the body differs from the one in the Authorization header.");
    }
    credentials = std::move(basic);
  }
  if (parameters.has("client_assertion") || parameters.has("client_assertion_type")) {
    return invalid_request(
        "client_assertion is not supported: authenticate with the client secret, by client_secret_post or client_secret_basic.");
  }
  if (credentials.client_id.empty()) return missing_parameter("client_id");

  auto client = tenant.client(credentials.client_id);
  if (!client || client->is_global) return client_unauthorized();
  // A public client has no secret to check; one that is sent all the same is ignored (contract §3.2 [P]).
  if (client->is_public()) return AuthenticatedClient(std::move(client), false);
  const auto secret = tenant.client_secret(*client);
  if (secret.empty() || credentials.client_secret.empty() ||
      !secret.equals_in_constant_time(credentials.client_secret.reveal())) {
    return client_unauthorized();
  }
  return AuthenticatedClient(std::move(client), true);
}

}  // namespace segue::oauth
