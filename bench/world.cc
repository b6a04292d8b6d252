#include "bench/world.h"

#include "bench/server_process.h"

namespace segue::bench {
namespace {

constexpr std::string_view kPasswordRealm = "http://auth0.com/oauth/grant-type/password-realm";
constexpr std::string_view kRealm = "Username-Password-Authentication";
constexpr std::string_view kPassword = "Correct-horse-battery-7";

std::string email(int user) { return "user" + std::to_string(user) + "@example.com"; }

json::object native_settings(std::string_view algorithm, bool rotates) {
  return {
      {"name", rotates ? "bench native, rotating" : "bench native"},
      {"app_type", "native"},
      {"token_endpoint_auth_method", "none"},
      {"grant_types", json::array{"refresh_token", kPasswordRealm}},
      {"jwt_configuration", {{"alg", algorithm}}},
      {"refresh_token",
       {{"rotation_type", rotates ? "rotating" : "non-rotating"}, {"expiration_type", rotates ? "expiring" : "non-expiring"}}},
      {"session_transfer", {{"can_create_session_transfer_token", true}}}};
}

json::object web_settings(std::string_view algorithm) {
  return {{"name", "bench web"},
          {"app_type", "regular_web"},
          {"token_endpoint_auth_method", "client_secret_post"},
          {"grant_types", json::array{"authorization_code", "refresh_token"}},
          {"callbacks", json::array{World::kRedirectUri}},
          {"jwt_configuration", {{"alg", algorithm}}},
          {"session_transfer",
           {{"allowed_authentication_methods", json::array{"query", "cookie"}}, {"enforce_device_binding", "ip"}}}};
}

std::string text(const json::value& v, std::string_view name) { return json::find_string(v.as_object(), name).value(); }

}  // namespace

World::World(const Target& target, int users) : target_(target), users_(users) {
  HttpsClient client(target);
  const auto token = client.post("/oauth/token", {{"grant_type", "client_credentials"},
                                                  {"client_id", ServerProcess::kClientId},
                                                  {"client_secret", ServerProcess::kClientSecret},
                                                  {"audience", "https://" + target.domain() + "/api/v2/"}});
  management_token_ = member(expect(200, token), "access_token");

  native_ = text(manage(client, 201, "POST", "clients", native_settings("RS256", false)), "client_id");
  rs256_ = make_pair(client, "RS256");
  es256_ = make_pair(client, "ES256");
  json::array enabled;
  for (const auto& id : {native_, rs256_.native, rs256_.web.client_id, es256_.native, es256_.web.client_id}) {
    enabled.push_back({{"client_id", id}, {"status", true}});
  }
  const auto connections = manage(client, 200, "GET", "connections?name=" + std::string(kRealm));
  manage(client, 204, "PATCH", "connections/" + text(connections.as_array().at(0), "id") + "/clients", enabled);
  for (int user = 0; user < users; user++) {
    manage(client, 201, "POST", "users", json::object{{"connection", kRealm}, {"email", email(user)}, {"password", kPassword}});
  }
  plain_refresh_tokens_ = sign_in_all(native_, "offline_access");
  openid_refresh_tokens_ = sign_in_all(native_, "openid offline_access");
}

World::Pair World::make_pair(HttpsClient& client, std::string_view algorithm) {
  const auto audience = "https://api.example.com/" + std::string(algorithm);
  manage(client, 201, "POST", "resource-servers",
         json::object{{"identifier", audience}, {"signing_alg", algorithm}, {"allow_offline_access", true}});
  const auto native = manage(client, 201, "POST", "clients", native_settings(algorithm, true));
  const auto web = manage(client, 201, "POST", "clients", web_settings(algorithm));
  return {text(native, "client_id"), {text(web, "client_id"), text(web, "client_secret"), audience}};
}

json::value World::manage(HttpsClient& client, int status, std::string_view method, std::string_view path,
                          const json::value& body) const {
  const auto answer = client.call(method, path, management_token_, body.is_null() ? "" : json::write(body));
  expect(status, answer);
  return answer.body.empty() ? json::value() : json::parse(answer.body).value();
}

std::vector<std::string> World::rotating_refresh_tokens(crypto::SignatureAlgorithm algorithm) const {
  return sign_in_all(pair(algorithm).native, "openid offline_access", pair(algorithm).web.audience);
}

std::vector<std::string> World::sign_in_all(const std::string& client_id, const std::string& scope,
                                            const std::string& audience) const {
  HttpsClient client(target_);
  std::vector<std::string> tokens;
  for (int user = 0; user < users_; user++) {
    Form form = {{"grant_type", std::string(kPasswordRealm)}, {"client_id", client_id},       {"username", email(user)},
                 {"password", std::string(kPassword)},        {"realm", std::string(kRealm)}, {"scope", scope}};
    if (!audience.empty()) form.emplace_back("audience", audience);
    tokens.push_back(member(expect(200, client.post("/oauth/token", form)), "refresh_token"));
  }
  return tokens;
}

}  // namespace segue::bench
