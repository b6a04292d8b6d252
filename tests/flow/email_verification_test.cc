// Links that verify an address, and links to a new password that the Management API made (contract §9.12 tickets, jobs).
#include <gmock/gmock.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "support/browser.h"
#include "support/engines.h"
#include "support/world.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string without_domain(const std::string& url) {
  const std::string origin = "https://" + std::string(kDomain);
  EXPECT_TRUE(url.starts_with(origin)) << url;
  return url.size() > origin.size() ? url.substr(origin.size()) : "/";
}

struct EmailVerification : ::testing::TestWithParam<Engine> {
  World world{{.engine = GetParam()}};
  const Client app = world.native_client();
  const User ada = world.create_user("ada@example.com", {{"email_verified", false}});

  bool is_verified() {
    return json::find_bool(world.managed(Method::get, "users/" + ada.user_id).as_object(), "email_verified").value_or(false);
  }
  std::string ticket(json::object more = {}, const std::string& what = "email-verification") {
    json::object body{{"user_id", ada.user_id}};
    for (const auto& each : more) body[each.key()] = each.value();
    const auto answer = world.managed(Method::post, "tickets/" + what, body).as_object();
    return without_domain(*json::find_string(answer, "ticket"));
  }
  std::string mailed_link() {
    world.send_mails();
    const auto text = world.inbox().text();
    const auto begin = text.find("https://" + std::string(kDomain));
    return begin == std::string::npos ? "(no link)" : text.substr(begin, text.find_first_of("\r\n", begin) - begin);
  }
  // Opens the link and presses the button.
  Page confirm(const std::string& at) {
    Browser browser(world.node());
    const auto page = browser.open(at);
    return page.status == 200 ? browser.submit(page, parameters({{"csrf", page.field("csrf")}})) : page;
  }
  void set_template(const std::string& name, json::object more = {}) {
    json::object fields{{"template", name}, {"body", "<p>{{ url }}</p>"}, {"from", ""},
                        {"subject", "Hi"},  {"syntax", "liquid"},         {"enabled", true}};
    for (const auto& each : more) fields[each.key()] = each.value();
    world.managed(Method::post, "email-templates", fields);
  }
  int status(const std::string& path, json::object body) { return world.manage(Method::post, path, body).status; }
};
INSTANTIATE_TEST_SUITE_P(Engines, EmailVerification, ::testing::ValuesIn(engines()));

TEST_P(EmailVerification, takes_the_press_of_a_button_and_not_a_look) {
  const auto at = ticket();
  Browser scanner(world.node());
  const auto seen = scanner.open(at);
  EXPECT_EQ(seen.status, 200);
  EXPECT_THAT(seen.response.body, HasSubstr(ada.email));
  EXPECT_EQ(seen.url.find("evt_"), std::string::npos) << "the secret stays in no address";
  EXPECT_FALSE(is_verified());

  const auto done = confirm(at);
  EXPECT_EQ(done.status, 200) << done.response.body;
  EXPECT_THAT(done.response.body, HasSubstr("Your e-mail address is confirmed"));
  EXPECT_TRUE(is_verified());
  const auto rows = world.logs("type:sv");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), ada.user_id);

  EXPECT_EQ(confirm(at).status, 400) << "it works once";
}

TEST_P(EmailVerification, works_once_however_many_try_at_once) {
  Browser first(world.node());
  const auto page = first.open(ticket());
  const auto cookie = first.cookies().begin()->second;
  auto& other = world.add_node();
  constexpr int kTries = 32;
  std::atomic<int> verified{0};
  std::barrier together(kTries);
  std::vector<std::thread> threads;
  for (int k = 0; k < kTries; ++k) {
    threads.emplace_back([&, k] {
      auto request = form_request("/lo/verify_email", parameters({{"csrf", page.field("csrf")}}));
      request.headers.add("cookie", "__Host-segue_verify=" + cookie);
      together.arrive_and_wait();
      if ((k % 2 == 0 ? world.node() : other).send(request).status == 200) ++verified;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(verified, 1);
  EXPECT_THAT(world.logs("type:sv"), SizeIs(1));
}

TEST_P(EmailVerification, is_worth_nothing_for_another_address_or_too_late_or_for_a_blocked_user) {
  const auto short_lived = ticket({{"ttl_sec", 60}});
  world.clock.advance(60s);
  EXPECT_EQ(confirm(short_lived).status, 400);
  const auto of_old_address = ticket();
  world.managed(Method::patch, "users/" + ada.user_id, {{"email", "other@example.com"}});
  EXPECT_EQ(confirm(of_old_address).status, 400);
  const auto of_blocked = ticket();
  world.managed(Method::patch, "users/" + ada.user_id, {{"blocked", true}});
  world.managed(Method::patch, "users/" + ada.user_id, {{"blocked", false}});
  EXPECT_EQ(confirm(of_blocked).status, 400);
  const auto of_deleted = ticket();
  world.managed(Method::delete_, "users/" + ada.user_id);
  EXPECT_EQ(confirm(of_deleted).status, 400);
}

TEST_P(EmailVerification, tells_of_a_link_that_failed) {
  const auto at = ticket();
  Browser browser(world.node());
  const auto page = browser.open(at);
  EXPECT_EQ(browser.submit(page, parameters({{"csrf", "x"}})).status, 400);
  EXPECT_FALSE(is_verified());
  ASSERT_EQ(confirm(at).status, 200);
  EXPECT_EQ(browser.submit(page, parameters({{"csrf", page.field("csrf")}})).status, 400);
  EXPECT_THAT(world.logs("type:fv"), SizeIs(1));
}

TEST_P(EmailVerification, leads_to_the_result_url_and_names_the_address_only_where_asked) {
  const auto told = confirm(ticket({{"result_url", "https://app.example/done?a=1"}, {"includeEmailInRedirect", true}}));
  const auto location = std::string(told.response.headers.find("location").value_or(told.url));
  EXPECT_THAT(location, HasSubstr("https://app.example/done?a=1&"));
  EXPECT_THAT(location, HasSubstr("email=ada%40example.com"));
  EXPECT_THAT(location, HasSubstr("success=true"));
  const auto silent = confirm(ticket({{"result_url", "https://app.example/done"}}));
  EXPECT_THAT(std::string(silent.response.headers.find("location").value_or(silent.url)), Not(HasSubstr("ada")));
}

TEST_P(EmailVerification, refuses_bodies_that_make_no_link) {
  EXPECT_EQ(status("tickets/email-verification", {}), 400);
  EXPECT_EQ(status("tickets/email-verification", {{"user_id", "auth0|nobody"}}), 404);
  for (const auto* url :
       {"javascript:alert(1)", "//evil.example", "https://a@evil.example/", "https://a.example/\r\nx", "ftp://a"})
    EXPECT_EQ(status("tickets/email-verification", {{"user_id", ada.user_id}, {"result_url", url}}), 400) << url;
  EXPECT_EQ(status("tickets/email-verification",
                   {{"user_id", ada.user_id}, {"result_url", "https://a.example/"}, {"client_id", app.client_id}}),
            400);
  EXPECT_EQ(status("tickets/email-verification", {{"user_id", ada.user_id}, {"client_id", "nobody"}}), 400);
  EXPECT_EQ(status("tickets/email-verification", {{"user_id", ada.user_id}, {"organization_id", "org_x"}}), 400);
  EXPECT_EQ(status("tickets/email-verification",
                   {{"user_id", ada.user_id}, {"identity", json::object{{"provider", "google-oauth2"}, {"user_id", "1"}}}}),
            400);
  EXPECT_EQ(status("tickets/email-verification", {{"user_id", ada.user_id}, {"ttl_sec", 2592001}}), 400);
  EXPECT_EQ(status("tickets/password-change", {}), 400);
  EXPECT_EQ(status("tickets/password-change", {{"email", ada.email}}), 400);
  EXPECT_EQ(status("tickets/password-change",
                   {{"user_id", ada.user_id}, {"email", ada.email}, {"connection_id", "con_0000000000000001"}}),
            400);
}

TEST_P(EmailVerification, is_mailed_by_a_job_that_is_done_at_once) {
  const auto job = world.managed(Method::post, "jobs/verification-email", {{"user_id", ada.user_id}}).as_object();
  EXPECT_EQ(json::find_string(job, "type"), "verification_email");
  const auto later = world.managed(Method::get, "jobs/" + *json::find_string(job, "id")).as_object();
  EXPECT_EQ(json::find_string(later, "status"), "completed");
  EXPECT_THAT(world.logs("type:svr"), SizeIs(1));
  EXPECT_EQ(confirm(mailed_link()).status, 200);
  EXPECT_TRUE(is_verified());
  EXPECT_EQ(status("jobs/verification-email", {{"user_id", "auth0|nobody"}}), 404);
}

TEST_P(EmailVerification, is_mailed_to_a_user_that_the_api_makes_or_moves) {
  world.create_user("bob@example.com", {{"email_verified", false}, {"verify_email", true}});
  world.send_mails();
  EXPECT_THAT(world.inbox().mails(), SizeIs(1));
  EXPECT_EQ(world.inbox().mails().back().to, "bob@example.com");
  world.managed(Method::patch, "users/" + ada.user_id, {{"email", "new@example.com"}, {"verify_email", true}});
  EXPECT_EQ(confirm(mailed_link()).status, 200);
  EXPECT_EQ(world.inbox().mails().back().to, "new@example.com");
  EXPECT_TRUE(is_verified());
}

TEST_P(EmailVerification, is_mailed_at_a_sign_up_where_the_template_is_on) {
  const auto sign_up = [&](const std::string& email) {
    EXPECT_EQ(world
                  .send(json_request(Method::post, "/dbconnections/signup",
                                     json::object{{"client_id", app.client_id},
                                                  {"connection", kPasswordRealm},
                                                  {"email", email},
                                                  {"password", "Correct-horse-1"}}))
                  .status,
              200);
    world.send_mails();
  };
  sign_up("one@example.com");
  EXPECT_THAT(world.inbox().mails(), IsEmpty());
  set_template("verify_email", {{"resultUrl", "{{ application.callback_domain }}/done"}});
  set_template("welcome_email", {{"body", "<p>Welcome, {{ user.email }}</p>"}});
  sign_up("two@example.com");
  ASSERT_THAT(world.inbox().mails(), SizeIs(1));
  EXPECT_THAT(world.logs("type:svr"), SizeIs(1));
  EXPECT_LT(confirm(mailed_link()).status, 400);
  world.send_mails();
  ASSERT_THAT(world.inbox().mails(), SizeIs(2)) << "a welcome, once the address is known to be theirs";
  EXPECT_THAT(world.inbox().text(), HasSubstr("Your e-mail address is confirmed"));
}

TEST_P(EmailVerification, is_no_gift_of_a_password_link_that_was_not_mailed) {
  const auto set = [&](const std::string& at) {
    Browser browser(world.node());
    const auto page = browser.open(at);
    return browser.submit(
        page,
        parameters({{"csrf", page.field("csrf")}, {"new_password", "Another-horse-8"}, {"confirm_password", "Another-horse-8"}}));
  };
  EXPECT_EQ(set(ticket({}, "password-change")).status, 200);
  EXPECT_FALSE(is_verified());
  const auto connections = world.managed(Method::get, "connections").as_array();
  const auto connection_id = *json::find_string(connections.front().as_object(), "id");
  const auto answer = world.managed(Method::post, "tickets/password-change",
                                    {{"connection_id", connection_id},
                                     {"email", "ADA@example.com"},
                                     {"mark_email_as_verified", true},
                                     {"result_url", "https://app.example/done"}});
  const auto done = set(without_domain(*json::find_string(answer.as_object(), "ticket")));
  EXPECT_THAT(std::string(done.response.headers.find("location").value_or(done.url)), HasSubstr("https://app.example/done?"));
  EXPECT_TRUE(is_verified());
}

}  // namespace
}  // namespace segue::test
