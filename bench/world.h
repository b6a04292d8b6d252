// Clients, users, refresh tokens and sessions of the bench, made through the Management API as any operator would.
#pragma once
#include <string>
#include <vector>

#include "bench/https_client.h"
#include "bench/provider.h"
#include "json/value.h"

namespace segue::bench {

class World {
 public:
  World(const Target& target, int users);

  // One per user, of a native client whose ID tokens are signed with RS256.
  const std::vector<std::string>& plain_refresh_tokens() const { return plain_refresh_tokens_; }    // scope offline_access
  const std::vector<std::string>& openid_refresh_tokens() const { return openid_refresh_tokens_; }  // and openid
  const Provider& provider() const { return provider_; }

  // A session transfer token for that client's refresh token; and what its redemption by the web client answers.
  std::string mint(HttpsClient& client, const std::string& refresh_token) const;
  Response redeem(HttpsClient& client, const std::string& transfer_token) const;
  // The web client is told of every session's end.
  void tell_web_client(const std::string& url) const;
  // An Action is deployed, and is the only one that a sign-in runs; and none is.
  void bind_action(const std::string& name, const std::string& code) const;
  void bind_nothing() const;
  // A user signs in with the password. User numbers begin at 0.
  Response sign_in(HttpsClient& client, int user, const std::string& client_id, const std::string& scope,
                   const std::string& audience = {}) const;
  const std::string& native_client() const { return native_; }
  std::string issuer() const { return "https://" + target_.domain() + "/"; }

 private:
  Provider::Applications make_applications(HttpsClient& client, std::string_view algorithm);
  json::value manage(HttpsClient& client, int status, std::string_view method, std::string_view path,
                     const json::value& body = nullptr) const;
  std::vector<std::string> sign_in_all(const std::string& client_id, const std::string& scope,
                                       const std::string& audience = {}) const;

  const Target& target_;
  const int users_;
  std::string management_token_, native_;
  Provider provider_;
  std::vector<std::string> plain_refresh_tokens_, openid_refresh_tokens_;
};

}  // namespace segue::bench
