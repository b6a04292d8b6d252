// /oauth/token (contract §3): the body, the client, and every grant but refresh_token.
#include "openid.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kRealmGrant = "http://auth0.com/oauth/grant-type/password-realm";
constexpr const char* kManagementApi = "https://tenant.example/api/v2/";

struct Token : OpenId {
  Tokens ask_json(const std::string& body, const std::string& type = "application/json") {
    auto request = request_for(http::Method::post, "/oauth/token");
    request.headers.add("content-type", type);
    request.body = body;
    const auto response = world.send(request);
    EXPECT_EQ(header_of(response, "cache-control"), "no-store");
    EXPECT_EQ(header_of(response, "content-type"), "application/json; charset=utf-8");
    return {response.status, object_of(response)};
  }
  Tokens ask_basic(const std::string& credentials, const http::Parameters& form) {
    auto request = form_request("/oauth/token", form);
    request.headers.add("authorization", "Basic " + base::base64(credentials));
    const auto response = world.send(request);
    return {response.status, object_of(response)};
  }
  static http::Parameters password_form(const Client& client, const User& user, const http::Parameters& more = {}) {
    auto form = parameters({{"grant_type", "password"},
                            {"client_id", client.client_id},
                            {"username", user.email},
                            {"password", user.password},
                            {"scope", "openid offline_access"}});
    for (const auto& [name, value] : more.pairs()) {
      form.remove(name);
      if (!value.empty()) form.add(name, value);
    }
    return form;
  }
};

// --- The body ---

TEST_F(Token, says_what_is_wrong_with_a_body) {
  const std::string twice = "grant_type=password&grant_type=password";
  const std::string form = "application/x-www-form-urlencoded";
  expect_refused(ask_json(twice, form), 400, "invalid_request", "The parameter grant_type is present more than once.");
  expect_refused(ask_json("", form), 400, "invalid_request", "Missing required parameter: grant_type");
  expect_refused(ask_json("{}"), 400, "invalid_request", "Missing required parameter: grant_type");
  expect_refused(ask_json("[]"), 400, "invalid_request", "The body must be a JSON object.");
  expect_refused(ask_json(R"({"grant_type":["password"]})"), 400, "invalid_request",
                 "The parameter grant_type must be a string.");
  expect_refused(ask_json(R"({"grant_type":{"a":1}})"), 400, "invalid_request", "The parameter grant_type must be a string.");
  expect_refused(ask_json(R"({"grant_type":"a\u0000b"})"), 400, "invalid_request",
                 "The parameter grant_type holds a NUL character.");
  expect_refused(ask_json(R"({"grant_type":"telepathy"})"), 400, "unsupported_grant_type", "Unsupported grant type: telepathy");
  expect_refused(ask_json("grant_type=password", "text/plain"), 400, "invalid_request",
                 "Send the body as application/x-www-form-urlencoded or application/json and say so in Content-Type.");
  for (const std::string broken : {"{", "{\"grant_type\":\"\xff\"}", "nothing", "{\"grant_type\":1e999}", "{}{}"}) {
    EXPECT_EQ(ask_json(broken).error(), "invalid_request") << broken;
  }
  for (const std::string broken : {"grant_type=%ff", "grant_type=%zz", "grant_type=%00"}) {
    EXPECT_EQ(ask_json(broken, form).error(), "invalid_request") << broken;
  }
}

TEST_F(Token, names_the_parameter_that_a_grant_misses) {
  const auto native = world.native_client();
  for (const auto& [grant, missing] : {std::pair{"authorization_code", "code"},
                                       {"refresh_token", "refresh_token"},
                                       {"password", "username"},
                                       {kRealmGrant, "realm"}}) {
    expect_refused(world.token_request(parameters({{"grant_type", grant}, {"client_id", native.client_id}})), 400,
                   "invalid_request", std::string("Missing required parameter: ") + missing);
  }
  expect_refused(world.token_request(parameters({{"grant_type", "password"}})), 400, "invalid_request",
                 "Missing required parameter: client_id");
}

TEST_F(Token, reads_json_and_ignores_unknown_members_of_any_type) {
  const auto answer = ask_json(json::write(json::object{{"grant_type", "authorization_code"},
                                                        {"client_id", web.client_id},
                                                        {"client_secret", web.client_secret},
                                                        {"code", code()},
                                                        {"redirect_uri", kCallback},
                                                        {"scope", nullptr},
                                                        {"unknown", json::array{1, 2}},
                                                        {"device", 7}}));
  EXPECT_EQ(answer.status, 200) << json::write(answer.body);
  EXPECT_EQ(answer.text("token_type"), "Bearer");
  EXPECT_EQ(json::find_integer(answer.body, "expires_in"), 86400);
}

// --- The client ---

TEST_F(Token, takes_the_secret_in_the_body_or_by_basic) {
  EXPECT_EQ(redeem(web, code()).status, 200);
  auto bare = [&] { return code_form(web, code(), parameters({{"client_id", ""}, {"client_secret", ""}})); };
  EXPECT_EQ(ask_basic(web.client_id + ":" + web.client_secret, bare()).status, 200);
  // RFC 6749 §2.3.1: both halves are form-urlencoded.
  const auto escaped = "%" + base::hex(base::as_bytes(web.client_secret.substr(0, 1))) + web.client_secret.substr(1);
  EXPECT_EQ(ask_basic(web.client_id + ":" + escaped, bare()).status, 200);
  EXPECT_EQ(
      ask_basic(web.client_id + ":" + web.client_secret, code_form(web, code(), parameters({{"client_secret", ""}}))).status,
      200);
}

TEST_F(Token, refuses_who_is_not_the_client_and_leaves_the_code_as_it_was) {
  const auto unspent = code();
  const auto form = code_form(web, unspent);
  auto wrong = form;
  wrong.remove("client_secret");
  expect_refused(world.token_request(wrong), 401, "access_denied", "Unauthorized");
  wrong.add("client_secret", web.client_secret + "x");
  expect_refused(world.token_request(wrong), 401, "access_denied", "Unauthorized");
  wrong.remove("client_id");
  expect_refused(ask_basic(web.client_id + ":wrong", wrong), 401, "access_denied", "Unauthorized");
  expect_refused(ask_basic("nobody:" + web.client_secret, wrong), 401, "access_denied", "Unauthorized");
  expect_refused(ask_basic(web.client_id, wrong), 400, "invalid_request",
                 "The Authorization header is not valid Basic authentication.");
  expect_refused(ask_basic("other:" + web.client_secret, form), 400, "invalid_request",
                 "The client_id in the body differs from the one in the Authorization header.");
  auto assertion = form;
  assertion.add("client_assertion", "eyJ");
  EXPECT_EQ(world.token_request(assertion).error(), "invalid_request");
  EXPECT_EQ(world.token_request(form).status, 200);
  EXPECT_EQ(count_logs("type:feacft"), 7u);
}

TEST_F(Token, refuses_a_grant_that_the_client_does_not_have) {
  expect_refused(world.token_request(parameters(
                     {{"grant_type", "password"}, {"client_id", web.client_id}, {"client_secret", web.client_secret}})),
                 403, "unauthorized_client", "Grant type 'password' not allowed for the client.");
  EXPECT_EQ(count_logs("type:fepft"), 1u);
}

// --- authorization_code ---

TEST_F(Token, gives_tokens_for_a_code) {
  create_api({{"allow_offline_access", true}, {"token_lifetime", 600}});
  const auto answer = redeem(
      web,
      code(parameters({{"audience", kApi}, {"scope", "openid email offline_access read:books delete:books"}, {"nonce", "n"}})));
  ASSERT_EQ(answer.status, 200) << json::write(answer.body);
  EXPECT_EQ(answer.text("scope"), "openid email offline_access read:books");
  EXPECT_EQ(json::find_integer(answer.body, "expires_in"), 600);
  EXPECT_FALSE(answer.refresh_token().empty());
  const auto claims = claims_of(answer.access_token());
  EXPECT_EQ(json::find_strings(claims, "aud"), (std::vector<std::string>{kApi, std::string(kIssuer) + "userinfo"}));
  EXPECT_EQ(json::find_string(claims, "azp"), web.client_id);
  EXPECT_EQ(json::find_string(claims, "sub"), ada.user_id);
  EXPECT_EQ(json::find_string(claims, "gty"), std::nullopt);
  EXPECT_EQ(claim(answer.text("id_token"), "nonce"), "n");
  EXPECT_EQ(json::find(claims_of(answer.text("id_token")), "auth_time"), nullptr);
  EXPECT_EQ(count_logs("type:seacft"), 1u);
}

TEST_F(Token, takes_a_code_once_and_a_replay_ends_what_it_produced) {
  const auto used = code(parameters({{"scope", "openid offline_access"}}));
  const auto first = redeem(web, used);
  ASSERT_EQ(first.status, 200);
  ASSERT_FALSE(first.refresh_token().empty());
  EXPECT_EQ(world.refresh(web, first.refresh_token()).status, 200);
  expect_refused(redeem(web, used), 403, "invalid_grant", "Invalid authorization code");
  expect_refused(world.refresh(web, first.refresh_token()), 403, "invalid_grant", "Unknown or invalid refresh token.");
  EXPECT_EQ(count_logs("type:feacft"), 1u);
  // The person's session and their other tokens are another matter.
  EXPECT_TRUE(authorize().left);
}

TEST_F(Token, burns_a_code_that_another_client_or_another_address_presents) {
  const auto thief = world.web_client("https://thief.example");
  const auto stolen = code();
  expect_refused(redeem(thief, stolen), 403, "invalid_grant", "Invalid authorization code");
  expect_refused(redeem(web, stolen), 403, "invalid_grant", "Invalid authorization code");
  for (const auto* uri : {"https://app.example/callback2", ""}) {
    const auto misdirected = code();
    expect_refused(redeem(web, misdirected, parameters({{"redirect_uri", uri}})), 403, "invalid_grant",
                   "Invalid authorization code");
    expect_refused(redeem(web, misdirected), 403, "invalid_grant", "Invalid authorization code");
  }
}

TEST_F(Token, wants_no_redirect_uri_when_none_was_sent) {
  const auto asked = parameters({{"redirect_uri", ""}});
  EXPECT_EQ(redeem(web, code(asked), asked).status, 200);
}

TEST_F(Token, takes_a_code_for_ten_minutes) {
  const auto early = code(), late = code();
  world.clock.advance(10min - 1s);
  EXPECT_EQ(redeem(web, early).status, 200);
  world.clock.advance(1s);
  expect_refused(redeem(web, late), 403, "invalid_grant", "Invalid authorization code");
}

TEST_F(Token, knows_no_invented_code_and_no_handle_of_another_kind) {
  const auto native = world.native_client();
  const auto tokens = world.password_tokens(native, ada);
  auto half = code();
  half.back() = half.back() == 'A' ? 'E' : 'A';
  for (const auto& text :
       {std::string("code_x.y"), std::string("x"), tokens.refresh_token(), half, browser.cookies().at("auth0")}) {
    expect_refused(redeem(web, text), 403, "invalid_grant", "Invalid authorization code");
  }
}

TEST_F(Token, burns_a_code_when_the_verifier_is_wrong_missing_or_superfluous) {
  const auto with_challenge = parameters({{"code_challenge", kChallenge}, {"code_challenge_method", "S256"}});
  const auto right = parameters({{"code_verifier", kVerifier}});
  EXPECT_EQ(redeem(web, code(with_challenge), right).status, 200);
  for (const auto& wrong :
       {parameters({{"code_verifier", std::string(43, 'x')}}), parameters({{"code_verifier", kChallenge}}),
        parameters({{"code_verifier", "short"}}), parameters({{"code_verifier", std::string(129, 'x')}}), parameters({})}) {
    const auto burnt = code(with_challenge);
    expect_refused(redeem(web, burnt, wrong), 403, "invalid_grant", "Failed to verify code verifier");
    expect_refused(redeem(web, burnt, right), 403, "invalid_grant", "Invalid authorization code");
  }
  expect_refused(redeem(web, code(), right), 403, "invalid_grant", "Failed to verify code verifier");
}

TEST_F(Token, gives_nothing_for_a_code_whose_session_or_user_is_gone) {
  const auto signed_out = code();
  browser.open("/v2/logout");
  expect_refused(redeem(web, signed_out), 403, "invalid_grant", "Invalid authorization code");
  const auto blocked = code();
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", true}});
  EXPECT_EQ(redeem(web, blocked).status, 403);
  EXPECT_EQ(redeem(web, blocked).access_token(), "");
}

// --- Refresh tokens: contract §4.1 ---

TEST_F(Token, issues_refresh_tokens_only_where_every_condition_holds) {
  create_api();
  const auto pkce =
      parameters({{"code_challenge", kChallenge}, {"code_challenge_method", "S256"}, {"scope", "openid offline_access"}});
  const auto with = parameters({{"code_verifier", kVerifier}, {"client_secret", ""}});
  const auto plain = spa_client();
  const auto without = redeem(plain, code(plain, pkce), with);
  EXPECT_EQ(without.status, 200);
  EXPECT_EQ(without.refresh_token(), "");
  EXPECT_EQ(without.text("scope"), "openid");
  const auto rotating =
      spa_client({{"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}}}});
  EXPECT_NE(redeem(rotating, code(rotating, pkce), with).refresh_token(), "");
  const auto offline = [&](const std::string& audience) {
    return redeem(web, code(parameters({{"scope", "openid offline_access"}, {"audience", audience}}))).refresh_token();
  };
  EXPECT_EQ(offline(kApi), "") << "the API does not allow offline access";
  EXPECT_NE(offline(""), "");
  patch_client(web, {{"grant_types", json::array{"authorization_code"}}});
  EXPECT_EQ(offline(""), "");
  EXPECT_EQ(redeem(web, code()).refresh_token(), "") << "offline_access was not asked for";
}

// --- password, password-realm ---

TEST_F(Token, signs_a_person_in_by_password_at_the_default_directory_or_a_named_realm) {
  const auto native = world.native_client();
  const auto answer = world.token_request(password_form(native, ada));
  ASSERT_EQ(answer.status, 200) << json::write(answer.body);
  EXPECT_EQ(claim(answer.text("id_token"), "sub"), ada.user_id);
  EXPECT_FALSE(answer.refresh_token().empty());
  const auto realm = parameters({{"grant_type", kRealmGrant}, {"realm", kPasswordRealm}});
  EXPECT_EQ(world.token_request(password_form(native, ada, realm)).status, 200);
  EXPECT_EQ(count_logs("type:sepft"), 2u);
  auto unknown = realm;
  unknown.remove("realm");
  unknown.add("realm", "nowhere");
  expect_refused(world.token_request(password_form(native, ada, unknown)), 400, "invalid_request",
                 "The realm names no database connection of this tenant.");
}

TEST_F(Token, refuses_a_directory_that_is_not_enabled_for_the_client) {
  const auto native = world.native_client();
  world.managed(http::Method::post, "connections", json::object{{"name", "staff"}, {"strategy", "auth0"}});
  const auto answer =
      world.token_request(password_form(native, ada, parameters({{"grant_type", kRealmGrant}, {"realm", "staff"}})));
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.text("error_description").starts_with("The connection staff is not enabled for this client."));
}

TEST_F(Token, tells_a_wrong_password_from_an_unknown_user_by_nothing) {
  const auto native = world.native_client();
  expect_refused(world.token_request(password_form(native, ada, parameters({{"password", "wrong"}}))), 403, "invalid_grant",
                 "Wrong email or password.");
  expect_refused(world.token_request(password_form(native, ada, parameters({{"username", "nobody@example.com"}}))), 403,
                 "invalid_grant", "Wrong email or password.");
  EXPECT_EQ(count_logs("type:fp"), 1u);
  EXPECT_EQ(count_logs("type:fu"), 1u);
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", true}});
  expect_refused(world.token_request(password_form(native, ada)), 403, "unauthorized", "user is blocked");
}

// The status of one password attempt that a back end makes for the person at `address`.
int password_status(World& world, const Client& client, const User& user, const std::string& password,
                    const std::string& address) {
  auto request = form_request("/oauth/token", parameters({{"grant_type", "password"},
                                                          {"client_id", client.client_id},
                                                          {"client_secret", client.client_secret},
                                                          {"username", user.email},
                                                          {"password", password}}));
  request.headers.add("auth0-forwarded-for", address);
  return world.send(request).status;
}

TEST_F(Token, counts_wrong_passwords_by_the_address_that_a_trusted_back_end_names) {
  const auto backend = world.create_client({{"name", "backend"},
                                            {"app_type", "regular_web"},
                                            {"grant_types", json::array{"password"}},
                                            {"is_token_endpoint_ip_header_trusted", true}});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(password_status(world, backend, ada, "wrong", "203.0.113.9"), 403);
  EXPECT_EQ(password_status(world, backend, ada, ada.password, "203.0.113.9"), 429);
  EXPECT_EQ(password_status(world, backend, ada, ada.password, "203.0.113.10"), 200);
  EXPECT_EQ(json::find_string(world.logs("type:sepft").at(0), "ip"), "203.0.113.10");
}

TEST_F(Token, lets_nobody_escape_the_limit_by_naming_addresses_without_being_trusted) {
  const auto backend =
      world.create_client({{"name", "backend"}, {"app_type", "regular_web"}, {"grant_types", json::array{"password"}}});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(password_status(world, backend, ada, "wrong", "203.0.113." + std::to_string(i)), 403);
  EXPECT_EQ(password_status(world, backend, ada, ada.password, "203.0.113.99"), 429);
}

TEST_F(Token, grants_all_scopes_of_an_api_when_none_is_asked_for) {
  create_api();
  const auto native = world.native_client();
  const auto all = world.token_request(password_form(native, ada, parameters({{"scope", ""}, {"audience", kApi}})));
  EXPECT_EQ(all.text("scope"), "read:books write:books");
  EXPECT_EQ(claim(all.access_token(), "aud"), kApi);
  EXPECT_EQ(claim(all.access_token(), "gty"), "password");
  EXPECT_EQ(all.text("id_token"), "");
  const auto some = world.token_request(password_form(native, ada, parameters({{"scope", "read:books"}, {"audience", kApi}})));
  EXPECT_EQ(some.text("scope"), "read:books");
  expect_refused(world.token_request(password_form(native, ada, parameters({{"audience", "https://unknown.example/"}}))), 403,
                 "access_denied", "Service not enabled within domain: https://unknown.example/");
}

TEST_F(Token, gives_a_person_no_scope_of_the_management_api) {
  const auto native = world.native_client();
  for (const auto* scope : {"", "openid read:users update:clients"}) {
    const auto answer =
        world.token_request(password_form(native, ada, parameters({{"scope", scope}, {"audience", kManagementApi}})));
    EXPECT_FALSE(has_scope(answer.text("scope"), "read:users"));
    if (answer.status != 200) continue;
    auto request = request_for(http::Method::get, "/api/v2/users");
    request.headers.set("authorization", "Bearer " + answer.access_token());
    EXPECT_EQ(world.send(request).status, 403);
  }
}

// --- client_credentials ---

TEST_F(Token, gives_a_machine_what_its_client_grant_holds) {
  create_api();
  const auto machine = world.create_client({{"app_type", "non_interactive"}, {"grant_types", json::array{"client_credentials"}}});
  auto form = parameters(
      {{"grant_type", "client_credentials"}, {"client_id", machine.client_id}, {"client_secret", machine.client_secret}});
  expect_refused(world.token_request(form), 400, "invalid_request", "Missing required parameter: audience");
  form.add("audience", kApi);
  expect_refused(world.token_request(form), 403, "access_denied",
                 "Client \"" + machine.client_id + "\" is not authorized to access resource server \"" + kApi +
                     "\". You need to create a \"client-grant\" associated to this API.");
  world.managed(http::Method::post, "client-grants",
                json::object{{"client_id", machine.client_id}, {"audience", kApi}, {"scope", json::array{"read:books"}}});
  const auto answer = world.token_request(form);
  EXPECT_EQ(answer.text("scope"), "read:books");
  EXPECT_EQ(claim(answer.access_token(), "sub"), machine.client_id + "@clients");
  EXPECT_EQ(claim(answer.access_token(), "gty"), "client-credentials");
  EXPECT_EQ(answer.refresh_token() + answer.text("id_token"), "");
  form.add("scope", "read:books write:books openid");
  EXPECT_EQ(world.token_request(form).text("scope"), "read:books");
  form.remove("audience");
  form.add("audience", "https://unknown.example/");
  expect_refused(world.token_request(form), 403, "access_denied", "Service not enabled within domain: https://unknown.example/");
}

TEST_F(Token, gives_nothing_to_a_machine_without_a_secret) {
  const auto spa = spa_client();
  const auto form =
      parameters({{"grant_type", "client_credentials"}, {"client_id", spa.client_id}, {"audience", kManagementApi}});
  expect_refused(world.token_request(form), 403, "unauthorized_client",
                 "Grant type 'client_credentials' not allowed for the client.");
}

}  // namespace
}  // namespace segue::test
