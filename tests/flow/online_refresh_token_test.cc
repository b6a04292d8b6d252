// Online refresh tokens: scope online_access, alive as long as their browser session (contract §4.7).
#include "dpop_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kDead = "Unknown or invalid refresh token.";

struct OnlineRefreshToken : DpopFlow {
  OnlineRefreshToken() { patch_api({{"allow_online_access", true}}); }
  Client spa = spa_client();

  void patch_api(json::object fields) {
    world.managed(http::Method::patch, "resource-servers/" + base::percent_encode(kApi), fields);
  }
  void patch_tenant(json::object fields) { world.managed(http::Method::patch, "tenants/settings", fields); }

  static http::Parameters asking(const std::string& scope, const std::string& audience = kApi) {
    auto out = parameters({{"scope", scope}, {"code_challenge", kChallenge}, {"code_challenge_method", "S256"}});
    if (!audience.empty()) out.add("audience", audience);
    return out;
  }
  static http::Parameters spa_code_form(const Client& client, const std::string& code) {
    return code_form(client, code, parameters({{"client_secret", ""}, {"code_verifier", kVerifier}}));
  }
  Tokens sign_in_spa(const std::string& scope = "openid profile online_access read:books", const std::string& audience = kApi) {
    return prove(spa_code_form(spa, code(spa, asking(scope, audience))), key);
  }
  Tokens sign_in_web(const std::string& scope = "openid online_access") {
    return redeem(web, code(web, parameters({{"scope", scope}})));
  }
  std::string new_token() {
    const auto tokens = sign_in_spa();
    EXPECT_EQ(tokens.status, 200) << json::write(tokens.body);
    return tokens.refresh_token();
  }
  http::Parameters form_of(const std::string& token, const http::Parameters& more = {}) const {
    auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", spa.client_id}, {"refresh_token", token}});
    for (const auto& [name, value] : more.pairs()) form.add(name, value);
    return form;
  }
  Tokens refresh(const std::string& token, const http::Parameters& more = {}) { return prove(form_of(token, more), key); }
  // Dead, and the log says why.
  void expect_dead(const std::string& token, const std::string& reason) {
    test::expect_refused(refresh(token), 403, "invalid_grant", kDead);
    EXPECT_EQ(json::find_string(details("fertft"), "failure_reason"), reason);
  }
  json::object details(const std::string& type) { return *json::find_object(world.logs("type:" + type).at(0), "details"); }
  json::object session_of(const std::string& sid) { return world.managed(http::Method::get, "sessions/" + sid).as_object(); }
  int revoke(const std::string& token) {
    return world.send(form_request("/oauth/revoke", parameters({{"client_id", spa.client_id}, {"token", token}}))).status;
  }
};

TEST_F(OnlineRefreshToken, is_issued_with_a_prefix_of_its_own_and_never_rotates) {
  patch_client(spa, {{"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}}}});
  const auto tokens = sign_in_spa();
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_TRUE(tokens.refresh_token().starts_with("ORT")) << tokens.refresh_token();
  EXPECT_EQ(tokens.text("scope"), "openid profile read:books") << "online_access is never named in an answer";
  EXPECT_EQ(claim(tokens.access_token(), "scope"), "openid profile read:books");
  const auto granted = details("seacft");
  EXPECT_EQ(json::find_string(*json::find_object(granted, "refresh_token"), "access"), "online");
  for (int i = 0; i < 3; ++i) {
    const auto answer = refresh(tokens.refresh_token());
    ASSERT_EQ(answer.status, 200) << json::write(answer.body);
    EXPECT_EQ(answer.refresh_token(), "");
    EXPECT_EQ(answer.text("scope"), "openid profile read:books");
    EXPECT_EQ(jkt_of(answer.access_token()), jkt_of(tokens.access_token()));
  }
  const auto exchanged = *json::find_object(details("sertft"), "refresh_token");
  EXPECT_EQ(json::find_string(exchanged, "access"), "online");
  EXPECT_EQ(json::find_string(exchanged, "session_id"), claim(tokens.text("id_token"), "sid"));
}

TEST_F(OnlineRefreshToken, is_no_offline_one_in_another_coat) {
  const auto online = new_token();
  const auto offline = sign_in_web("openid offline_access").refresh_token();
  EXPECT_EQ(refresh("rt_" + online.substr(4)).error(), "invalid_grant");
  EXPECT_EQ(world.refresh(web, "ORT_" + offline.substr(3)).error(), "invalid_grant");
  EXPECT_EQ(json::find_string(details("fertft"), "failure_reason"), "invalid_token");
  EXPECT_EQ(refresh(online).status, 200);
}

TEST_F(OnlineRefreshToken, both_scopes_together_are_refused_at_authorize_and_when_pushed) {
  const auto both = parameters({{"scope", "openid online_access offline_access"}, {"state", "s-1"}});
  expect_told(authorize(web, both), "invalid_request", "Cannot request both online_access and offline_access scopes");
  const auto pushed = world.send(form_request("/oauth/par", parameters({{"client_id", web.client_id},
                                                                        {"client_secret", web.client_secret},
                                                                        {"response_type", "code"},
                                                                        {"redirect_uri", kCallback},
                                                                        {"scope", "online_access offline_access"}})));
  EXPECT_EQ(pushed.status, 400) << pushed.body;
  EXPECT_EQ(json::find_string(object_of(pushed), "error_description"),
            "Cannot request both online_access and offline_access scopes");
}

TEST_F(OnlineRefreshToken, takes_an_api_that_allows_it_and_a_client_that_may_refresh) {
  EXPECT_TRUE(sign_in_spa("openid online_access", "").refresh_token().starts_with("ORT")) << "no API, nothing to ask";
  patch_api({{"allow_online_access", false}});
  EXPECT_EQ(sign_in_spa().refresh_token(), "");
  EXPECT_EQ(sign_in_spa().text("scope"), "openid profile read:books");
  patch_api({{"allow_online_access", true}});
  patch_client(spa, {{"grant_types", json::array{"authorization_code"}}});
  EXPECT_EQ(sign_in_spa().refresh_token(), "");
}

TEST_F(OnlineRefreshToken, in_a_session_that_ends_with_its_browser_takes_an_api_that_says_so) {
  patch_tenant({{"session_cookie", json::object{{"mode", "non-persistent"}}}});
  EXPECT_EQ(sign_in_spa().refresh_token(), "");
  patch_api({{"allow_online_access_with_ephemeral_sessions", true}});
  const auto token = new_token();
  EXPECT_TRUE(token.starts_with("ORT"));
  EXPECT_EQ(refresh(token).status, 200);
}

TEST_F(OnlineRefreshToken, is_ignored_where_no_browser_session_is) {
  const auto by_password = prove(password_form(native, "openid online_access read:books"), key);
  EXPECT_EQ(by_password.refresh_token(), "");
  EXPECT_EQ(by_password.text("scope"), "openid read:books");
  const auto both = prove(password_form(native, "offline_access online_access"), key);
  EXPECT_TRUE(both.refresh_token().starts_with("rt_"));
  const auto implicit =
      sign_in(web, parameters({{"response_type", "id_token token"}, {"nonce", "n"}, {"scope", "openid online_access"}}));
  EXPECT_EQ(implicit.url.find("online_access"), std::string::npos) << implicit.url;
}

TEST_F(OnlineRefreshToken, of_a_client_without_a_secret_is_bound_to_a_key) {
  const auto unproved = world.token_request(spa_code_form(spa, code(spa, asking("openid online_access"))));
  expect_refused(unproved, "invalid_dpop_proof", "send a DPoP proof");
  const auto token = new_token();
  expect_refused(world.token_request(form_of(token)), "invalid_dpop_proof", "bound to a DPoP key");
  expect_refused(prove(form_of(token), other_key), "invalid_dpop_proof", "bound to a DPoP key");
  EXPECT_EQ(refresh(token).status, 200);
  const auto of_web = sign_in_web();
  EXPECT_EQ(world.refresh(web, of_web.refresh_token()).status, 200) << "its secret stands for it";
}

TEST_F(OnlineRefreshToken, dies_with_the_logout_the_revocation_and_the_end_of_its_session) {
  const auto by_logout = new_token();
  browser.open("/v2/logout");
  expect_dead(by_logout, "session_not_found");

  const auto tokens = sign_in_spa();
  const auto sid = claim(tokens.text("id_token"), "sid");
  world.managed(http::Method::delete_, "sessions/" + sid);
  expect_dead(tokens.refresh_token(), "session_not_found");

  const auto by_time = new_token();
  world.clock.advance(72h);
  expect_dead(by_time, "session_not_found");

  const auto by_password = new_token();
  world.clock.advance(1s);
  world.managed(http::Method::patch, "users/" + ada.user_id,
                json::object{{"password", "Another-horse-8-battery"}, {"connection", kPasswordRealm}});
  expect_dead(by_password, "session_not_found");
}

TEST_F(OnlineRefreshToken, keeps_its_session_from_going_idle_but_not_from_its_end) {
  const auto tokens = sign_in_spa();
  const auto sid = claim(tokens.text("id_token"), "sid");
  const auto end = json::find_string(session_of(sid), "expires_at");
  for (int day = 0; day < 6; ++day) {
    world.clock.advance(24h);
    ASSERT_EQ(refresh(tokens.refresh_token()).status, 200) << day;
    EXPECT_EQ(json::find_string(session_of(sid), "expires_at"), end);
  }
  EXPECT_EQ(json::find_string(session_of(sid), "idle_expires_at"), end) << "idle never later than the end";
  EXPECT_FALSE(authorize(web, parameters({{"prompt", "none"}})).parameter("code").empty()) << "the browser's session lived on";
  world.clock.advance(24h);
  expect_dead(tokens.refresh_token(), "session_not_found");
}

TEST_F(OnlineRefreshToken, follows_a_session_lifetime_that_became_shorter) {
  const auto token = new_token();
  world.clock.advance(2h);
  patch_tenant({{"session_lifetime", 1}, {"idle_session_lifetime", 1}});
  expect_dead(token, "session_not_found");
  patch_tenant({{"session_lifetime", 168}, {"idle_session_lifetime", 72}});
  expect_dead(token, "session_not_found");
}

TEST_F(OnlineRefreshToken, has_no_lifetime_but_its_sessions) {
  patch_client(spa, {{"refresh_token", json::object{{"rotation_type", "non-rotating"},
                                                    {"expiration_type", "expiring"},
                                                    {"token_lifetime", 120},
                                                    {"idle_token_lifetime", 60}}}});
  const auto token = new_token();
  world.clock.advance(1h);
  EXPECT_EQ(refresh(token).status, 200);
  world.clock.advance(1h);
  EXPECT_EQ(refresh(token).status, 200);
}

TEST_F(OnlineRefreshToken, given_back_ends_the_whole_session) {
  const auto of_web = sign_in_web();
  const auto token = new_token();
  EXPECT_EQ(revoke(token), 200);
  const auto row = details("srrt");
  EXPECT_EQ(json::find_string(*json::find_object(row, "refresh_token"), "access"), "online");
  EXPECT_EQ(json::find_string(row, "session_id"), claim(of_web.text("id_token"), "sid"));
  expect_dead(token, "session_not_found");
  EXPECT_EQ(world.refresh(web, of_web.refresh_token()).error(), "invalid_grant") << "of the same session";
  EXPECT_TRUE(authorize(web).is_login_page());
  EXPECT_EQ(revoke(token), 200) << "again";
  EXPECT_EQ(count_logs("type:srrt"), 1u);
}

TEST_F(OnlineRefreshToken, that_was_ended_before_ends_no_session_when_it_is_given_back) {
  const auto token = new_token();
  world.managed(http::Method::delete_, "users/" + base::percent_encode(ada.user_id) + "/refresh-tokens");
  EXPECT_EQ(revoke(token), 200);
  EXPECT_FALSE(authorize(web, parameters({{"prompt", "none"}})).parameter("code").empty());
}

TEST_F(OnlineRefreshToken, given_back_by_another_client_ends_nothing) {
  const auto token = new_token();
  const auto answer = world.send(form_request("/oauth/revoke", parameters({{"client_id", native.client_id}, {"token", token}})));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(refresh(token).status, 200);
}

TEST_F(OnlineRefreshToken, is_invisible_to_the_management_api) {
  const auto token = new_token();
  refresh(token);
  const auto id = json::find_string(details("sertft"), "familyId").value();
  const auto user = base::percent_encode(ada.user_id);
  EXPECT_EQ(world.managed(http::Method::get, "users/" + user + "/refresh-tokens").as_object().at("tokens").as_array().size(), 0u);
  EXPECT_EQ(world.managed(http::Method::get, "refresh-tokens?user_id=" + user).as_object().at("refresh_tokens").as_array().size(),
            0u);
  const auto message = [&](const http::Response& answer) {
    EXPECT_EQ(answer.status, 400) << answer.body;
    return json::find_string(object_of(answer), "message").value_or("");
  };
  const auto path = "refresh-tokens/" + id;
  EXPECT_EQ(message(world.manage(http::Method::get, path)), "API doesn't support Online Refresh Tokens");
  EXPECT_EQ(message(world.manage(http::Method::patch, path, json::object{{"refresh_token_metadata", json::object{{"a", "b"}}}})),
            "API doesn't support Online Refresh Tokens");
  const std::string end_the_session =
      "API doesn't support Online Refresh Tokens. To revoke an Online Refresh Token, use the Sessions API: POST "
      "/api/v2/sessions/{session_id}/revoke";
  EXPECT_EQ(message(world.manage(http::Method::delete_, path)), end_the_session);
  EXPECT_EQ(message(world.manage(http::Method::post, "refresh-tokens/revoke", json::object{{"ids", json::array{id}}})),
            end_the_session);
  EXPECT_EQ(refresh(token).status, 200);
  world.managed(http::Method::delete_, "users/" + user + "/refresh-tokens");
  expect_dead(token, "grant_revoked");
}

TEST_F(OnlineRefreshToken, reaches_apis_of_a_policy_that_take_online_tokens) {
  const std::string billing = "https://billing.example/";
  world.managed(http::Method::post, "resource-servers",
                json::object{{"identifier", billing},
                             {"skip_consent_for_verifiable_first_party_clients", true},
                             {"scopes", json::array{json::object{{"value", "read:bills"}}}}});
  patch_client(
      spa,
      {{"refresh_token",
        json::object{{"rotation_type", "rotating"},
                     {"expiration_type", "expiring"},
                     {"policies", json::array{json::object{{"audience", billing}, {"scope", json::array{"read:bills"}}}}}}}});
  const auto token = new_token();
  const auto asked = parameters({{"audience", billing}});
  EXPECT_EQ(refresh(token, asked).error(), "access_denied");
  world.managed(http::Method::patch, "resource-servers/" + base::percent_encode(billing),
                json::object{{"allow_online_access", true}});
  const auto answer = refresh(token, asked);
  EXPECT_EQ(answer.text("scope"), "openid profile read:bills");
  EXPECT_EQ(answer.refresh_token(), "");
}

TEST_F(OnlineRefreshToken, creates_no_session_transfer_token) {
  patch_client(spa, {{"session_transfer", json::object{{"can_create_session_transfer_token", true}}}});
  const auto token = new_token();
  const auto answer = refresh(token, parameters({{"audience", "urn:tenant.example:session_transfer"}}));
  EXPECT_EQ(answer.error(), "access_denied");
  EXPECT_EQ(answer.access_token(), "");
  EXPECT_EQ(refresh(token).status, 200);
}

// contract §1.12: in a session that began with a transfer the web client says whether there is a refresh token at all.
TEST_F(OnlineRefreshToken, in_a_transferred_session_asks_allow_refresh_token_and_dies_with_the_native_app) {
  const auto app =
      world.native_client({{"refresh_token", json::object{{"rotation_type", "non-rotating"}, {"expiration_type", "expiring"}}}});
  const auto parent = world.password_tokens(app, ada).refresh_token();
  const auto open = [&] {
    Browser fresh(world.node());
    const auto transfer = world.exchange(app, parent).access_token();
    return redeem(web,
                  fresh
                      .open(authorize_url(web, kCallback,
                                          parameters({{"scope", "openid online_access"}, {"session_transfer_token", transfer}})))
                      .parameter("code"));
  };
  EXPECT_EQ(open().refresh_token(), "");
  EXPECT_EQ(open().text("scope"), "openid");
  patch_client(web,
               {{"session_transfer", json::object{{"allow_refresh_token", true}, {"enforce_online_refresh_tokens", false}}}});
  const auto tokens = open();
  ASSERT_TRUE(tokens.refresh_token().starts_with("ORT")) << json::write(tokens.body);
  EXPECT_EQ(world.refresh(web, tokens.refresh_token()).status, 200);
  EXPECT_EQ(world.exchange(web, tokens.refresh_token()).access_token(), "");
  world.send(form_request("/oauth/revoke", parameters({{"client_id", app.client_id}, {"token", parent}})));
  EXPECT_EQ(world.refresh(web, tokens.refresh_token()).error(), "invalid_grant") << "the cascade";
}

}  // namespace
}  // namespace segue::test
