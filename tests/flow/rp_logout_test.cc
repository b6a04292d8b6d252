// GET and POST /oidc/logout (OIDC RP-Initiated Logout 1.0, contract §5.3).
#include "openid.h"
#include "store/tenants.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

struct RpLogout : OpenId {
  std::string id_token, sid;

  void SetUp() override { id_token = sign_in_for_token(web); }
  std::string sign_in_for_token(const Client& client) {
    const auto token = redeem(client, code(client, parameters({{"scope", "openid offline_access"}}))).text("id_token");
    sid = claim(token, "sid");
    return token;
  }
  Page ask(std::initializer_list<std::pair<std::string, std::string>> pairs) {
    return browser.open("/oidc/logout?" + parameters(pairs).encode());
  }
  bool is_signed_in() { return is_signed_in(browser); }
  bool is_signed_in(Browser& at) {
    return at.open(authorize_url(web, kCallback, parameters({{"prompt", "none"}}))).parameter("code") != "";
  }
  static bool asks(const Page& page) { return page.status == 200 && page.form_action() == "/oidc/logout/confirm"; }
  http::Parameters form_of(const Page& page) {
    http::Parameters out;
    for (const auto* name : {"client_id", "post_logout_redirect_uri", "state", "csrf"}) {
      if (const auto value = page.field(name); !value.empty()) out.add(name, value);
    }
    return out;
  }
  void set_tenant(const std::string& name, json::object value) {
    world.node().product().tenants().change(world.tenant(), [&](const store::Writer& w) {
      auto tenant = *store::tenants::find(w);
      tenant.settings[name] = std::move(value);
      store::tenants::update_settings(w, tenant.settings);
      return true;
    });
  }
};

TEST_F(RpLogout, ends_the_session_of_the_id_token_and_goes_back_with_the_state) {
  const auto end = ask({{"id_token_hint", id_token}, {"post_logout_redirect_uri", kApp}, {"state", "s 1"}});
  EXPECT_TRUE(end.left);
  EXPECT_TRUE(end.url.starts_with(kApp)) << end.url;
  EXPECT_EQ(end.parameter("state"), "s 1");
  EXPECT_EQ(browser.cookies().count("auth0"), 0u);
  EXPECT_FALSE(is_signed_in());
  const auto row = world.logs("type:slo").at(0);
  EXPECT_EQ(json::find_string(row, "user_id"), ada.user_id);
  EXPECT_EQ(json::find_string(row, "client_id"), web.client_id);
  const auto details = *json::find_object(row, "details");
  EXPECT_EQ(json::find_string(details, "session_id"), sid);
  EXPECT_EQ(json::find_string(details, "return_to"), kApp);
  EXPECT_EQ(json::find_strings(details, "allowed_logout_url"), std::vector<std::string>{kApp});
}

TEST_F(RpLogout, takes_an_expired_id_token_and_a_form_post) {
  world.clock.advance(11h);
  const auto form = parameters({{"id_token_hint", id_token}, {"federated", "true"}, {"ui_locales", "fr"}});
  auto request = form_request("/oidc/logout", form);
  request.headers.set("cookie", "auth0=" + browser.cookies().at("auth0"));
  const auto response = world.send(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("You are signed out"), std::string::npos);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(RpLogout, takes_the_sid_alone_as_a_hint) {
  const auto end = ask({{"client_id", web.client_id}, {"logout_hint", sid}, {"post_logout_redirect_uri", kApp}});
  EXPECT_EQ(end.url, kApp);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(RpLogout, takes_the_id_token_of_a_refresh_which_names_no_session) {
  const auto tokens = redeem(web, code(parameters({{"scope", "openid offline_access"}})));
  const auto refreshed = world.refresh(web, tokens.refresh_token()).text("id_token");
  ASSERT_FALSE(refreshed.empty());
  ask({{"id_token_hint", refreshed}, {"logout_hint", sid}});
  EXPECT_FALSE(is_signed_in());
}

TEST_F(RpLogout, takes_id_tokens_that_the_client_secret_or_another_key_signed) {
  for (const std::string alg : {"HS256", "ES256"}) {
    patch_client(web, {{"jwt_configuration", json::object{{"alg", alg}}}});
    const auto token = sign_in_for_token(web);
    EXPECT_FALSE(asks(ask({{"id_token_hint", token}}))) << alg;
    EXPECT_FALSE(is_signed_in()) << alg;
  }
  // The other way round: the secret is no key for a client whose tokens the tenant signs.
  patch_client(web, {{"jwt_configuration", json::object{{"alg", "HS256"}}}});
  const auto symmetric = sign_in_for_token(web);
  patch_client(web, {{"jwt_configuration", json::object{{"alg", "RS256"}}}});
  expect_page(ask({{"id_token_hint", symmetric}}), 400, "not an ID token that was issued here");
}

TEST_F(RpLogout, asks_the_person_when_nobody_shows_that_they_know_the_session) {
  const auto page = ask({{"client_id", web.client_id}, {"post_logout_redirect_uri", kApp}, {"state", "s-1"}});
  ASSERT_TRUE(asks(page)) << page.response.body;
  // The session may have service providers of other protocols by the time it ends, wherever they are.
  EXPECT_NE(header_of(page.response, "content-security-policy").find("form-action 'self' https://app.example https: http:"),
            std::string::npos);
  EXPECT_TRUE(is_signed_in());
  const auto end = browser.submit(page, form_of(page));
  EXPECT_EQ(end.url, std::string(kApp) + "?state=s-1");
  EXPECT_FALSE(is_signed_in());
  EXPECT_EQ(count_logs("type:slo"), 1u);
}

TEST_F(RpLogout, asks_the_person_when_the_hint_is_of_another_session) {
  const auto old = id_token;
  const auto old_sid = sid;
  browser.forget("auth0");
  browser.forget("auth0_compat");
  sign_in_for_token(web);
  ASSERT_NE(sid, old_sid);
  EXPECT_TRUE(asks(ask({{"id_token_hint", old}})));
  EXPECT_TRUE(asks(ask({{"client_id", web.client_id}, {"logout_hint", old_sid}})));
  EXPECT_TRUE(asks(ask({})));
  EXPECT_TRUE(is_signed_in());
}

TEST_F(RpLogout, takes_the_yes_only_from_its_own_page_in_the_same_session) {
  const auto page = ask({{"client_id", web.client_id}, {"post_logout_redirect_uri", kApp}});
  auto forged = form_of(page);
  forged.remove("csrf");
  expect_page(browser.submit(page, forged), 400, "does not belong to the session");
  auto elsewhere = form_of(page);
  elsewhere.add("state", "other");
  expect_page(browser.submit(page, elsewhere), 400, "does not belong to the session");
  browser.extra.set("sec-fetch-site", "cross-site");
  expect_page(browser.submit(page, form_of(page)), 400, "does not belong to the session");
  browser.extra = {};
  EXPECT_TRUE(is_signed_in());

  Browser thief(world.node());
  const auto user = world.create_user("eve@example.com");
  thief.submit_login(thief.open(authorize_url(web, kCallback)), user);
  expect_page(thief.submit(page, form_of(page)), 400, "does not belong to the session");
  EXPECT_EQ(count_logs("type:slo"), 0u);
}

// Two sessions in one browser: another site below the same parent domain can plant a cookie beside ours.
struct RpLogoutOfTwo : RpLogout {
  Browser other{world.node()}, both{world.node()};
  std::string other_token;

  void SetUp() override {
    RpLogout::SetUp();
    const auto signed_in = other.submit_login(other.open(authorize_url(web, kCallback)), ada);
    other_token = redeem(web, signed_in.parameter("code")).text("id_token");
    both.plant("auth0", browser.cookies().at("auth0"));
    both.plant("auth0_compat", other.cookies().at("auth0"));
  }
  int signed_in() { return (is_signed_in(browser) ? 1 : 0) + (is_signed_in(other) ? 1 : 0); }
};

TEST_F(RpLogoutOfTwo, ends_both_once_the_person_says_yes) {
  const auto page = both.open("/oidc/logout?" + parameters({{"client_id", web.client_id}}).encode());
  ASSERT_TRUE(asks(page));
  EXPECT_EQ(signed_in(), 2);
  EXPECT_EQ(both.submit(page, form_of(page)).status, 200);
  EXPECT_EQ(signed_in(), 0);
  EXPECT_EQ(count_logs("type:slo"), 2u);
}

TEST_F(RpLogoutOfTwo, asks_who_knows_one_of_them_only) {
  const auto page = both.open("/oidc/logout?" + parameters({{"id_token_hint", id_token}}).encode());
  ASSERT_TRUE(asks(page));
  EXPECT_EQ(signed_in(), 2);
  expect_page(browser.submit(page, form_of(page)), 400, "This page does not belong to the session");
}

TEST_F(RpLogoutOfTwo, takes_the_known_one_without_a_question_when_the_other_is_over) {
  other.open("/oidc/logout?" + parameters({{"id_token_hint", other_token}}).encode());
  EXPECT_EQ(signed_in(), 1);
  const auto page = both.open("/oidc/logout?" + parameters({{"id_token_hint", id_token}}).encode());
  EXPECT_FALSE(asks(page));
  EXPECT_EQ(signed_in(), 0);
}

TEST_F(RpLogoutOfTwo, ends_both_at_once_where_the_tenant_asks_nobody) {
  set_tenant("sessions", {{"oidc_logout_prompt_enabled", false}});
  EXPECT_EQ(both.open("/oidc/logout").status, 200);
  EXPECT_EQ(signed_in(), 0);
}

TEST_F(RpLogout, does_not_ask_where_the_tenant_says_so) {
  set_tenant("sessions", {{"oidc_logout_prompt_enabled", false}});
  EXPECT_EQ(ask({{"client_id", web.client_id}, {"post_logout_redirect_uri", kApp}}).url, kApp);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(RpLogout, goes_on_where_nobody_is_signed_in) {
  Browser empty(world.node());
  const auto query = parameters({{"client_id", web.client_id}, {"post_logout_redirect_uri", kApp}, {"state", "x"}});
  EXPECT_EQ(empty.open("/oidc/logout?" + query.encode()).url, std::string(kApp) + "?state=x");
  EXPECT_EQ(empty.open("/oidc/logout").status, 200);
  EXPECT_EQ(count_logs("type:slo"), 0u);
}

TEST_F(RpLogout, shows_a_page_for_what_does_not_fit_and_keeps_the_session) {
  const auto other = world.web_client("https://other.example");
  auto tampered = id_token;
  tampered[tampered.size() / 2] = tampered[tampered.size() / 2] == 'A' ? 'B' : 'A';
  const auto unsigned_token = base::base64url(R"({"alg":"none","typ":"JWT"})") + "." + base::split(id_token, '.')[1] + ".";
  expect_page(ask({{"id_token_hint", id_token}, {"client_id", other.client_id}}), 400, "issued to another application");
  expect_page(ask({{"id_token_hint", id_token}, {"logout_hint", "another"}}), 400, "another session");
  expect_page(ask({{"id_token_hint", tampered}}), 400, "not an ID token");
  expect_page(ask({{"id_token_hint", unsigned_token}}), 400, "not an ID token");
  expect_page(ask({{"id_token_hint", "x"}}), 400, "not an ID token");
  expect_page(ask({{"client_id", "nobody"}}), 400, "no application");
  expect_page(ask({{"client_id", web.client_id}, {"client_id", web.client_id}}), 400, "more than once");
  const std::string not_allowed = "The post_logout_redirect_uri address is not among the allowed logout URLs";
  expect_page(ask({{"id_token_hint", id_token}, {"post_logout_redirect_uri", "https://evil.example"}}), 400,
              not_allowed + " of this application.");
  // Without an application the tenant's own list counts, and it is empty.
  expect_page(ask({{"post_logout_redirect_uri", kApp}}), 400, not_allowed + ".");
  expect_page(ask({{"logout_hint", sid}, {"post_logout_redirect_uri", kApp}}), 400, not_allowed + ".");
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(count_logs("type:flo"), 9u);
}

TEST_F(RpLogout, refuses_the_id_token_of_another_tenant) {
  world.add_tenant("other.example");
  Browser there(world.node(), "other.example");
  expect_page(there.open("/oidc/logout?id_token_hint=" + id_token), 400, "not an ID token");
}

TEST_F(RpLogout, does_nothing_for_a_request_that_only_looks) {
  auto request = request_for(http::Method::head, "/oidc/logout?id_token_hint=" + id_token);
  request.headers.set("cookie", "auth0=" + browser.cookies().at("auth0"));
  EXPECT_EQ(world.send(request).status, 204);
  EXPECT_TRUE(is_signed_in());
}

TEST_F(RpLogout, stands_in_discovery_unless_the_tenant_hides_it) {
  const auto endpoint = [&] {
    return json::find_string(object_of(world.send(request_for(http::Method::get, "/.well-known/openid-configuration"))),
                             "end_session_endpoint");
  };
  EXPECT_EQ(endpoint(), std::string(kIssuer) + "oidc/logout");
  set_tenant("oidc_logout", {{"rp_logout_end_session_endpoint_discovery", false}});
  EXPECT_EQ(endpoint(), std::nullopt);
}

}  // namespace
}  // namespace segue::test
