#include "bench/world.h"

#include "bench/provider_rows.h"
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
          {"callbacks", json::array{Provider::kRedirectUri}},
          {"jwt_configuration", {{"alg", algorithm}}},
          {"addons", {{"samlp", json::object{}}}},
          {"session_transfer",
           {{"allowed_authentication_methods", json::array{"query", "cookie"}}, {"enforce_device_binding", "ip"}}}};
}

json::object machine_settings() {
  return {{"name", "bench machine"},
          {"app_type", "non_interactive"},
          {"token_endpoint_auth_method", "client_secret_post"},
          {"grant_types", json::array{"client_credentials"}}};
}

std::string text(const json::value& v, std::string_view name) { return json::find_string(v.as_object(), name).value(); }

}  // namespace

World::World(const Target& target, int users) : target_(target), users_(users) {
  HttpsClient client(target);
  management_token_ = management_token(target, client);

  native_ = text(manage(client, 201, "POST", "clients", native_settings("RS256", false)), "client_id");
  provider_ = {.token_path = "/oauth/token",
               .authorize_path = "/authorize",
               .keys_path = "/.well-known/jwks.json",
               .audience_parameter = "audience",
               .rs256 = make_applications(client, "RS256"),
               .es256 = make_applications(client, "ES256"),
               .sessions = {},
               .rotating_refresh_tokens = [this](crypto::SignatureAlgorithm algorithm) {
                 const auto& applications = provider_.of(algorithm);
                 return sign_in_all(applications.rotating, "openid offline_access", applications.web.audience);
               }};
  const auto &rs256 = provider_.rs256, &es256 = provider_.es256;
  json::array enabled;
  for (const auto& id : {native_, rs256.rotating, rs256.web.client_id, es256.rotating, es256.web.client_id}) {
    enabled.push_back({{"client_id", id}, {"status", true}});
  }
  const auto connections = manage(client, 200, "GET", "connections?name=" + std::string(kRealm));
  manage(client, 204, "PATCH", "connections/" + text(connections.as_array().at(0), "id") + "/clients", enabled);
  for (int user = 0; user < users; user++) {
    manage(client, 201, "POST", "users", json::object{{"connection", kRealm}, {"email", email(user)}, {"password", kPassword}});
  }
  plain_refresh_tokens_ = sign_in_all(native_, "offline_access");
  openid_refresh_tokens_ = sign_in_all(native_, "openid offline_access");
  // Each browser is signed in by a redemption.
  for (const auto& refresh_token : plain_refresh_tokens_) {
    const auto answer = redeem(client, mint(client, refresh_token));
    code_of(answer);
    provider_.sessions.push_back(answer.cookies);
  }
}

Provider::Applications World::make_applications(HttpsClient& client, std::string_view algorithm) {
  const auto audience = "https://api.example.com/" + std::string(algorithm);
  manage(client, 201, "POST", "resource-servers",
         json::object{{"identifier", audience},
                      {"signing_alg", algorithm},
                      {"allow_offline_access", true},
                      {"skip_consent_for_verifiable_first_party_clients", true}});
  const auto application = [&](const json::object& settings) {
    const auto made = manage(client, 201, "POST", "clients", settings);
    return Application{text(made, "client_id"), json::find_string(made.as_object(), "client_secret").value_or(""), audience};
  };
  Provider::Applications out{application(machine_settings()), application(web_settings(algorithm)),
                             application(native_settings(algorithm, true)).client_id};
  manage(client, 201, "POST", "client-grants",
         json::object{{"client_id", out.machine.client_id}, {"audience", audience}, {"scope", json::array{}}});
  return out;
}

json::value World::manage(HttpsClient& client, int status, std::string_view method, std::string_view path,
                          const json::value& body) const {
  const auto answer = client.call(method, path, management_token_, body.is_null() ? "" : json::write(body));
  expect(status, answer);
  return answer.body.empty() ? json::value() : json::parse(answer.body).value();
}

std::string World::mint(HttpsClient& client, const std::string& refresh_token) const {
  return member(expect(200, client.post("/oauth/token", {{"grant_type", "refresh_token"},
                                                         {"client_id", native_},
                                                         {"refresh_token", refresh_token},
                                                         {"audience", "urn:localhost:session_transfer"}})),
                "access_token");
}

Response World::redeem(HttpsClient& client, const std::string& transfer_token) const {
  const auto& web = provider_.rs256.web;
  return client.get("/authorize?" + encode({{"response_type", "code"},
                                            {"client_id", web.client_id},
                                            {"redirect_uri", Provider::kRedirectUri},
                                            {"scope", "openid"},
                                            {"audience", web.audience},
                                            {"state", "bench"},
                                            {"session_transfer_token", transfer_token}}));
}

void World::tell_web_client(const std::string& url) const {
  HttpsClient client(target_);
  manage(client, 200, "PATCH", "clients/" + provider_.rs256.web.client_id,
         json::object{{"oidc_logout",
                       {{"backchannel_logout_urls", json::array{url}}, {"backchannel_logout_initiators", {{"mode", "all"}}}}}});
}

void World::bind_action(const std::string& name, const std::string& code) const {
  HttpsClient client(target_);
  const auto made =
      manage(client, 201, "POST", "actions/actions",
             json::object{{"name", name},
                          {"supported_triggers", json::array{json::object{{"id", "post-login"}, {"version", "v3"}}}},
                          {"code", code},
                          {"deploy", true}});
  manage(client, 200, "PATCH", "actions/triggers/post-login/bindings",
         json::object{{"bindings", json::array{json::object{{"ref", {{"type", "action_id"}, {"value", text(made, "id")}}}}}}});
}

void World::bind_nothing() const {
  HttpsClient client(target_);
  manage(client, 200, "PATCH", "actions/triggers/post-login/bindings", json::object{{"bindings", json::array{}}});
}

Response World::sign_in(HttpsClient& client, int user, const std::string& client_id, const std::string& scope,
                        const std::string& audience) const {
  Form form = {{"grant_type", std::string(kPasswordRealm)}, {"client_id", client_id},       {"username", email(user)},
               {"password", std::string(kPassword)},        {"realm", std::string(kRealm)}, {"scope", scope}};
  if (!audience.empty()) form.emplace_back("audience", audience);
  return client.post("/oauth/token", form);
}

std::vector<std::string> World::sign_in_all(const std::string& client_id, const std::string& scope,
                                            const std::string& audience) const {
  HttpsClient client(target_);
  std::vector<std::string> tokens;
  for (int user = 0; user < users_; user++) {
    tokens.push_back(member(expect(200, sign_in(client, user, client_id, scope, audience)), "refresh_token"));
  }
  return tokens;
}

}  // namespace segue::bench
