#include "oauth/client_authentication.h"

#include "base/bytes.h"
#include "base/text.h"
#include "oauth/client_assertion.h"
#include "oauth/client_jwt.h"
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

// RFC 7521 §4.2: the assertion, when there is one. RFC 6749 §2.3: one method per request.
base::Result<std::optional<std::string>> presented_assertion(const http::Parameters& parameters, bool with_basic) {
  if (!parameters.has("client_assertion") && !parameters.has("client_assertion_type")) return std::optional<std::string>();
  if (with_basic || parameters.find("client_secret")) {
    return invalid_request("client_assertion beside a client secret: authenticate in one way.");
  }
  if (parameters.find("client_assertion_type") != kJwtBearerAssertion)
    return invalid_request("client_assertion_type must be " + std::string(kJwtBearerAssertion) + ".");
  auto assertion = parameters.find("client_assertion");
  if (!assertion) return missing_parameter("client_assertion");
  return assertion;
}

// A client that signs has no other way in, and one that does not has no keys to ask.
bool signs_assertions(const model::Client& client) {
  return client.token_endpoint_auth_method == model::ClientAuthMethod::private_key_jwt;
}

bool is_basic(std::string_view authorization) { return base::ascii_lower(authorization.substr(0, 6)) == "basic "; }

}  // namespace

std::string said_client_id(const http::Request& request, const http::Parameters& parameters) {
  auto out = parameters.find("client_id").value_or("");
  const auto header = request.headers.find("authorization");
  if (out.empty() && header && is_basic(*header)) {
    if (const auto basic = from_basic(header->substr(6)); basic.ok()) out = basic->client_id;
  }
  if (out.empty()) out = claimed_client(parameters.find("client_assertion").value_or("")).value_or("");
  return base::shortened(out, 64);
}

base::Result<AuthenticatedClient> authenticate_client(const tenancy::Snapshot& tenant, http::Call& call,
                                                      const http::Parameters& parameters) {
  Credentials credentials{parameters.find("client_id").value_or(""),
                          crypto::Secret(parameters.find("client_secret").value_or(""))};
  const auto header = call.request.headers.find("authorization");
  const bool with_basic = header && is_basic(*header);
  const auto assertion = TRY(presented_assertion(parameters, with_basic));
  if (with_basic) {
    auto basic = TRY(from_basic(header->substr(6)));
    // RFC 6749 §2.3: one method per request. An equal client_id in the body is tolerated: Go tools send it.
    if (!credentials.client_id.empty() && credentials.client_id != basic.client_id) {
      return invalid_request("The client_id in the body differs from the one in the Authorization header.");
    }
    credentials = std::move(basic);
  }
  // RFC 7521 §4.2: client_id may be left out, the assertion names the client.
  if (assertion && credentials.client_id.empty()) credentials.client_id = claimed_client(*assertion).value_or("");
  if (credentials.client_id.empty() && assertion) return assertion_refused("it is no JWT whose sub is the client_id");
  if (credentials.client_id.empty()) return missing_parameter("client_id");

  auto client = tenant.client(credentials.client_id);
  if (assertion) {
    // One text for an unknown client, one that does not sign and one whose signature is wrong: client ids cannot be probed.
    if (!client || client->is_global || !signs_assertions(*client)) return assertion_refused(kUnverified, "no client that signs");
    TRY(check_client_assertion(tenant, call, *client, *assertion));
    return AuthenticatedClient(std::move(client), true);
  }
  if (!client || client->is_global || signs_assertions(*client)) return client_unauthorized();
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
