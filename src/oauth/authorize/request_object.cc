#include "oauth/authorize/request_object.h"

#include <algorithm>

#include "oauth/client_jwt.h"
#include "oauth/errors.h"
#include "store/one_time_identifiers.h"
#include "tenancy/claim_once.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kTypes[] = {"JWT", "oauth-authz-req+jwt"};
// RFC 7519 §4.1: about the token, not about the request.
constexpr std::string_view kOwnClaims[] = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"};
constexpr auto kRememberedLonger = std::chrono::minutes(1);  // for a node whose clock is behind
constexpr auto kForever = std::chrono::days(3650);           // of a jti without exp

std::string refusal_text(std::string_view why) { return "The request object is refused: " + std::string(why) + "."; }

// `detail` says in the logs what the caller is not told.
Error refused(std::string_view why, std::string_view detail = {}) {
  return {.kind = ErrorKind::invalid_input,
          .code = "invalid_request_object",
          .description = refusal_text(why),
          .detail = detail.empty() ? std::string() : refusal_text(detail),
          .status = 400};
}

// RFC 9101 §5: the client signs for itself, and says so. client_id is what tells a request from an assertion.
Refusal check_parties(const json::object& claims, std::string_view client_id) {
  if (json::find_string(claims, "iss") != client_id) return "iss must be the client_id";
  if (json::find_string(claims, "client_id") != client_id) return "client_id must be in it, and the same as outside";
  // RFC 9101 §10.8: else it could be presented as a client assertion.
  if (json::find_string(claims, "sub") == client_id) return "sub must not be the client_id";
  return std::nullopt;
}

// RFC 9101 §4: a request object does not refer to another one.
Refusal check_alone(const json::object& claims) {
  for (const auto* const name : {"request", "request_uri"}) {
    if (json::find(claims, name) != nullptr) return std::string(name) + " cannot be in it";
  }
  return std::nullopt;
}

base::Result<std::string> text_of(const json::value& v, std::string_view name) {
  if (v.is_string()) return std::string(json::to_view(v.get_string()));
  // `claims` and `authorization_details` are JSON as parameters too.
  if (v.is_int64() || v.is_bool() || v.is_object() || v.is_array()) return json::write(v);
  return refused(std::string(name) + " must be a text");
}

base::Outcome spend(const tenancy::Snapshot& tenant, http::Call& call, const model::Client& client, const json::object& claims) {
  const auto jti = json::find_string(claims, "jti");
  if (!jti) return base::Unit{};
  const auto exp = json::find_integer(claims, "exp");
  const auto forgotten_at = exp ? base::from_seconds(*exp) + kRememberedLonger : call.received + kForever;
  if (tenancy::claim_once(tenant, call, store::one_time_identifiers::kRequestObject, client.client_id, *jti, forgotten_at))
    return base::Unit{};
  return refused("it was presented before (jti): go back to the application and sign in again");
}

}  // namespace

base::Outcome check_request_object_claims(const json::object& claims, const tenancy::Snapshot& tenant, std::string_view client_id,
                                          base::Instant now) {
  for (const auto& refusal : {check_parties(claims, client_id), check_audience(claims, issuers_of(tenant)),
                              check_times(claims, now), check_jti(claims), check_alone(claims)}) {
    if (refusal) return refused(*refusal);
  }
  return base::Unit{};
}

base::Result<http::Parameters> signed_parameters(const json::object& claims) {
  http::Parameters out;
  for (const auto& [key, value] : claims) {
    const std::string name(key.data(), key.size());
    if (value.is_null() || std::find(std::begin(kOwnClaims), std::end(kOwnClaims), name) != std::end(kOwnClaims)) continue;
    out.add(name, TRY(text_of(value, name)));
  }
  // Read again as parameters are, so that a signature lets no character and no number of them pass.
  auto read = http::Parameters::parse(out.encode());
  if (!read.ok()) return refused("its parameters are not valid: " + read.error().description);
  return std::move(*read);
}

base::Result<http::Parameters> resolve_request_object(const tenancy::Snapshot& tenant, http::Call& call,
                                                      const model::Client& client, const http::Parameters& sent) {
  if (!sent.has("request")) {
    if (client.requires_signed_request)
      return refused("there is none, and this client must sign its requests (signed_request_object.required)");
    return sent;
  }
  // A client without a key of its own for this is told so by the validation.
  if (client.signed_request_credentials.empty() && !client.requires_signed_request) return sent;
  const auto text = sent.find("request");
  if (!text) return refused("the parameter request must stand once, with a value");

  const auto verified = verify_client_jwt(tenant, client, client.signed_request_credentials, *text, kTypes, call.received);
  if (!verified.ok()) return refused(verified.error().description, verified.error().detail);
  TRY(check_request_object_claims(verified->claims, tenant, client.client_id, call.received));
  auto out = TRY(signed_parameters(verified->claims));
  // contract §2.8: signed values override; what stands beside them counts only while signing is the client's choice (RFC 9101
  // §6.3).
  for (const auto& [name, value] : sent.pairs()) {
    if (!client.requires_signed_request && name != "request" && json::find(verified->claims, name) == nullptr)
      out.add(name, value);
  }
  TRY(spend(tenant, call, client, verified->claims));
  return out;
}

}  // namespace segue::oauth
