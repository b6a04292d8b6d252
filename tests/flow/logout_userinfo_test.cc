// /userinfo, /v2/logout and discovery (contract §5.1–5.3).
#include "openid.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

struct UserInfo : OpenId {
  http::Response ask(const std::string& token, http::Method method = http::Method::get) {
    auto request = request_for(method, "/userinfo");
    if (!token.empty()) request.headers.set("authorization", "Bearer " + token);
    return world.send(request);
  }
  std::string access_token(const std::string& scope, const std::string& audience = {}) {
    return redeem(web, code(parameters({{"scope", scope}, {"audience", audience}}))).access_token();
  }
  void expect_refused_token(const std::string& token) {
    const auto response = ask(token);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(header_of(response, "www-authenticate"), "Bearer error=\"invalid_token\"");
    EXPECT_EQ(response.body, "Unauthorized");
  }
};

TEST_F(UserInfo, tells_what_the_scopes_of_the_token_allow) {
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"given_name", "Ada"}, {"nickname", "countess"}});
  const auto bare = object_of(ask(access_token("openid")));
  EXPECT_EQ(bare, (json::object{{"sub", ada.user_id}}));
  const auto email = object_of(ask(access_token("openid email")));
  EXPECT_EQ(json::find_string(email, "email"), ada.email);
  EXPECT_EQ(json::find_bool(email, "email_verified"), true);
  EXPECT_EQ(json::find(email, "nickname"), nullptr);
  const auto profile = object_of(ask(access_token("openid profile"), http::Method::post));
  EXPECT_EQ(json::find_string(profile, "given_name"), "Ada");
  EXPECT_EQ(json::find_string(profile, "nickname"), "countess");
  EXPECT_TRUE(json::find_string(profile, "updated_at").has_value());
  EXPECT_EQ(json::find(profile, "email"), nullptr);
}

TEST_F(UserInfo, takes_a_jwt_for_an_api_that_was_asked_for_with_openid) {
  create_api();
  EXPECT_EQ(ask(access_token("openid email read:books", kApi)).status, 200);
  expect_refused_token(access_token("read:books", kApi));
}

TEST_F(UserInfo, asks_for_a_token_and_refuses_every_other_one) {
  const auto without = ask("");
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(header_of(without, "www-authenticate"), "Bearer");
  const auto tokens = redeem(web, code());
  auto tampered = tokens.access_token();
  tampered[tampered.size() / 2] = tampered[tampered.size() / 2] == 'A' ? 'B' : 'A';
  const auto unsigned_token = base::base64url(R"({"alg":"none","typ":"JWT"})") + "." +
                              base::base64url(json::write(json::object{{"iss", kIssuer},
                                                                       {"sub", ada.user_id},
                                                                       {"aud", std::string(kIssuer) + "userinfo"},
                                                                       {"scope", "openid"},
                                                                       {"exp", base::to_seconds(world.clock.now()) + 60}})) +
                              ".";
  for (const auto& token : {std::string("x"), std::string("a.b.c"), tokens.text("id_token"), tampered, unsigned_token,
                            world.management_token(), browser.cookies().at("auth0")}) {
    expect_refused_token(token);
  }
}

TEST_F(UserInfo, refuses_a_token_that_expired_or_whose_user_is_gone) {
  const auto token = access_token("openid");
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", true}});
  expect_refused_token(token);
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", false}});
  EXPECT_EQ(ask(token).status, 200);
  world.clock.advance(24h);
  expect_refused_token(token);
}

TEST_F(UserInfo, refuses_the_token_of_another_tenant) {
  const auto token = access_token("openid");
  world.add_tenant("other.example");
  auto request = request_for(http::Method::get, "/userinfo", "other.example");
  request.headers.set("authorization", "Bearer " + token);
  EXPECT_EQ(world.send(request).status, 401);
}

struct Logout : OpenId {};

TEST_F(Logout, ends_the_session_and_goes_to_the_address_asked_for) {
  sign_in();
  const auto cookie = browser.cookies().at("auth0");
  const auto end = browser.open("/v2/logout?client_id=" + web.client_id + "&returnTo=https%3A%2F%2Fapp.example");
  EXPECT_EQ(end.url, kApp);
  EXPECT_EQ(browser.cookies().count("auth0") + browser.cookies().count("auth0_compat"), 0u);
  // Dead on the server, not only forgotten by the browser.
  Browser thief(world.node());
  thief.plant("auth0", cookie);
  EXPECT_TRUE(thief.open(authorize_url(web, kCallback)).is_login_page());
  const auto row = world.logs("type:slo").at(0);
  EXPECT_EQ(json::find_string(row, "user_id"), ada.user_id);
  const auto details = *json::find_object(row, "details");
  EXPECT_EQ(json::find_string(details, "return_to"), kApp);
  EXPECT_FALSE(json::find_string(details, "session_id").value_or("").empty());
}

TEST_F(Logout, ends_the_session_for_every_application) {
  const auto other = world.web_client("https://other.example");
  sign_in();
  browser.open(authorize_url(other, "https://other.example/callback"));
  browser.open("/v2/logout?client_id=" + other.client_id);
  EXPECT_TRUE(authorize().is_login_page());
}

TEST_F(Logout, goes_to_the_first_registered_address_or_answers_ok) {
  EXPECT_EQ(browser.open("/v2/logout?client_id=" + web.client_id).url, kApp);
  const auto plain = browser.open("/v2/logout?federated");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.response.body, "OK");
  EXPECT_EQ(browser.open("/v2/logout?client_id=nobody").status, 200);
}

TEST_F(Logout, refuses_an_address_that_is_not_registered_and_keeps_the_session) {
  sign_in();
  for (const std::string address :
       {"https://app.example/", "https://evil.example", "http://app.example", "//app.example", "javascript:alert(1)"}) {
    const auto text = "The returnTo address is not among the allowed logout URLs of this application.";
    expect_page(browser.open("/v2/logout?client_id=" + web.client_id + "&returnTo=" + base::percent_encode(address)), 400, text);
  }
  // Without a client the tenant's own list counts, and it is empty.
  expect_page(browser.open("/v2/logout?returnTo=https%3A%2F%2Fapp.example"), 400,
              "The returnTo address is not among the allowed logout URLs.");
  EXPECT_TRUE(authorize().left);
  EXPECT_EQ(count_logs("type:flo"), 6u);
}

TEST_F(Logout, does_nothing_for_a_request_that_only_looks) {
  sign_in();
  auto request = request_for(http::Method::head, "/v2/logout");
  request.headers.set("cookie", "auth0=" + browser.cookies().at("auth0"));
  EXPECT_EQ(world.send(request).status, 204);
  EXPECT_TRUE(authorize().left);
}

struct Discovery : OpenId {
  json::object document(const std::string& path = "/.well-known/openid-configuration", const std::string& domain = kDomain) {
    return object_of(world.send(request_for(http::Method::get, path, domain)));
  }
};

TEST_F(Discovery, names_only_endpoints_that_exist) {
  const auto found = document();
  int endpoints = 0;
  for (const auto& member : found) {
    const std::string name(member.key());
    if (!name.ends_with("_endpoint") && name != "jwks_uri") continue;
    ++endpoints;
    const auto url = json::find_string(found, name).value();
    ASSERT_TRUE(url.starts_with(kIssuer)) << url;
    const auto path = url.substr(std::string(kIssuer).size() - 1);
    const auto got = world.send(request_for(http::Method::get, path)).status;
    EXPECT_NE(got, 404) << url;
    if (got == 405) {
      EXPECT_NE(world.send(request_for(http::Method::post, path)).status, 405) << url;
    }
  }
  EXPECT_EQ(endpoints, 8);
  EXPECT_EQ(found, document("/.well-known/oauth-authorization-server"));
}

TEST_F(Discovery, promises_only_grants_types_and_modes_that_work) {
  const auto found = document();
  for (const auto& grant : json::find_strings(found, "grant_types_supported")) {
    if (grant == "implicit") continue;  // a matter of /authorize
    const auto answer = world.token_request(
        parameters({{"grant_type", grant}, {"client_id", web.client_id}, {"client_secret", web.client_secret}}));
    EXPECT_NE(answer.error(), "unsupported_grant_type") << grant;
  }
  for (const auto& type : json::find_strings(found, "response_types_supported")) {
    const auto page = authorize(parameters({{"response_type", type}, {"response_mode", "form_post"}, {"nonce", "n"}}));
    EXPECT_TRUE(page.is_login_page()) << type;
  }
  for (const auto& mode : json::find_strings(found, "response_modes_supported")) {
    EXPECT_TRUE(authorize(parameters({{"response_mode", mode}})).is_login_page()) << mode;
  }
  EXPECT_EQ(json::find_strings(found, "code_challenge_methods_supported"), std::vector<std::string>{"S256"});
}

TEST_F(Discovery, publishes_the_keys_that_sign) {
  const auto keys = document("/.well-known/jwks.json");
  const auto token = redeem(web, code()).text("id_token");
  const auto header = json::parse(*base::from_base64url(base::split(token, '.')[0])).value().as_object();
  bool known = false;
  for (const auto& key : keys.at("keys").as_array()) {
    const auto& each = key.as_object();
    EXPECT_EQ(json::find(each, "d"), nullptr);
    EXPECT_EQ(json::find(each, "p"), nullptr);
    known = known || json::find_string(each, "kid") == json::find_string(header, "kid");
  }
  EXPECT_TRUE(known);
}

TEST_F(Discovery, speaks_of_the_host_that_was_asked) {
  world.add_tenant("other.example:8443");
  EXPECT_EQ(json::find_string(document("/.well-known/openid-configuration", "other.example:8443"), "token_endpoint"),
            "https://other.example:8443/oauth/token");
}

}  // namespace
}  // namespace segue::test
