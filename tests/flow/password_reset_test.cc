// A new password by mail: who is told what, what the link is worth, and that it works once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "support/actions.h"
#include "support/browser.h"
#include "support/engines.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kAnswer = "We've just sent you an email to reset your password.";
constexpr const char* kNew = "Another-horse-8";

struct PasswordReset : ::testing::TestWithParam<Engine> {
  FakeRunner runner;
  World world{{.engine = GetParam(), .run_actions = runner.run()}};
  Client app = world.native_client();
  User ada = world.create_user();

  http::Response ask(json::object more = {}) {
    json::object body{{"client_id", app.client_id}, {"connection", kPasswordRealm}, {"email", ada.email}};
    for (const auto& member : more) body[member.key()] = member.value();
    return world.send(json_request(http::Method::post, "/dbconnections/change_password", body));
  }
  // The path with its query, as the mail that was sent last has it.
  std::string link() {
    world.send_mails();
    const auto text = world.inbox().text();
    const auto begin = text.find("https://" + std::string(kDomain));
    if (begin == std::string::npos) return "(no link)";
    return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
  }
  std::string asked_link() {
    EXPECT_EQ(ask().status, 200);
    return link();
  }
  Page submit(Browser& browser, const Page& page, const std::string& password = kNew, const std::string& again = kNew) {
    return browser.submit(page,
                          parameters({{"csrf", page.field("csrf")}, {"new_password", password}, {"confirm_password", again}}));
  }
  // Opens the link and sets the password.
  Page reset(const std::string& at) {
    Browser browser(world.node());
    const auto page = browser.open(at);
    return page.status == 200 ? submit(browser, page) : page;
  }
  int sign_in(const std::string& password) {
    return world.password_tokens(app, {.user_id = ada.user_id, .email = ada.email, .password = password}).status;
  }
  void change_user(json::object fields) { world.managed(http::Method::patch, "users/" + ada.user_id, fields); }
  std::string row(const std::string& type, std::string_view name = "description") {
    const auto rows = world.logs("type:" + type);
    return rows.empty() ? "(no row)" : json::find_string(rows.front(), name).value_or("");
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, PasswordReset, ::testing::ValuesIn(engines()),
                         [](const auto& place) { return place.param == Engine::sqlite ? "sqlite" : "postgres"; });

TEST_P(PasswordReset, leads_from_a_mail_to_a_new_password) {
  const auto asked = ask();
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(asked.body, kAnswer);
  EXPECT_THAT(std::string(asked.headers.find("content-type").value_or("")), HasSubstr("text/plain"));
  EXPECT_EQ(row("scpr", "user_id"), ada.user_id);
  const auto at = link();
  EXPECT_THAT(at, HasSubstr("https://tenant.example/lo/reset?ticket=pwt_"));
  ASSERT_THAT(world.inbox().mails(), SizeIs(1));
  EXPECT_EQ(world.inbox().mails().front().to, ada.email);
  EXPECT_EQ(world.inbox().mails().front().from, "no-reply@tenant.example");

  const auto tokens = world.password_tokens(app, ada);
  Browser browser(world.node());
  const auto page = browser.open(at);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.url.find("pwt_"), std::string::npos) << "the secret stays in no address";
  EXPECT_THAT(page.response.body, HasSubstr("At least 8 characters in length"));
  const auto done = submit(browser, page);
  EXPECT_EQ(done.status, 200) << done.response.body;
  EXPECT_THAT(done.response.body, HasSubstr("Your password is changed"));
  EXPECT_THAT(browser.cookies(), IsEmpty());

  EXPECT_EQ(sign_in(ada.password), 403);
  EXPECT_EQ(sign_in(kNew), 200);
  EXPECT_EQ(row("scp", "user_id"), ada.user_id);
  const auto user = world.managed(http::Method::get, "users/" + ada.user_id).as_object();
  EXPECT_EQ(json::find_bool(user, "email_verified"), true);
  EXPECT_EQ(world.exchange(app, tokens.refresh_token()).status, 403) << "older refresh tokens open no sessions any more";
}

TEST_P(PasswordReset, works_once_however_many_try_at_once) {
  const auto at = asked_link();
  Browser first(world.node());
  const auto page = first.open(at);
  const auto cookie = first.cookies().begin()->second;
  auto& other = world.add_node();
  constexpr int kTries = 64;
  std::atomic<int> changed{0};
  std::barrier together(kTries);
  std::vector<std::thread> threads;
  for (int k = 0; k < kTries; ++k) {
    threads.emplace_back([&, k] {
      const auto password = "Another-horse-" + std::to_string(k);
      auto request = form_request(
          "/lo/reset", parameters({{"csrf", page.field("csrf")}, {"new_password", password}, {"confirm_password", password}}));
      request.headers.add("cookie", "__Host-segue_reset=" + cookie);
      together.arrive_and_wait();
      const auto answer = (k % 2 == 0 ? world.node() : other).send(request);
      if (answer.status == 200) ++changed;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(changed, 1);
  EXPECT_THAT(world.logs("type:scp"), SizeIs(1));
}

TEST_P(PasswordReset, ends_the_sessions_of_the_old_password) {
  const auto web = world.web_client("https://app.example");
  Browser phone(world.node());
  ASSERT_FALSE(phone.submit_login(phone.open(authorize_url(web, "https://app.example/callback")), ada).parameter("code").empty());
  ASSERT_EQ(reset(asked_link()).status, 200);
  EXPECT_TRUE(phone.open(authorize_url(web, "https://app.example/callback")).is_login_page());
}

TEST_P(PasswordReset, is_worth_nothing_once_it_was_used_or_is_too_old) {
  const auto at = asked_link(), second = asked_link();
  ASSERT_EQ(reset(at).status, 200);
  for (const auto& each : {at, second}) {
    Browser browser(world.node());
    const auto page = browser.open(each);
    EXPECT_EQ(page.status, 400);
    EXPECT_THAT(page.response.body, HasSubstr("This link does not work any more"));
  }
  const auto late = asked_link();
  world.clock.advance(5 * 24h);
  Browser browser(world.node());
  EXPECT_EQ(browser.open(late).status, 400);
}

TEST_P(PasswordReset, is_worth_nothing_once_the_user_is_another) {
  const std::pair<json::object, json::object> cases[] = {
      {{{"password", "Third-horse-9"}}, {}},
      {{{"email", "other@example.com"}}, {{"email", ada.email}}},
      {{{"blocked", true}}, {{"blocked", false}}},
  };
  for (const auto& [change, back] : cases) {
    world.clock.advance(2h);
    const auto at = asked_link();
    Browser browser(world.node());
    const auto page = browser.open(at);
    ASSERT_EQ(page.status, 200);
    change_user(change);
    EXPECT_EQ(submit(browser, page).status, 400) << json::write(change);
    if (back.empty()) continue;
    change_user(back);
    // An address that comes back is the one that the link was sent to; who was blocked has to ask again.
    EXPECT_EQ(reset(at).status, back.contains("blocked") ? 400 : 200) << json::write(change);
  }
  world.clock.advance(2h);
  const auto at = asked_link();
  world.managed(http::Method::delete_, "users/" + ada.user_id);
  EXPECT_EQ(reset(at).status, 400);
  EXPECT_THAT(world.logs("type:fcp"), Not(IsEmpty()));
}

TEST_P(PasswordReset, tells_nobody_who_has_an_account) {
  const auto unknown = ask({{"email", "nobody@example.com"}});
  EXPECT_EQ(unknown.status, 200);
  EXPECT_EQ(unknown.body, kAnswer);
  EXPECT_EQ(row("fcpr"), "The user does not exist, or has no e-mail address.");
  change_user({{"blocked", true}});
  EXPECT_EQ(ask().body, kAnswer);
  EXPECT_EQ(row("fcpr"), "user is blocked");
  world.send_mails();
  EXPECT_THAT(world.inbox().mails(), IsEmpty());
}

TEST_P(PasswordReset, sends_few_mails_to_an_account_and_answers_no_address_for_ever) {
  for (int k = 0; k < 8; ++k) EXPECT_EQ(ask({{"email", "ADA@example.com "}}).body, kAnswer);
  world.send_mails();
  EXPECT_THAT(world.inbox().mails(), SizeIs(5));
  for (int k = 0; k < 42; ++k) EXPECT_EQ(ask({{"email", "u" + std::to_string(k) + "@example.com"}}).status, 200);
  for (int k = 0; k < 4; ++k) ask({{"email", "v" + std::to_string(k) + "@example.com"}});
  const auto refused = ask({{"email", "w@example.com"}});
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.body, HasSubstr("too_many_attempts"));
}

TEST_P(PasswordReset, refuses_what_is_no_request) {
  EXPECT_EQ(ask({{"connection", "elsewhere"}}).status, 400);
  EXPECT_EQ(ask({{"client_id", "nobody"}}).status, 400);
  EXPECT_THAT(ask({{"email", ""}}).body, HasSubstr("Missing required parameter: email"));
  EXPECT_EQ(ask({{"email", "a\r\nBcc: b@example.com"}}).status, 400);
  EXPECT_EQ(
      world
          .send(form_request("/dbconnections/change_password",
                             parameters({{"client_id", app.client_id}, {"connection", kPasswordRealm}, {"email", ada.email}})))
          .body,
      kAnswer);
}

TEST_P(PasswordReset, asks_again_for_a_password_that_is_weak_or_typed_wrong) {
  const auto at = asked_link();
  Browser browser(world.node());
  const auto page = browser.open(at);
  const auto weak = submit(browser, page, "short", "short");
  EXPECT_EQ(weak.status, 400);
  EXPECT_THAT(weak.response.body, HasSubstr("This password is too weak. At least 8 characters"));
  EXPECT_EQ(weak.response.body.find("\"short\""), std::string::npos);
  EXPECT_EQ(row("fcp"), "Password is too weak");
  EXPECT_THAT(submit(browser, weak, kNew, "Another-horse-9").response.body, HasSubstr("are not the same"));
  EXPECT_EQ(sign_in(ada.password), 200);
  EXPECT_EQ(submit(browser, page).status, 200) << "the link is as good as before";
}

TEST_P(PasswordReset, takes_no_form_of_another_site_or_page) {
  const auto at = asked_link();
  Browser browser(world.node());
  const auto page = browser.open(at);
  EXPECT_EQ(browser.submit(page, parameters({{"csrf", "x"}, {"new_password", kNew}, {"confirm_password", kNew}})).status, 400);
  browser.extra.add("origin", "https://evil.example");
  EXPECT_EQ(submit(browser, page).status, 400);
  EXPECT_EQ(sign_in(ada.password), 200);
}

TEST_P(PasswordReset, opens_nothing_for_a_link_that_was_made_up) {
  for (const auto* made_up :
       {"pwt_AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x\r\nset-cookie: a=b", ""}) {
    Browser browser(world.node());
    EXPECT_EQ(browser.open("/lo/reset?ticket=" + http::Parameters(parameters({{"t", made_up}})).encode().substr(2)).status, 400);
  }
  auto at = asked_link();
  at.back() = at.back() == 'A' ? 'E' : 'A';
  Browser browser(world.node());
  EXPECT_EQ(browser.open(at).status, 400);
}

TEST_P(PasswordReset, is_told_to_actions_after_it_was_committed) {
  bind(world, "post-change-password", {{"Tell", "exports.f = async () => {};"}});
  ASSERT_EQ(reset(asked_link()).status, 200);
  EXPECT_THAT(runner.calls, IsEmpty());
  world.run_deferred();
  ASSERT_THAT(runner.calls, SizeIs(1));
  EXPECT_EQ(runner.in_event("user.user_id"), ada.user_id);
  EXPECT_EQ(runner.in_event("user.email_verified"), "true");
  EXPECT_EQ(json::write(runner.event()).find(kNew), std::string::npos);
}

TEST_P(PasswordReset, keeps_mails_until_they_are_taken_and_says_when_they_never_are) {
  ask();
  world.inbox().set_answer({mail::Handover::failed, "busy"});
  world.send_mails();
  world.inbox().set_answer({mail::Handover::taken, {}});
  world.send_mails();
  EXPECT_THAT(world.inbox().mails(), IsEmpty()) << "it is not due yet";
  world.clock.advance(10s);
  world.send_mails();
  EXPECT_THAT(world.inbox().mails(), SizeIs(1));

  ask();
  world.inbox().set_answer({mail::Handover::refused, "550 no such user"});
  world.send_mails();
  world.clock.advance(1h);
  world.send_mails();
  EXPECT_EQ(row("fn"), "550 no such user");
  EXPECT_EQ(row("fn", "user_id"), ada.user_id);

  ask();
  world.inbox().set_answer({mail::Handover::failed, "busy"});
  world.send_mails();
  world.clock.advance(5 * 24h);
  world.send_mails();
  EXPECT_EQ(row("fn"), "It could not be sent in time.");
}

TEST_P(PasswordReset, is_closed_where_the_connection_says_so) {
  const auto list = world.managed(http::Method::get, "connections").as_array();
  const auto& connection = list.front().get_object();
  auto options = *json::find_object(connection, "options");
  options["disable_self_service_change_password"] = true;
  world.managed(http::Method::patch, "connections/" + *json::find_string(connection, "id"), json::object{{"options", options}});
  EXPECT_EQ(ask().body, kAnswer);
  world.send_mails();
  EXPECT_THAT(world.inbox().mails(), IsEmpty());
}

TEST_P(PasswordReset, keeps_the_link_sealed_until_it_is_sent) {
  ask();
  const auto mail = world.node().product().store().write(
      world.tenant(), [&](const store::Writer& w) { return store::mails::take(w, world.clock.now(), world.clock.now()); });
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->sealed.find("pwt_"), std::string::npos);
  EXPECT_EQ(mail->sealed.find(ada.email), std::string::npos);
  EXPECT_THAT(link(), HasSubstr("pwt_"));
}

TEST_P(PasswordReset, leaves_no_secret_in_logs_or_rows) {
  const auto at = asked_link();
  const auto ticket = at.substr(at.find("pwt_"));
  ASSERT_EQ(reset(at).status, 200);
  for (const auto& each : world.logs()) {
    const auto text = json::write(each);
    EXPECT_EQ(text.find(ticket.substr(0, 20)), std::string::npos) << text;
    EXPECT_EQ(text.find(kNew), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace segue::test
