// A client that signs: its key, registered, and what it sends.
#pragma once
#include "openid.h"
#include "support/foreign_key.h"

namespace segue::test {

inline constexpr const char* kAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// Made once: RSA keys are slow to find.
inline const ForeignKey& client_key() {
  static const auto key = ForeignKey::rsa();
  return key;
}
inline const ForeignKey& other_key() {
  static const auto key = ForeignKey::rsa();
  return key;
}

inline json::object new_credential(const ForeignKey& key, json::object more = {}) {
  json::object out{{"credential_type", "public_key"}, {"name", "key"}, {"pem", key.public_pem()}, {"alg", "RS256"}};
  for (auto& [name, value] : more) out[name] = value;
  return out;
}
inline json::object by_key(json::array credentials) {
  return {{"private_key_jwt", json::object{{"credentials", std::move(credentials)}}}};
}

inline std::int64_t seconds_of(base::Instant t) { return base::to_seconds(t); }

// `changes` replaces members; null leaves one out.
inline json::object changed(json::object o, const json::object& changes) {
  for (const auto& [name, value] : changes) {
    if (value.is_null()) {
      o.erase(name);
    } else {
      o[name] = value;
    }
  }
  return o;
}

struct SigningClient : OpenId {
  using OpenId::OpenId;

  Client signer = world.web_client(kApp, {{"client_authentication_methods", by_key({new_credential(client_key())})}});

  json::object assertion_claims(const json::object& changes = {}) {
    static int count = 0;
    return changed({{"iss", signer.client_id},
                    {"sub", signer.client_id},
                    {"aud", kIssuer},
                    {"iat", seconds_of(world.clock.now())},
                    {"exp", seconds_of(world.clock.now()) + 60},
                    {"jti", "jti-" + std::to_string(++count)}},
                   changes);
  }
  std::string assertion(const json::object& changes = {}, const json::object& header = {}) {
    return client_key().jwt("RS256", header, assertion_claims(changes));
  }
  // Asks for something that nobody gets: 403 says that the client was believed.
  Tokens knock(const std::string& client_assertion, const http::Parameters& more = {}, Node* at = nullptr) {
    auto form = parameters({{"grant_type", "refresh_token"},
                            {"refresh_token", "rt_nothing"},
                            {"client_assertion_type", kAssertionType},
                            {"client_assertion", client_assertion}});
    for (const auto& [name, value] : more.pairs()) {
      form.remove(name);
      if (!value.empty()) form.add(name, value);
    }
    return world.token_request(form, at);
  }
  static bool is_believed(const Tokens& answer) { return answer.status == 403 && answer.error() == "invalid_grant"; }
  static void expect_disbelieved(const Tokens& answer, const std::string& why) {
    expect_refused(answer, 401, "invalid_client", "The client_assertion is refused: " + why + ".");
  }
};

inline constexpr const char* kUnverified =
    "no credential of the client that has not expired verifies it: check the key, its alg and its kid";

}  // namespace segue::test
