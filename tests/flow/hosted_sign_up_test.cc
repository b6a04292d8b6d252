// The sign-up page of an authorization request: when it comes first, what it refuses, and the sign-in that it ends in (contract
// §2.1 screen_hint, §5.5).
#include "hosted_sign_up_flow.h"
#include "support/actions.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct HostedSignUp : HostedSignUpFlow {
  using HostedSignUpFlow::HostedSignUpFlow;
};

// --- When it comes first, and how one gets there ---

TEST_F(HostedSignUp, comes_first_where_the_application_asks_for_it) {
  const auto page = sign_up_page(parameters({{"login_hint", "grace@example.com"}}));
  ASSERT_TRUE(is_sign_up_page(page)) << page.url;
  EXPECT_EQ(page.field("email"), "grace@example.com");
  EXPECT_THAT(page.response.body, Not(HasSubstr(" readonly ")));
  EXPECT_THAT(page.response.body, HasSubstr("* At least 8 characters in length"));
  EXPECT_TRUE(authorize(parameters({{"screen_hint", "login"}})).is_login_page());
  EXPECT_TRUE(authorize().is_login_page());
}

TEST_F(HostedSignUp, and_the_login_page_lead_to_each_other) {
  const auto login = authorize();
  const auto path = "/u/signup?state=" + login.field("state");
  EXPECT_THAT(login.response.body, HasSubstr("<a href=\"" + path + "\">Sign up</a>"));
  const auto page = browser.open(path);
  ASSERT_TRUE(is_sign_up_page(page));
  EXPECT_THAT(page.response.body, HasSubstr("<a href=\"/u/login?state=" + login.field("state") + "\">Sign in</a>"));
  EXPECT_FALSE(sign_up(page, "grace@example.com").parameter("code").empty());
}

TEST_F(HostedSignUp, is_passed_by_a_session_and_shown_to_nobody_silently) {
  sign_in();
  EXPECT_FALSE(sign_up_page().parameter("code").empty());
  const auto silent = parameters({{"screen_hint", "signup"}, {"prompt", "none"}});
  EXPECT_EQ(Browser(world.node()).open(authorize_url(web, kCallback, silent)).parameter("error"), "login_required");
}

// --- What it does ---

TEST_F(HostedSignUp, makes_the_account_and_signs_it_in) {
  const auto end = sign_up(sign_up_page(), " Grace@Example.com ");
  const auto tokens = redeem(web, end.parameter("code"));
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(end.parameter("state"), "s-1");
  EXPECT_EQ(claim(tokens.text("id_token"), "email"), "Grace@Example.com");
  const auto user = stored("grace@example.com");
  ASSERT_TRUE(user);
  EXPECT_EQ(claim(tokens.text("id_token"), "sub"), user->user_id);
  EXPECT_FALSE(user->email_verified);
  const auto rows = world.logs("type:ss");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), user->user_id);
  EXPECT_EQ(json::find_string(rows.front(), "client_id"), web.client_id);
  EXPECT_EQ(json::write(rows.front()).find(kPassword), std::string::npos);
  EXPECT_THAT(world.logs("type:s"), SizeIs(1));
  EXPECT_FALSE(authorize().parameter("code").empty()) << "there is a session";
  Browser elsewhere(world.node());
  EXPECT_TRUE(elsewhere.submit_login(elsewhere.open(authorize_url(web, kCallback)), "grace@example.com", kPassword).left);
}

TEST_F(HostedSignUp, asks_for_consent_like_any_sign_in) {
  create_api({{"skip_consent_for_verifiable_first_party_clients", false}});
  const auto page = sign_up(sign_up_page(parameters({{"audience", kApi}, {"scope", "openid read:books"}})), "grace@example.com");
  EXPECT_THAT(page.url, HasSubstr("/u/consent"));
  EXPECT_TRUE(stored("grace@example.com"));
}

TEST_F(HostedSignUp, asks_for_a_user_name_where_the_connection_does) {
  set_options({{"requires_username", true}});
  const auto page = sign_up_page();
  EXPECT_THAT(page.response.body, HasSubstr("<label for=\"username\">"));
  expect_alert(sign_up(page, "grace@example.com"), 400, "Enter your email, a username and a password.");
  auto form = filled(page, "grace@example.com");
  form.add("username", "a b");
  expect_alert(browser.submit(page, form), 400, "username: 1 to 15 characters without spaces are needed, and no e-mail address");
  EXPECT_FALSE(browser.submit(page, replaced(form, "username", "grace")).parameter("code").empty());
  EXPECT_EQ(stored("grace")->email, "grace@example.com");
}

TEST_F(HostedSignUp, sends_the_mail_that_verifies_where_the_tenant_has_its_template) {
  world.managed(Method::post, "email-templates",
                {{"template", "verify_email"},
                 {"body", "{{ url }}"},
                 {"from", "id@example.com"},
                 {"subject", "Verify"},
                 {"syntax", "liquid"},
                 {"enabled", true}});
  ASSERT_FALSE(sign_up(sign_up_page(), "grace@example.com").parameter("code").empty());
  world.send_mails();
  ASSERT_THAT(world.inbox().mails(), SizeIs(1));
  EXPECT_THAT(world.logs("type:svr"), SizeIs(1));
}

// --- What it refuses ---

TEST_F(HostedSignUp, tells_no_more_of_an_address_that_is_taken_than_the_api) {
  const auto page = sign_up_page();
  expect_alert(sign_up(page, "ADA@example.com"), 400, kNoDetails);
  EXPECT_EQ(why("fs"), "Invalid sign up");
  world.managed(Method::patch, "tenants/settings",
                json::object{{"flags", json::object{{"enable_public_signup_user_exists_error", true}}}});
  expect_alert(sign_up(page, "ADA@example.com"), 400, "There is an account with this email address. Sign in with it.");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_THAT(world.logs("type:s"), IsEmpty());
  EXPECT_FALSE(sign_up(page, "grace@example.com").parameter("code").empty()) << "the page goes on";
}

TEST_F(HostedSignUp, says_what_is_missing_and_shows_no_password_again) {
  const auto page = sign_up_page();
  expect_alert(sign_up(page, "grace@example.com", "Weak-pw"), 400, "This password is too weak. At least 8 characters in length.");
  const auto again = sign_up(page, "grace@example.com", "Weak-pw");
  EXPECT_EQ(again.field("email"), "grace@example.com");
  EXPECT_THAT(again.response.body, Not(HasSubstr("Weak-pw")));
  expect_alert(sign_up(page, "", kPassword), 400, "Enter your email and a password.");
  expect_alert(sign_up(page, "grace@example.com", ""), 400, "Enter your email and a password.");
  expect_alert(sign_up(page, "nobody"), 400, "email: this is no e-mail address");
  expect_alert(sign_up(page, "\"><script>@x", kPassword), 400, "email: this is no e-mail address");
  EXPECT_THAT(sign_up(page, "\"><script>@x", kPassword).response.body, Not(HasSubstr("\"><script>")));
  EXPECT_FALSE(stored("grace@example.com"));
}

TEST_F(HostedSignUp, is_closed_with_the_connection) {
  const auto open = sign_up_page();
  set_options({{"disable_signup", true}});
  expect_page(sign_up(open, "grace@example.com"), 403, "New accounts cannot be made here.");
  EXPECT_EQ(why("fs"), "Public signup is disabled");
  EXPECT_FALSE(stored("grace@example.com"));
  EXPECT_TRUE(sign_up_page().is_login_page());
  const auto login = authorize();
  EXPECT_THAT(login.response.body, Not(HasSubstr("/u/signup")));
  EXPECT_TRUE(browser.open("/u/signup?state=" + login.field("state")).is_login_page()) << "the way in for who has an account";
  set_options(
      {{"disable_signup", false},
       {"authentication_methods", json::object{{"password", json::object{{"enabled", true}, {"signup_behavior", "block"}}}}}});
  EXPECT_TRUE(sign_up_page().is_login_page());
}

TEST_F(HostedSignUp, belongs_to_its_request_and_its_browser) {
  const auto page = sign_up_page();
  const auto form = filled(page, "grace@example.com");
  constexpr const char* kForged = "The form was not made by this sign-in page.";
  expect_page(browser.submit(page, replaced(form, "csrf", "")), 400, kForged);
  const auto login = browser.open("/u/login?state=" + page.field("state"));
  expect_page(browser.submit(page, replaced(form, "csrf", login.field("csrf"))), 400, kForged);
  expect_page(browser.submit(page, replaced(form, "state", authorize().field("state"))), 400, "another sign-in page");
  Browser other(world.node());
  expect_page(other.submit(page, form), 400, "This sign-in page belongs to another browser");
  expect_page(other.open("/u/signup?state=" + page.field("state")), 400, "This sign-in page belongs to another browser");
  auto foreign = browser;
  foreign.extra.add("origin", "https://evil.example");
  foreign.extra.add("sec-fetch-site", "cross-site");
  EXPECT_EQ(foreign.submit(page, form).status, 400);
  expect_page(browser.open("/u/signup?state=forged"), 400, "expired");
  world.clock.advance(61min);
  expect_page(browser.submit(page, form), 400, "expired");
  EXPECT_FALSE(stored("grace@example.com"));
}

TEST_F(HostedSignUp, works_once) {
  const auto page = sign_up_page();
  ASSERT_FALSE(sign_up(page, "grace@example.com").parameter("code").empty());
  expect_page(sign_up(page, "other@example.com"), 400, "expired");
  EXPECT_FALSE(stored("other@example.com"));
}

TEST_F(HostedSignUp, shares_the_limit_of_an_address_with_the_api) {
  const auto page = sign_up_page();
  for (int k = 0; k < 25; ++k) {
    EXPECT_EQ(sign_up(page, "grace@example.com", "short").status, 400);
    auto request = json_request(Method::post, "/dbconnections/signup",
                                json::object{{"client_id", web.client_id}, {"connection", kPasswordRealm}});
    request.peer_address = browser.peer_address;
    EXPECT_EQ(world.send(request).status, 400);
  }
  expect_alert(sign_up(page, "grace@example.com"), 429,
               "There were too many requests from your network address. Wait a while and try again.");
  EXPECT_THAT(world.logs("type:limit_mu"), Not(IsEmpty()));
  world.clock.advance(61s);
  EXPECT_FALSE(sign_up(page, "grace@example.com").parameter("code").empty());
}

TEST_F(HostedSignUp, leaves_the_account_and_no_session_where_the_sign_in_is_refused) {
  DenyingPipeline pipeline;
  World denied({.pipeline = &pipeline});
  const auto app = denied.web_client(kApp);
  Browser elsewhere(denied.node());
  const auto page = elsewhere.open(authorize_url(app, kCallback, parameters({{"screen_hint", "signup"}})));
  expect_told(elsewhere.submit(page, filled(page, "grace@example.com")), "access_denied", "Not today.");
  EXPECT_FALSE(elsewhere.cookies().contains("auth0"));
  EXPECT_THAT(denied.logs("type:ss"), SizeIs(1));
  EXPECT_THAT(denied.logs("type:f"), SizeIs(1));
}

// --- Actions ---

struct Runs {
  FakeRunner runner;
};
struct HostedSignUpActions : Runs, HostedSignUp {
  HostedSignUpActions() : HostedSignUp({.run_actions = runner.run()}) {}
  void with(std::string_view trigger, std::vector<actions::Command> commands) {
    runner.commands = std::move(commands);
    bind(world, trigger, {{"Decide", "exports.f = async () => {};"}});
  }
};

TEST_F(HostedSignUpActions, refuse_it_with_a_message_for_the_person) {
  with("pre-user-registration", {{"access.deny", {"domain is on the list", "Use your work address."}}});
  const auto page = sign_up_page();
  expect_alert(sign_up(page, "grace@example.com"), 400, "Use your work address.");
  EXPECT_EQ(why("fs"), "domain is on the list");
  EXPECT_FALSE(stored("grace@example.com"));
  EXPECT_EQ(json::write(runner.event()).find(kPassword), std::string::npos);
  EXPECT_EQ(json::write(runner.event()).find(page.field("csrf")), std::string::npos);
  EXPECT_EQ(runner.in_event("transaction.redirect_uri"), kCallback);
  EXPECT_EQ(runner.in_event("transaction.protocol"), "oidc-basic-profile");
  runner.answer = [](const actions::Invocation&) { return actions::Outcome{.status = actions::Status::unavailable}; };
  EXPECT_EQ(sign_up(page, "grace@example.com").status, 503);
  EXPECT_FALSE(stored("grace@example.com"));
}

TEST_F(HostedSignUpActions, run_before_the_account_after_it_and_at_the_sign_in) {
  with("post-login", {});
  with("pre-user-registration", {});
  with("post-user-registration", {});
  ASSERT_FALSE(sign_up(sign_up_page(), "grace@example.com").parameter("code").empty());
  world.run_deferred();
  std::vector<std::string> triggers;
  for (const auto& call : runner.calls) triggers.push_back(call.trigger);
  EXPECT_EQ(triggers, (std::vector<std::string>{"pre-user-registration", "post-login", "post-user-registration"}));
}

}  // namespace
}  // namespace segue::test
