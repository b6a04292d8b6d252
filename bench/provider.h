// What the rows that any OpenID Provider can do need to know of one: Segue, or the peer that it is compared with.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "crypto/signing_key.h"

namespace segue::bench {

struct Application {
  std::string client_id, client_secret, audience;
};

struct Provider {
  // An API and its applications, all of one algorithm.
  struct Applications {
    Application machine, web;
    std::string rotating;  // public; its refresh tokens rotate
  };

  std::string token_path, authorize_path, keys_path;
  std::string audience_parameter;  // RFC 8707 says `resource`, Auth0 `audience`
  Applications rs256, es256;
  std::vector<std::string> sessions;  // the Cookie header of a signed-in browser, one per thread
  // Fresh ones of the rotating client, one per thread.
  std::function<std::vector<std::string>(crypto::SignatureAlgorithm)> rotating_refresh_tokens;

  const Applications& of(crypto::SignatureAlgorithm algorithm) const {
    return algorithm == crypto::SignatureAlgorithm::RS256 ? rs256 : es256;
  }

  static constexpr const char* kRedirectUri = "https://app.example.com/callback";
};

}  // namespace segue::bench
