#include "management/client_keys.h"

#include "base/text.h"
#include "crypto/certificates.h"
#include "crypto/signing_key.h"
#include "jose/jwk.h"
#include "management/errors.h"
#include "store/client_credentials.h"

namespace segue::management {
namespace {

base::Result<crypto::VerificationKey> key_from(crypto::SignatureAlgorithm algorithm, const std::string& pem) {
  if (pem.find("PRIVATE KEY") != std::string::npos) {
    return invalid_body(
        "pem: this is a private key. Keep it, make a new one if it has been shown to others, and send the public key");
  }
  auto key = crypto::VerificationKey::from_public_pem(algorithm, pem);
  if (!key) {
    return invalid_body(
        "pem: no RSA public key of 2,048 to 8,192 bits can be read from it. Send one PUBLIC KEY or CERTIFICATE block");
  }
  return std::move(*key);
}

base::Result<std::optional<base::Instant>> expiry_of(const json::object& body, const std::string& pem, base::Instant now) {
  const auto text = json::find_string(body, "expires_at");
  const bool from_certificate = json::find_bool(body, "parse_expiry_from_cert").value_or(false);
  if (text && from_certificate) return invalid_body("expires_at and parse_expiry_from_cert true exclude each other");
  if (text) {
    const auto at = TRY(expiry_from(*text));
    if (at <= now) return invalid_body("expires_at: this time has passed");
    return std::optional(at);
  }
  if (!from_certificate) return std::optional<base::Instant>();
  const auto facts = crypto::read_certificate(pem);
  if (!facts) return invalid_body("parse_expiry_from_cert: the pem holds no certificate");
  if (facts->not_after <= now) return invalid_body("parse_expiry_from_cert: the certificate has expired");
  return std::optional(facts->not_after);
}

// The arrays of the settings that name credentials.
std::vector<json::array*> credential_lists(json::object& document) {
  std::vector<json::array*> out;
  const auto add = [&](json::value* holder) {
    if (holder == nullptr || !holder->is_object()) return;
    if (auto* const list = holder->get_object().if_contains("credentials"); list != nullptr && list->is_array())
      out.push_back(&list->get_array());
  };
  if (auto* const methods = document.if_contains("client_authentication_methods"); methods != nullptr && methods->is_object())
    add(methods->get_object().if_contains("private_key_jwt"));
  add(document.if_contains("signed_request_object"));
  return out;
}

bool sets(const json::object& patch, std::string_view name) {
  const auto* const v = json::find(patch, name);
  return v != nullptr && !v->is_null() && !(v->is_object() && v->get_object().empty());
}

}  // namespace

base::Result<base::Instant> expiry_from(std::string_view text) {
  const auto at = base::from_iso8601(text);
  if (!at) return invalid_body("expires_at: not an ISO 8601 time such as 2030-01-31T12:00:00.000Z");
  return *at;
}

base::Result<model::ClientCredential> credential_from(const json::object& body, std::string client_id, base::Random& random,
                                                      base::Instant now) {
  if (json::find_string(body, "credential_type") != "public_key") {
    return invalid_body("credential_type: only public_key is served here; client certificates (mTLS) are not");
  }
  if (json::find(body, "subject_dn") != nullptr) return invalid_body("subject_dn belongs to certificates, not to a public_key");
  const auto pem = json::find_string(body, "pem");
  if (!pem) return invalid_body("Payload validation error: 'Missing required property: pem'.");
  model::ClientCredential out;
  out.alg = json::find_string(body, "alg").value_or("RS256");
  const auto key = TRY(key_from(crypto::signature_algorithm_from(out.alg).value(), *pem));
  out.credential_id = "cred_" + random.text(22, base::kAlphanumeric);
  out.client_id = std::move(client_id);
  out.name = json::find_string(body, "name").value_or("");
  out.kid = json::find_string(body, "kid").value_or(jose::jwk_thumbprint(key));
  out.pem = *pem;
  out.created_at = out.updated_at = now;
  out.expires_at = TRY(expiry_of(body, *pem, now));
  return out;
}

json::object credential_answer(const model::ClientCredential& c) {
  json::object out{{"id", c.credential_id},
                   {"credential_type", "public_key"},
                   {"kid", c.kid},
                   {"alg", c.alg},
                   {"name", c.name},
                   {"created_at", base::to_iso8601(c.created_at)},
                   {"updated_at", base::to_iso8601(c.updated_at)}};
  if (c.expires_at) out["expires_at"] = base::to_iso8601(*c.expires_at);
  return out;
}

base::Outcome exclude_other_method(json::object& document, const json::object& patch) {
  const bool by_key = sets(patch, "client_authentication_methods");
  const bool by_secret = sets(patch, "token_endpoint_auth_method");
  if (by_key && by_secret) {
    return invalid_body(
        "client_authentication_methods and token_endpoint_auth_method exclude each other: set one, and the other is "
        "cleared");
  }
  if (by_key) document.erase("token_endpoint_auth_method");
  if (by_secret) document.erase("client_authentication_methods");
  const auto* const methods = json::find_object(document, "client_authentication_methods");
  if (methods != nullptr && methods->size() > 1)
    return invalid_body("client_authentication_methods: a client has one method; null removes one");
  if (methods != nullptr && methods->empty()) document.erase("client_authentication_methods");
  return base::Unit{};
}

base::Error too_many_credentials() {
  return invalid_body("A client has at most " + std::to_string(kMostCredentials) +
                      " credentials: delete one that is not in use with DELETE /api/v2/clients/{id}/credentials/{credential_id}");
}

base::Result<std::vector<model::ClientCredential>> take_credentials(json::object& document, const std::string& client_id,
                                                                    base::Random& random, base::Instant now) {
  std::vector<model::ClientCredential> out;
  for (auto* const list : credential_lists(document)) {
    for (auto& item : *list) {
      if (out.size() == kMostCredentials) return too_many_credentials();
      auto credential = TRY(credential_from(item.get_object(), client_id, random, now));
      item = json::object{{"id", credential.credential_id}};
      out.push_back(std::move(credential));
    }
  }
  return out;
}

base::Outcome check_named_credentials(const store::Reader& r, const model::Client& client) {
  for (const auto* const ids : {&client.private_key_jwt_credentials, &client.signed_request_credentials}) {
    for (const auto& id : *ids) {
      if (!store::client_credentials::find(r, client.client_id, id)) {
        return invalid_body("credentials: the client has no credential " + base::shortened(id, 64) +
                            ". Create it with POST /api/v2/clients/{id}/credentials");
      }
    }
  }
  return base::Unit{};
}

bool is_in_use(const model::Client& client, std::string_view credential_id) {
  return base::contains(client.private_key_jwt_credentials, credential_id) ||
         base::contains(client.signed_request_credentials, credential_id);
}

}  // namespace segue::management
