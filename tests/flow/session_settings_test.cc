// The tenant's session settings: lifetimes, cookie mode, single sign-on, and what else the settings decide (contract §2.4–2.6,
// §6.4).
#include <gtest/gtest.h>

#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

using http::Method;

constexpr auto kInstant = base::Duration(1);  // the smallest step of time

struct SessionSettings : ::testing::Test {
  Handoff handoff;
  World& world = handoff.world;

  json::object set(const json::object& settings) {
    return world.managed(Method::patch, "tenants/settings", settings).get_object();
  }
  json::object settings() { return world.managed(Method::get, "tenants/settings").get_object(); }
  std::string refusal(const json::object& settings) {
    const auto answer = world.manage(Method::patch, "tenants/settings", settings);
    return std::to_string(answer.status) + " " + json::find_string(object_of(answer), "message").value_or("");
  }
  Browser signed_in() { return handoff.browser_of(handoff.ada); }
  bool is_signed_in(Browser& browser) { return !handoff.sid_in(browser).empty(); }
  // Whether the browser is signed in up to `end` from now, and not at it. Only the second look may touch the session.
  void expect_ends_after(Browser& browser, base::Duration end) {
    auto spied = browser;
    const auto start = world.clock.now();
    world.clock.set(start + end);
    EXPECT_FALSE(is_signed_in(spied));
    world.clock.set(start + end - kInstant);
    EXPECT_TRUE(is_signed_in(browser));
  }
  json::object shown(const Browser& browser) {
    return world.managed(Method::get, "sessions/" + handoff.stored_session(browser).sid).get_object();
  }
};

// --- The resource ---

TEST_F(SessionSettings, are_shown_changed_and_counted_as_a_change_of_configuration) {
  const auto before = settings();
  EXPECT_EQ(before.at("session_lifetime"), json::value(168));
  EXPECT_EQ(before.at("default_directory"), json::value(kPasswordRealm));
  const auto version = world.node().product().tenants().snapshot(world.tenant())->version();
  const auto after = set({{"friendly_name", "Ada & Co"}, {"idle_session_lifetime_in_minutes", 90}, {"support_email", ""}});
  EXPECT_EQ(after.at("friendly_name"), json::value("Ada & Co"));
  EXPECT_EQ(after.at("idle_session_lifetime"), json::value(1.5));
  EXPECT_FALSE(after.contains("idle_session_lifetime_in_minutes"));
  EXPECT_EQ(settings(), after);
  EXPECT_GT(world.node().product().tenants().snapshot(world.tenant())->version(), version);
  EXPECT_EQ(world.managed(Method::get, "tenants/settings?fields=friendly_name"),
            json::value(json::object{{"friendly_name", "Ada & Co"}}));
  auto browser = handoff.browser();
  EXPECT_NE(handoff.open(browser).response.body.find("Ada &amp; Co"), std::string::npos);
}

TEST_F(SessionSettings, a_refused_change_changes_nothing_and_says_why) {
  const auto before = settings();
  EXPECT_EQ(refusal({{"nonsense", 1}}), "400 Payload validation error: 'Additional properties not allowed: nonsense'.");
  EXPECT_EQ(refusal({{"friendly_name", "B"}, {"flags", json::object{{"enable_legacy_profile", true}}}}),
            "400 Payload validation error: 'true is refused: tokens hold the claims of OpenID Connect' on property "
            "flags.enable_legacy_profile (Flag of the tenant).");
  EXPECT_EQ(refusal({{"session_lifetime", 1}, {"session_lifetime_in_minutes", 60}}),
            "400 Cannot set both session_lifetime and session_lifetime_in_minutes");
  for (const json::object& bad : {json::object{{"session_lifetime", "1"}},
                                  {{"session_lifetime", -1}},
                                  {{"session_lifetime", nullptr}},
                                  {{"session_lifetime_in_minutes", 0.5}},
                                  {{"session_cookie", json::object{{"mode", "none"}}}},
                                  {{"session_cookie", json::object{}}},
                                  {{"allowed_logout_urls", json::array{"javascript:alert(1)"}}},
                                  {{"default_redirection_uri", "http://a.example/"}},
                                  {{"support_email", "nobody"}}}) {
    EXPECT_EQ(refusal(bad).substr(0, 28), "400 Payload validation error") << json::write(bad);
  }
  EXPECT_EQ(settings(), before);
}

TEST_F(SessionSettings, of_another_tenant_stay_as_they_are) {
  world.add_tenant("other.example");
  set({{"session_lifetime", 1}});
  const auto other = world.node().product().tenants().resolve("other.example")->tenant;
  EXPECT_FALSE(world.node().product().tenants().snapshot(other)->tenant().settings.contains("session_lifetime"));
}

// --- Lifetimes, at their exact edges ---

TEST_F(SessionSettings, a_session_that_is_idle_ends_after_72_hours) {
  auto browser = signed_in();
  expect_ends_after(browser, 72h);
  // The look an instant before the end has begun the idle time anew.
  expect_ends_after(browser, 72h);
}

TEST_F(SessionSettings, a_session_that_is_used_ends_168_hours_after_it_began) {
  auto browser = signed_in();
  for (int i = 0; i < 2; ++i) {
    world.clock.advance(71h);
    EXPECT_TRUE(is_signed_in(browser));
  }
  EXPECT_EQ(shown(browser).at("idle_expires_at"), shown(browser).at("expires_at"));
  expect_ends_after(browser, 26h);
}

TEST_F(SessionSettings, a_longer_lifetime_does_not_help_a_session_that_has_begun) {
  set({{"session_lifetime", 10}});
  auto browser = signed_in();
  set({{"session_lifetime", 100}});
  expect_ends_after(browser, 10h);
}

TEST_F(SessionSettings, a_shorter_lifetime_counts_when_the_session_is_next_used) {
  auto browser = signed_in();
  world.clock.advance(1h);
  set({{"session_lifetime_in_minutes", 125}});
  expect_ends_after(browser, 65min);
  EXPECT_EQ(shown(browser).at("expires_at"), json::value(base::to_iso8601(handoff.stored_session(browser).created_at + 125min)));
}

TEST_F(SessionSettings, a_shorter_idle_lifetime_counts_from_the_last_use) {
  auto browser = signed_in();
  world.clock.advance(1h);
  EXPECT_TRUE(is_signed_in(browser));
  set({{"idle_session_lifetime", 2}});
  expect_ends_after(browser, 2h);
}

TEST_F(SessionSettings, a_session_that_a_shorter_lifetime_ended_stays_ended) {
  auto browser = signed_in();
  world.clock.advance(3h);
  set({{"session_lifetime", 2}});
  EXPECT_FALSE(is_signed_in(browser));
  set({{"session_lifetime", 168}});
  EXPECT_FALSE(is_signed_in(browser));
  EXPECT_EQ(world.manage(Method::get, "sessions/" + handoff.stored_session(browser).sid).status, 404);
}

TEST_F(SessionSettings, logout_ends_a_session_for_good_even_where_a_shorter_lifetime_hides_it) {
  auto browser = signed_in();
  const auto cookie = browser.cookies().at("auth0");
  world.clock.advance(3h);
  set({{"session_lifetime", 2}});
  browser.open("/v2/logout");
  set({{"session_lifetime", 168}});
  browser.plant("auth0", cookie);
  EXPECT_FALSE(is_signed_in(browser));
}

TEST_F(SessionSettings, no_setting_makes_a_transferred_session_outlive_its_parent) {
  Handoff bounded({.native = {{"refresh_token", json::object{{"rotation_type", "non-rotating"},
                                                             {"expiration_type", "expiring"},
                                                             {"token_lifetime", 7200},
                                                             {"infinite_token_lifetime", false}}}}});
  auto browser = bounded.browser();
  bounded.redeem(browser, bounded.transfer());
  const auto session = bounded.stored_session(browser);
  EXPECT_EQ(session.expires_at, session.created_at + 2h);
  EXPECT_EQ(session.idle_expires_at, session.expires_at);
}

// --- Sessions that end with the browser ---

TEST_F(SessionSettings, an_ephemeral_session_has_its_own_lifetimes_and_no_expiry_in_its_cookies) {
  set({{"session_cookie", json::object{{"mode", "non-persistent"}}}});
  auto browser = handoff.browser();
  const auto page = browser.submit_login(handoff.open(browser), handoff.ada);
  int cookies = 0;
  for (const auto& [name, value] : page.response.headers.fields()) {
    if (name != "set-cookie" || !value.starts_with("auth0")) continue;
    ++cookies;
    EXPECT_EQ(value.find("Expires"), std::string::npos) << value;
  }
  EXPECT_EQ(cookies, 2);
  EXPECT_EQ(shown(browser).at("cookie").at("mode"), json::value("non-persistent"));
  expect_ends_after(browser, 24h);
  world.clock.advance(23h);
  EXPECT_TRUE(is_signed_in(browser));
  world.clock.advance(23h);
  EXPECT_TRUE(is_signed_in(browser));
  expect_ends_after(browser, 72h - 70h + kInstant);
}

TEST_F(SessionSettings, ephemeral_lifetimes_are_set_apart_from_the_others) {
  set({{"session_cookie", json::object{{"mode", "non-persistent"}}},
       {"ephemeral_session_lifetime", 3},
       {"idle_ephemeral_session_lifetime_in_minutes", 61},
       {"session_lifetime", 1},
       {"idle_session_lifetime", 1}});
  auto browser = signed_in();
  expect_ends_after(browser, 61min);
  world.clock.advance(60min);
  EXPECT_TRUE(is_signed_in(browser));
  expect_ends_after(browser, 180min - 121min + kInstant);
}

TEST_F(SessionSettings, a_session_keeps_the_mode_that_it_began_with) {
  auto persistent = signed_in();
  set({{"session_cookie", json::object{{"mode", "non-persistent"}}}, {"idle_ephemeral_session_lifetime", 1}});
  auto ephemeral = signed_in();
  set({{"session_cookie", nullptr}});
  EXPECT_EQ(shown(persistent).at("cookie").at("mode"), json::value("persistent"));
  EXPECT_EQ(shown(ephemeral).at("cookie").at("mode"), json::value("non-persistent"));
  world.clock.advance(1h);
  EXPECT_TRUE(is_signed_in(persistent));
  EXPECT_FALSE(is_signed_in(ephemeral));
}

TEST_F(SessionSettings, a_transfer_opens_a_session_of_the_tenants_mode) {
  set({{"session_cookie", json::object{{"mode", "non-persistent"}}}});
  auto browser = handoff.browser();
  handoff.redeem(browser, handoff.transfer());
  EXPECT_FALSE(handoff.stored_session(browser).persistent);
  expect_ends_after(browser, 24h);
}

// --- Single sign-on, and where a stale page leads ---

TEST_F(SessionSettings, without_enable_sso_every_authorization_begins_at_the_login_page) {
  auto browser = signed_in();
  set({{"flags", json::object{{"enable_sso", false}}}});
  EXPECT_TRUE(handoff.open(browser).is_login_page());
  EXPECT_TRUE(tells(handoff.open(browser, parameters({{"prompt", "none"}})), "login_required"));
  auto other = handoff.browser();
  EXPECT_NE(handoff.redeem(other, handoff.transfer()).parameter("code"), "");
  set({{"flags", json::object{{"enable_sso", true}}}});
  EXPECT_TRUE(is_signed_in(browser));
}

TEST_F(SessionSettings, a_stale_login_page_leads_to_the_tenants_address_where_the_client_has_none) {
  world.managed(Method::patch, "clients/" + handoff.web.client_id, json::object{{"initiate_login_uri", ""}});
  set({{"default_redirection_uri", "https://start.example/here?a=b"}});
  auto browser = handoff.browser();
  const auto page = handoff.open(browser);
  world.clock.advance(2h);
  const auto stale = browser.open(page.url);
  EXPECT_TRUE(stale.left);
  EXPECT_TRUE(stale.url.starts_with("https://start.example/here?a=b&iss=https%3A%2F%2Ftenant.example%2F")) << stale.url;
}

// --- Cookies (contract §2.4) ---

std::string without_value(const std::string& cookie) {
  const auto equals = cookie.find('='), end = cookie.find(';');
  return cookie.substr(0, equals) + cookie.substr(end);
}

struct Cookies : SessionSettings {
  std::vector<std::string> seen;  // every Set-Cookie, without its value
  Browser watched{[this](http::Request request) {
                    auto response = world.send(std::move(request));
                    for (const auto& [name, value] : response.headers.fields()) {
                      if (name == "set-cookie") seen.push_back(without_value(value));
                    }
                    return response;
                  },
                  kDomain};
  bool has_seen(const std::string& cookie) const { return std::find(seen.begin(), seen.end(), cookie) != seen.end(); }
};

TEST_F(Cookies, of_a_session_are_named_and_guarded_as_the_contract_says) {
  const auto page = watched.submit_login(handoff.open(watched), handoff.ada);
  ASSERT_TRUE(page.left);
  const auto expires = "; Path=/; Expires=" + base::to_http_date(world.clock.now() + 168h) + "; Secure; HttpOnly";
  EXPECT_TRUE(has_seen("auth0" + expires + "; SameSite=None"));
  EXPECT_TRUE(has_seen("auth0_compat" + expires));
}

TEST_F(Cookies, of_ours_are_host_bound_secure_and_hidden_from_scripts) {
  // Everything that sets a cookie: login, single sign-on, transfer, logout, the device pages.
  watched.submit_login(handoff.open(watched), handoff.ada);
  handoff.open(watched);
  handoff.redeem(watched, handoff.transfer());
  watched.open("/v2/logout");
  watched.open("/oidc/logout");
  watched.open("/activate");
  EXPECT_GE(seen.size(), 6u);
  for (const auto& cookie : seen) {
    const auto name = cookie.substr(0, cookie.find(';'));
    EXPECT_TRUE(name == "auth0" || name == "auth0_compat" || name.starts_with("__Host-")) << cookie;
    for (const auto* attribute : {"; Path=/;", "; Secure", "; HttpOnly"})
      EXPECT_NE(cookie.find(attribute), std::string::npos) << cookie;
    EXPECT_EQ(cookie.find("Domain"), std::string::npos) << cookie;
    EXPECT_EQ(cookie.find("SameSite") == std::string::npos, name == "auth0_compat") << cookie;
  }
}

TEST_F(Cookies, a_joined_session_keeps_its_sid_under_a_new_secret) {
  auto browser = signed_in();
  const auto sid = handoff.sid_in(browser);
  auto thief = browser;
  handoff.redeem(browser, handoff.transfer());
  EXPECT_NE(browser.cookies().at("auth0"), thief.cookies().at("auth0"));
  EXPECT_EQ(handoff.sid_in(browser), sid);
  EXPECT_FALSE(is_signed_in(thief));
}

}  // namespace
}  // namespace segue::test
