// What the stories of sender-constrained tokens begin with: a native app with a key, and the ways to prove it.
#pragma once
#include "openid.h"
#include "support/dpop_key.h"

namespace segue::test {

inline constexpr const char* kTokenUrl = "https://tenant.example/oauth/token";

struct DpopFlow : OpenId {
  explicit DpopFlow(WorldOptions options = {}) : OpenId(options) { create_api(json::object{{"allow_offline_access", true}}); }

  Client native = world.native_client(json::object{{"callbacks", json::array{kCallback}}});
  DpopKey key, other_key;

  // A token request with one DPoP header for each proof.
  http::Response send(const http::Parameters& form, const std::vector<std::string>& proofs, Node* at = nullptr) {
    auto request = form_request("/oauth/token", form);
    for (const auto& proof : proofs) request.headers.add("dpop", proof);
    return (at != nullptr ? *at : world.node()).send(std::move(request));
  }
  static Tokens tokens_of(const http::Response& response) { return {response.status, object_of(response)}; }
  // A nonce, as an app gets its first one.
  std::string nonce(Node* at = nullptr) {
    const auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", native.client_id}, {"refresh_token", "none"}});
    return header_of(send(form, {key.proof("POST", kTokenUrl, world.clock.now())}, at), "dpop-nonce");
  }
  std::string proof(const DpopKey& by) { return by.proof("POST", kTokenUrl, world.clock.now(), nonce()); }
  std::string proof() { return proof(key); }
  Tokens prove(const http::Parameters& form, const DpopKey& by, Node* at = nullptr) {
    return tokens_of(send(form, {proof(by)}, at));
  }

  http::Parameters password_form(const Client& client, const std::string& scope = "openid offline_access read:books",
                                 const std::string& audience = kApi) const {
    auto form = parameters({{"grant_type", "password"},
                            {"client_id", client.client_id},
                            {"username", ada.email},
                            {"password", ada.password},
                            {"scope", scope}});
    if (!audience.empty()) form.add("audience", audience);
    if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    return form;
  }
  http::Parameters refresh_form(const std::string& token, const std::string& audience = {}) const {
    auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", native.client_id}, {"refresh_token", token}});
    if (!audience.empty()) form.add("audience", audience);
    return form;
  }
  http::Parameters native_code_form(const std::string& code) const {
    return code_form(native, code, parameters({{"client_secret", ""}, {"code_verifier", kVerifier}}));
  }
  std::string native_code(http::Parameters more = {}) {
    more.add("code_challenge", kChallenge);
    more.add("code_challenge_method", "S256");
    return code(native, more);
  }
  // A sign-in of the app whose tokens are bound to its key.
  Tokens bound() { return prove(password_form(native), key); }

  static std::string jkt_of(const std::string& access_token) {
    const auto claims = claims_of(access_token);
    const auto* const confirmation = json::find_object(claims, "cnf");
    return confirmation == nullptr ? "" : json::find_string(*confirmation, "jkt").value_or("");
  }
  static void expect_refused(const Tokens& answer, const std::string& error, const std::string& words = {}) {
    EXPECT_EQ(answer.status, error == "invalid_grant" ? 403 : 400) << json::write(answer.body);
    EXPECT_EQ(answer.error(), error) << json::write(answer.body);
    EXPECT_NE(answer.text("error_description").find(words), std::string::npos) << json::write(answer.body);
    EXPECT_EQ(answer.access_token(), "");
  }
};

}  // namespace segue::test
