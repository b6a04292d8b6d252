// The login page, its transaction and the session it opens (contract §2.4, §2.6, §6.4).
#include "openid.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kOver = "A sign-in page works once and for a limited time.";
constexpr const char* kOtherBrowser = "This sign-in page belongs to another browser, or cookies are blocked.";

struct Login : OpenId {
  static http::Parameters filled(const Page& page, const User& user) {
    return parameters(
        {{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"username", user.email}, {"password", user.password}});
  }
  static http::Parameters replaced(http::Parameters form, const std::string& name, const std::string& value) {
    form.remove(name);
    form.add(name, value);
    return form;
  }
  void expect_alert(const Page& page, int status, const std::string& alert) {
    EXPECT_EQ(page.status, status);
    EXPECT_NE(page.response.body.find("<p id=\"alert\">" + base::escape_html(alert) + "</p>"), std::string::npos)
        << page.response.body;
    EXPECT_EQ(page.response.headers.find_all("set-cookie").size(), 0u);
  }
  std::string session_cookie() const {
    const auto found = browser.cookies().find("auth0");
    return found == browser.cookies().end() ? "" : found->second;
  }
};

// --- Who it is ---

TEST_F(Login, says_the_same_of_a_wrong_password_and_of_an_unknown_user) {
  const auto page = authorize();
  const auto wrong = browser.submit_login(page, ada.email, "wrong");
  expect_alert(wrong, 400, "Wrong email or password.");
  EXPECT_EQ(wrong.field("username"), ada.email);
  EXPECT_EQ(wrong.response.body.find("value=\"wrong\""), std::string::npos);
  expect_alert(browser.submit_login(page, "nobody@example.com", "wrong"), 400, "Wrong email or password.");
  expect_alert(browser.submit_login(page, "", ada.password), 400, "Enter your email or username and your password.");
  expect_alert(browser.submit_login(page, ada.email, ""), 400, "Enter your email or username and your password.");
  // The page goes on: a person who mistyped signs in on it.
  EXPECT_TRUE(browser.submit_login(wrong, " ADA@example.com ", ada.password).left);
}

TEST_F(Login, tells_a_blocked_user_only_after_the_right_password) {
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", true}});
  const auto page = authorize();
  expect_alert(browser.submit_login(page, ada.email, "wrong"), 400, "Wrong email or password.");
  expect_alert(browser.submit_login(page, ada), 403, "Your account is blocked. Ask the administrator for help.");
  EXPECT_EQ(session_cookie(), "");
}

TEST_F(Login, counts_guesses_on_the_page_and_at_the_token_endpoint_together) {
  const auto native = world.native_client();
  const auto page = authorize();
  const auto guess = [&] {
    User wrong = ada;
    wrong.password = "guess";
    return world.password_tokens(native, wrong);
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(browser.submit_login(page, ada.email, "guess").status, 400);
    EXPECT_EQ(guess().status, 403);
  }
  const std::string text = "Your account has been blocked after multiple consecutive login attempts. Try again later.";
  expect_alert(browser.submit_login(page, ada), 429, text);
  expect_refused(guess(), 429, "too_many_attempts", text);
  // Another address and another account are not affected, and a block ends.
  Browser elsewhere(world.node());
  elsewhere.peer_address = "198.51.100.4";
  EXPECT_TRUE(elsewhere.submit_login(elsewhere.open(authorize_url(web, kCallback)), ada).left);
  EXPECT_TRUE(browser.submit_login(authorize(), world.create_user("eve@example.com")).left);
  world.clock.advance(1h + 1s);
  EXPECT_EQ(world.password_tokens(native, ada).status, 200);
  EXPECT_EQ(count_logs("type:limit_wc"), 2u);
}

// --- Whose form it is ---

TEST_F(Login, takes_only_the_form_of_its_own_page) {
  const auto page = authorize();
  const auto other = authorize();
  const auto form = filled(page, ada);
  const std::string not_made = "The form was not made by this sign-in page.";
  expect_page(browser.submit(page, replaced(form, "csrf", "")), 400, not_made);
  expect_page(browser.submit(page, replaced(form, "csrf", "wrong")), 400, not_made);
  expect_page(browser.submit(page, replaced(form, "csrf", other.field("csrf"))), 400, not_made);
  expect_page(browser.submit(page, replaced(form, "state", other.field("state"))), 400,
              "The form belongs to another sign-in page.");
  expect_page(browser.submit(page, replaced(form, "state", "")), 400, "Missing required parameter: state");
  browser.extra.set("origin", "https://evil.example");
  expect_page(browser.submit(page, form), 400, "The form was not sent from this site&#39;s sign-in page.");
  browser.extra = {};
  browser.extra.set("sec-fetch-site", "cross-site");
  expect_page(browser.submit(page, form), 400, "The form was not sent from this site&#39;s sign-in page.");
  browser.extra = {};
  EXPECT_TRUE(browser.submit(page, form).left);
}

TEST_F(Login, belongs_to_the_browser_that_began_it) {
  const auto page = authorize();
  Browser stranger(world.node());
  expect_page(stranger.open(page.url), 400, kOtherBrowser);
  expect_page(stranger.submit(page, filled(page, ada)), 400, kOtherBrowser);
  // A browser with a transaction of its own is a stranger too.
  stranger.open(authorize_url(web, kCallback));
  expect_page(stranger.submit(page, filled(page, ada)), 400, kOtherBrowser);
  EXPECT_TRUE(browser.submit_login(page, ada).left);
}

TEST_F(Login, lets_two_tabs_of_one_browser_sign_in_one_after_the_other) {
  const auto first = authorize(parameters({{"state", "tab-1"}}));
  const auto second = authorize(parameters({{"state", "tab-2"}}));
  EXPECT_EQ(browser.submit_login(first, ada).parameter("state"), "tab-1");
  EXPECT_EQ(browser.submit_login(second, ada).parameter("state"), "tab-2");
}

// --- Pages that are over ---

TEST_F(Login, that_has_expired_leads_back_to_the_application) {
  const auto page = authorize();
  world.clock.advance(1h);
  const auto again = browser.open(page.url);
  EXPECT_TRUE(again.left);
  EXPECT_EQ(again.url, "https://app.example/login?iss=https%3A%2F%2Ftenant.example%2F");
  // After a form the page's form-action would stop a redirect, so there is a link.
  const auto late = browser.submit_login(page, ada);
  expect_page(late, 400, "This sign-in page has expired");
  EXPECT_NE(late.response.body.find("href=\"https://app.example/login?iss="), std::string::npos);
}

TEST_F(Login, that_was_used_leads_back_to_the_application) {
  const auto page = authorize();
  ASSERT_TRUE(browser.submit_login(page, ada).left);
  EXPECT_TRUE(browser.open(page.url).url.starts_with("https://app.example/login?iss="));
  expect_page(browser.submit_login(page, ada), 400, "This sign-in page has expired");
  EXPECT_EQ(count_logs("type:s"), 1u);
}

TEST_F(Login, that_is_over_explains_itself_where_the_application_names_no_address) {
  patch_client(web, {{"initiate_login_uri", ""}});
  const auto page = authorize();
  world.clock.advance(1h);
  expect_page(browser.open(page.url), 400, kOver);
  expect_page(browser.submit_login(page, ada), 400, kOver);
}

TEST_F(Login, knows_no_state_that_it_did_not_make) {
  const auto page = authorize();
  const auto state = page.field("state");
  for (const std::size_t at : {std::size_t{0}, state.find('_') + 3, state.find('.') + 3, state.size() - 1}) {
    auto changed = state;
    changed[at] = changed[at] == 'A' ? 'E' : 'A';
    expect_page(browser.open("/u/login?state=" + changed), 400, kOver);
  }
  expect_page(browser.open("/u/login?state=" + state + "x"), 400, kOver);
  expect_page(browser.open("/u/login"), 400, "Missing required parameter: state");
  expect_page(browser.open("/u/login?state=" + state + "&state=" + state), 400, "A parameter stands more than once: state");
  EXPECT_TRUE(browser.submit_login(page, ada).left);
}

TEST_F(Login, gives_no_code_when_the_address_was_withdrawn_meanwhile) {
  const auto page = authorize();
  patch_client(web, {{"callbacks", json::array{"https://app.example/new"}}});
  const auto end = browser.submit_login(page, ada);
  EXPECT_EQ(end.status, 400);
  EXPECT_FALSE(end.left);
  EXPECT_EQ(session_cookie(), "");
}

// --- The session ---

TEST_F(Login, sets_cookies_that_no_script_reads_and_no_plain_connection_carries) {
  const auto end = sign_in();
  for (const auto cookie : end.response.headers.find_all("set-cookie")) {
    EXPECT_NE(cookie.find("; Secure"), std::string::npos) << cookie;
    EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos) << cookie;
    EXPECT_NE(cookie.find("; Path=/"), std::string::npos) << cookie;
    EXPECT_EQ(cookie.find("Domain="), std::string::npos) << cookie;
  }
  EXPECT_EQ(end.response.headers.find_all("set-cookie").size(), 2u);
  EXPECT_EQ(browser.cookies().at("auth0"), browser.cookies().at("auth0_compat"));
}

TEST_F(Login, opens_a_new_session_at_every_authentication_and_ends_the_old_one) {
  sign_in();
  const auto old = session_cookie();
  sign_in(parameters({{"prompt", "login"}}));
  EXPECT_NE(session_cookie(), old);
  // An attacker who planted the first cookie holds nothing.
  Browser attacker(world.node());
  attacker.plant("auth0", old);
  EXPECT_TRUE(attacker.open(authorize_url(web, kCallback)).is_login_page());
  EXPECT_TRUE(authorize().left);
}

TEST_F(Login, of_another_person_replaces_the_session) {
  sign_in();
  const auto old = session_cookie();
  const auto eve = world.create_user("eve@example.com");
  browser.submit_login(authorize(parameters({{"prompt", "login"}})), eve);
  EXPECT_EQ(claim(redeem(web, code()).text("id_token"), "sub"), eve.user_id);
  Browser attacker(world.node());
  attacker.plant("auth0", old);
  EXPECT_TRUE(attacker.open(authorize_url(web, kCallback)).is_login_page());
}

TEST_F(Login, session_ends_when_it_lies_idle_for_three_days) {
  sign_in();
  world.clock.advance(72h - 1s);
  EXPECT_TRUE(authorize().left);
  world.clock.advance(72h - 1s);
  EXPECT_TRUE(authorize().left);
  world.clock.advance(72h);
  EXPECT_TRUE(authorize().is_login_page());
}

TEST_F(Login, session_ends_after_a_week_however_much_it_is_used) {
  sign_in();
  for (int day = 0; day < 6; ++day) {
    world.clock.advance(24h);
    EXPECT_TRUE(authorize().left) << day;
  }
  world.clock.advance(24h - 1s);
  EXPECT_TRUE(authorize().left);
  world.clock.advance(1s);
  EXPECT_TRUE(authorize().is_login_page());
}

TEST_F(Login, session_ends_with_the_password_it_was_opened_under_and_while_its_user_is_blocked) {
  sign_in();
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", true}});
  EXPECT_TRUE(authorize().is_login_page());
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", false}});
  sign_in();
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"password", "Another-horse-8-battery"}});
  EXPECT_TRUE(authorize().is_login_page());
}

}  // namespace
}  // namespace segue::test
