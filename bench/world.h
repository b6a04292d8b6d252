// Clients, users and refresh tokens of the bench, made through the Management API as any operator would.
#pragma once
#include <string>
#include <vector>

#include "bench/https_client.h"
#include "crypto/signing_key.h"
#include "json/value.h"

namespace segue::bench {

struct WebClient {
  std::string client_id, client_secret, audience;
};

class World {
 public:
  World(const Target& target, int users);

  static constexpr const char* kRedirectUri = "https://app.example.com/callback";

  // One per user, of a native client whose ID tokens are signed with RS256.
  const std::string& native_client() const { return native_; }
  const std::vector<std::string>& plain_refresh_tokens() const { return plain_refresh_tokens_; }    // scope offline_access
  const std::vector<std::string>& openid_refresh_tokens() const { return openid_refresh_tokens_; }  // and openid
  // A rotating native client and an API, both of that algorithm, and a fresh refresh token of it per user.
  const std::string& rotating_client(crypto::SignatureAlgorithm algorithm) const { return pair(algorithm).native; }
  std::vector<std::string> rotating_refresh_tokens(crypto::SignatureAlgorithm algorithm) const;
  const WebClient& web_client(crypto::SignatureAlgorithm algorithm) const { return pair(algorithm).web; }

 private:
  struct Pair {
    std::string native;
    WebClient web;
  };
  const Pair& pair(crypto::SignatureAlgorithm algorithm) const {
    return algorithm == crypto::SignatureAlgorithm::RS256 ? rs256_ : es256_;
  }
  Pair make_pair(HttpsClient& client, std::string_view algorithm);
  json::value manage(HttpsClient& client, int status, std::string_view method, std::string_view path,
                     const json::value& body = nullptr) const;
  std::vector<std::string> sign_in_all(const std::string& client_id, const std::string& scope,
                                       const std::string& audience = {}) const;

  const Target& target_;
  const int users_;
  std::string management_token_, native_;
  Pair rs256_, es256_;
  std::vector<std::string> plain_refresh_tokens_, openid_refresh_tokens_;
};

}  // namespace segue::bench
