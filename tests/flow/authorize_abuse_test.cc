// What an attacker tries at /authorize (issue "Bad input"): parameters and modes that contradict, cookies that are planted, many
// or doubled, a session fixed before the sign-in, and hosts that are not ours.
#include <functional>

#include "openid.h"

namespace segue::test {
namespace {

constexpr const char* kSession = "auth0";
constexpr const char* kCompat = "auth0_compat";

struct AuthorizeAbuse : OpenId {
  // The subject of the code that a page ends with; "" when it ends otherwise.
  std::string signed_in_as(const Page& page) {
    const auto code = page.parameter("code");
    return code.empty() ? std::string() : claim(redeem(web, code).text("id_token"), "sub");
  }
  // Whom a browser with this session cookie is, without a page.
  std::string owner_of(const std::string& cookie) {
    Browser attacker(world.node());
    attacker.plant(kSession, cookie);
    return signed_in_as(attacker.open(authorize_url(web, kCallback, parameters({{"prompt", "none"}}))));
  }
  std::string session_of(const User& user) {
    Browser other(world.node());
    EXPECT_TRUE(other.submit_login(other.open(authorize_url(web, kCallback)), user).left);
    return other.cookies().at(kSession);
  }
  std::string transfer_of(const User& user) {
    if (native.client_id.empty()) native = world.native_client();
    return world.exchange(native, world.password_tokens(native, user).refresh_token()).access_token();
  }
  void plant_session(const std::string& value) {
    browser.plant(kSession, value);
    browser.plant(kCompat, value);
  }
  Client native;
};

// --- Parameters ---

TEST_F(AuthorizeAbuse, no_parameter_counts_that_stands_twice) {
  sign_in();
  for (const std::string name : {"scope", "state", "nonce", "response_type", "response_mode", "audience", "prompt", "max_age",
                                 "login_hint", "connection", "organization", "code_challenge", "code_challenge_method",
                                 "session_transfer_token", "request", "request_uri", "ext-own"}) {
    SCOPED_TRACE(name);
    const auto url = authorize_url(web, kCallback) + "&" + name + "=a&" + name + "=b";
    const auto end = browser.open(url);
    EXPECT_EQ(end.parameter("code"), "") << end.url;
    EXPECT_EQ(end.parameter("error"), "invalid_request");
    EXPECT_EQ(end.parameter("error_description"), "The parameter " + name + " is present more than once.");
  }
}

TEST_F(AuthorizeAbuse, a_mode_is_taken_as_it_is_spelled_or_not_at_all) {
  sign_in();
  for (const std::string mode : {"QUERY", "query ", " query", "query fragment", "form_post.jwt", "jwt", "web_message#",
                                 "fragment\n", "okta_post_message", "../query"}) {
    const auto end = authorize(parameters({{"response_mode", mode}}));
    EXPECT_EQ(end.parameter("error"), "invalid_request") << mode;
    EXPECT_EQ(end.parameter("code"), "");
  }
}

TEST_F(AuthorizeAbuse, a_posted_request_is_read_from_its_body_alone) {
  sign_in();
  const auto url = authorize_url(web, kCallback);
  auto request = form_request("/authorize?redirect_uri=https://evil.example/&response_mode=fragment",
                              http::Parameters::parse(std::string_view(url).substr(url.find('?') + 1)).value());
  const auto response = world.send(request);
  EXPECT_TRUE(header_of(response, "location").starts_with("/u/login?state=")) << header_of(response, "location");
}

// --- Cookies ---

TEST_F(AuthorizeAbuse, a_cookie_bomb_costs_nothing_and_opens_nothing) {
  std::string bomb = "auth0=" + session_of(ada);
  for (int i = 0; i < 400; ++i)
    bomb += "; auth0=ses_" + std::to_string(i) + ".x; auth0_session_transfer_token=stt_" + std::to_string(i) +
            ".x; __Host-segue_browser=y";
  auto request = request_for(http::Method::get, authorize_url(web, kCallback));
  request.headers.set("cookie", bomb);
  const auto response = world.send(request);
  EXPECT_EQ(response.status, 302);
  EXPECT_TRUE(header_of(response, "location").starts_with("/u/login?state="));  // tokens that differ are all refused
}

TEST_F(AuthorizeAbuse, a_session_cookie_planted_beside_another_chooses_nobody) {
  const auto eve = world.create_user("eve@example.com");
  const auto planted = session_of(eve), own = session_of(ada);
  const auto ask = [&](const std::string& cookies) {
    auto request = request_for(http::Method::get, authorize_url(web, kCallback, parameters({{"prompt", "none"}})));
    request.headers.set("cookie", cookies);
    return query_of(header_of(world.send(request), "location")).find("error").value_or("");
  };
  EXPECT_EQ(ask("auth0=" + own + "; auth0_compat=" + own), "");
  EXPECT_EQ(ask("auth0=" + own + "; auth0=nonsense; auth0="), "");
  for (const auto& both : {"auth0=" + planted + "; auth0=" + own, "auth0=" + own + "; auth0=" + planted,
                           "auth0=" + own + "; auth0_compat=" + planted, "auth0_compat=" + planted + "; auth0=" + own})
    EXPECT_EQ(ask(both), "login_required") << both;
  // Signing out ends both.
  auto logout = request_for(http::Method::get, "/v2/logout");
  logout.headers.set("cookie", "auth0=" + planted + "; auth0=" + own);
  world.send(logout);
  EXPECT_EQ(owner_of(planted) + owner_of(own), "");
}

// --- Session fixation ---

TEST_F(AuthorizeAbuse, no_way_to_sign_in_makes_a_planted_session_the_persons_own) {
  const auto eve = world.create_user("eve@example.com");
  using Way = std::function<Page()>;
  const auto by_hand = [&](const http::Parameters& more) {
    auto page = authorize(more);
    return page.is_login_page() ? browser.submit_login(page, ada) : page;
  };
  const std::pair<const char*, Way> ways[] = {
      {"login page",
       [&] {
         return by_hand(parameters({{"prompt", "login"}}));
       }},
      {"too old a session",
       [&] {
         return by_hand(parameters({{"max_age", "0"}}));
       }},
      {"session transfer token in the query",
       [&] {
         return by_hand(parameters({{"session_transfer_token", transfer_of(ada)}}));
       }},
      {"session transfer token in the cookie",
       [&] {
         browser.plant("auth0_session_transfer_token", transfer_of(ada));
         return by_hand({});
       }},
      {"pushed request with a session transfer token",
       [&] {
         const auto pushed = world.send(form_request("/oauth/par", parameters({{"client_id", web.client_id},
                                                                               {"client_secret", web.client_secret},
                                                                               {"response_type", "code"},
                                                                               {"redirect_uri", kCallback},
                                                                               {"scope", "openid"},
                                                                               {"session_transfer_token", transfer_of(ada)}})));
         auto page = browser.open("/authorize?" +
                                  parameters({{"client_id", web.client_id},
                                              {"request_uri", json::find_string(object_of(pushed), "request_uri").value()}})
                                      .encode());
         return page.is_login_page() ? browser.submit_login(page, ada) : page;
       }},
  };
  for (const auto& [name, sign_in_by] : ways) {
    for (const bool of_eve : {true, false}) {  // a stranger's session, or an older one of the person's own that somebody has seen
      SCOPED_TRACE(std::string(name) + (of_eve ? ", another's session" : ", an own session"));
      const auto planted = session_of(of_eve ? eve : ada);
      for (const auto& [cookie, value] : std::map(browser.cookies())) browser.forget(cookie);
      plant_session(planted);
      EXPECT_EQ(signed_in_as(sign_in_by()), ada.user_id);
      EXPECT_NE(browser.cookies().at(kSession), planted);
      EXPECT_EQ(browser.cookies().at(kSession), browser.cookies().at(kCompat));
      EXPECT_NE(owner_of(planted), ada.user_id);
      EXPECT_EQ(owner_of(browser.cookies().at(kSession)), ada.user_id);
    }
  }
}

TEST_F(AuthorizeAbuse, an_invented_session_id_is_never_taken_over) {
  for (const auto& invented :
       {std::string("ses_AAAAAAAAAAAAAAAAAAAAAA.") + std::string(43, 'A'), std::string("1"), session_of(ada) + "x"}) {
    plant_session(invented);
    EXPECT_EQ(signed_in_as(sign_in(parameters({{"prompt", "login"}}))), ada.user_id);
    EXPECT_NE(browser.cookies().at(kSession), invented);
    EXPECT_EQ(owner_of(invented), "");
  }
}

// --- Hosts ---

TEST_F(AuthorizeAbuse, a_host_that_is_not_ours_is_misdirected) {
  for (const std::string host :
       {"evil.example", "tenant.example.evil.example", "tenant.example@evil.example", "tenant.example:8443", "tenant.example.",
        "tenant.example/evil", "xtenant.example", " tenant.example", ""}) {
    auto request = request_for(http::Method::get, authorize_url(web, kCallback), host);
    const auto response = world.send(request);
    EXPECT_EQ(response.status, 421) << host;
    EXPECT_EQ(header_of(response, "location"), "");
    EXPECT_EQ(response.body.find("evil"), std::string::npos) << response.body;
  }
}

TEST_F(AuthorizeAbuse, every_link_names_a_configured_domain) {
  const std::string evil = "evil.example";
  for (const auto* name : {"x-forwarded-host", "x-host", "x-original-host", "x-forwarded-server", "x-http-host-override"})
    browser.extra.set(name, evil);
  browser.extra.set("forwarded", "host=" + evil + ";proto=http");
  browser.extra.set("x-forwarded-proto", "http");
  browser.extra.set("x-forwarded-port", "8443");
  const auto login = authorize();
  ASSERT_TRUE(login.is_login_page());
  for (const auto& page :
       {login, browser.submit_login(login, ada), authorize(parameters({{"response_mode", "form_post"}})),
        authorize(parameters({{"response_mode", "web_message"}})), authorize(parameters({{"client_id", ""}}))}) {
    EXPECT_EQ(page.url.find(evil), std::string::npos);
    EXPECT_EQ(page.response.body.find(evil), std::string::npos);
    for (const auto& [name, value] : page.response.headers.fields()) EXPECT_EQ(value.find(evil), std::string::npos) << name;
  }
  const auto document = browser.open("/.well-known/openid-configuration").response.body;
  EXPECT_EQ(document.find(evil), std::string::npos);
  EXPECT_EQ(document.find("8443"), std::string::npos);
  EXPECT_EQ(document, browser.open("/.well-known/oauth-authorization-server").response.body);
}

}  // namespace
}  // namespace segue::test
