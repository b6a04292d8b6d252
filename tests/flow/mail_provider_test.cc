// A tenant's own mail server and its own words, from the setting to the mail that arrives (contract §9.12 emails,
// email-templates).
#include <gmock/gmock.h>

#include "base/bytes.h"
#include "support/browser.h"
#include "support/engines.h"
#include "support/smtp_receiver.h"
#include "support/world.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

WorldOptions on(Engine engine, bool allow_private, unsigned short port) {
  WorldOptions out{.engine = engine};
  out.product.outbound.allow_private = allow_private;
  out.product.outbound.names = {"mail.example:" + std::to_string(port) + ":127.0.0.1"};
  return out;
}

// Both parts of a mail, decoded.
std::string decoded(const std::string& mail) {
  std::string out;
  for (auto at = mail.find("base64\r\n\r\n"); at != std::string::npos; at = mail.find("base64\r\n\r\n", at)) {
    at += 10;
    std::string encoded;
    for (const char c : mail.substr(at, mail.find("--=_", at) - at)) {
      if (c != '\r' && c != '\n') encoded += c;
    }
    out += base::from_base64(encoded).value_or("") + "\n";
  }
  return out;
}

struct MailProvider : ::testing::TestWithParam<Engine> {
  explicit MailProvider(bool allow_private = true) : world(on(GetParam(), allow_private, receiver.port())) {}
  SmtpReceiver receiver{{.user = "acme", .password = "s3cret"}};
  World world;
  const Client app = world.native_client();
  const User ada = world.create_user();

  json::object provider(json::object more = {}, const std::string& host = "127.0.0.1") const {
    json::object out{
        {"name", "smtp"},
        {"credentials",
         json::object{{"smtp_host", host}, {"smtp_port", receiver.port()}, {"smtp_user", "acme"}, {"smtp_pass", "s3cret"}}}};
    for (const auto& each : more) out[each.key()] = each.value();
    return out;
  }
  void ask() {
    world.send(json_request(Method::post, "/dbconnections/change_password",
                            json::object{{"client_id", app.client_id}, {"connection", kPasswordRealm}, {"email", ada.email}}));
    world.send_mails();
  }
  int open(const std::string& link) {
    Browser browser(world.node());
    return browser.open(link).status;
  }
  void set_template(json::object more) {
    json::object fields{{"template", "reset_email"}, {"body", "<p>{{ url }}</p>"}, {"from", ""},
                        {"subject", "Hi"},           {"syntax", "liquid"},         {"enabled", true}};
    for (const auto& each : more) fields[each.key()] = each.value();
    world.managed(Method::post, "email-templates", fields);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, MailProvider, ::testing::ValuesIn(engines()));

TEST_P(MailProvider, takes_the_mails_of_its_tenant) {
  world.managed(Method::post, "emails/provider", provider({{"default_from_address", "Acme <hello@acme.example>"}}));
  ask();
  ASSERT_THAT(receiver.mails(), SizeIs(1));
  EXPECT_THAT(world.inbox().mails(), IsEmpty());
  EXPECT_EQ(receiver.mails().front().from, "hello@acme.example");
  EXPECT_EQ(receiver.mails().front().to, ada.email);
  EXPECT_THAT(receiver.mails().front().data, HasSubstr("From: =?UTF-8?B?" + base::base64("Acme") + "?= <hello@acme.example>"));

  world.managed(Method::patch, "emails/provider", {{"enabled", false}});
  ask();
  EXPECT_THAT(receiver.mails(), SizeIs(1));
  EXPECT_THAT(world.inbox().mails(), SizeIs(1)) << "the operator's server has them again";
  EXPECT_EQ(world.inbox().mails().front().from, "no-reply@tenant.example");
}

TEST_P(MailProvider, keeps_mails_of_a_tenant_whose_server_fails_and_nobody_elses) {
  auto wrong = provider();
  wrong["credentials"].get_object()["smtp_pass"] = "wrong";
  world.managed(Method::post, "emails/provider", wrong);
  ask();
  EXPECT_THAT(receiver.mails(), IsEmpty());
  world.managed(Method::patch, "emails/provider", {{"credentials", provider().at("credentials")}});
  world.send_mails();
  EXPECT_THAT(receiver.mails(), IsEmpty()) << "it is not due yet";
  world.clock.advance(10s);
  world.send_mails();
  EXPECT_THAT(receiver.mails(), SizeIs(1));
}

TEST_P(MailProvider, rests_no_more_once_its_password_is_another) {
  auto wrong = provider();
  wrong["credentials"].get_object()["smtp_pass"] = "wrong";
  world.managed(Method::post, "emails/provider", wrong);
  ask();
  ask();
  const auto tried = receiver.verbs().size();
  world.managed(Method::patch, "emails/provider", {{"credentials", wrong.at("credentials")}});
  ask();
  EXPECT_EQ(receiver.verbs().size(), tried) << "it rests, and the same password sent again does not wake it";
  world.managed(Method::patch, "emails/provider", {{"credentials", provider().at("credentials")}});
  world.send_mails();
  EXPECT_THAT(receiver.mails(), SizeIs(2)) << "those that were not tried while it rested; the first waits for its own time";
}

TEST_P(MailProvider, is_refused_where_no_mail_could_go_by_it) {
  const auto refused = [&](json::object body) {
    const auto answer = world.manage(Method::post, "emails/provider", body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return answer.body;
  };
  EXPECT_THAT(refused(provider({{"credentials", json::object{}}})), HasSubstr("smtp_host is needed"));
  EXPECT_THAT(refused(provider({{"default_from_address", "a@b.co\r\nBcc: all@example.com"}})), HasSubstr("is no address"));
  EXPECT_THAT(refused(provider({{"name", "mailgun"}})), HasSubstr("SMTP"));
}

TEST_P(MailProvider, words_its_mails_as_the_tenant_does) {
  world.managed(Method::post, "emails/provider", provider());
  set_template({{"body", "<h1>{{ application.name }}</h1><p>{{ user.name }}</p><a href='{{ url }}'>go</a>"},
                {"subject", "{% if user.email contains 'ada' %}For {{ user.nickname }}{% endif %}"},
                {"from", "{{ friendly_name }} <team@acme.example>"},
                {"urlLifetimeInSeconds", 3600}});
  world.managed(Method::patch, "tenants/settings", {{"friendly_name", "Acme"}});
  world.managed(Method::patch, "users/" + ada.user_id, {{"name", "<script>"}});
  ask();
  ASSERT_THAT(receiver.mails(), SizeIs(1));
  const auto mail = receiver.mails().front();
  EXPECT_EQ(mail.from, "team@acme.example");
  EXPECT_THAT(mail.data, HasSubstr("Subject: =?UTF-8?B?" + base::base64("For ada") + "?="));
  const auto text = decoded(mail.data);
  EXPECT_THAT(text, HasSubstr("<p>&lt;script&gt;</p>"));
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
  EXPECT_THAT(text, HasSubstr("It works once, for 1 hour"));

  const auto at = text.find("href='https://tenant.example") + 6 + std::string("https://tenant.example").size();
  const auto link = text.substr(at, text.find('\'', at) - at);
  EXPECT_EQ(open(link), 200);
  world.clock.advance(1h);
  EXPECT_EQ(open(link), 400) << "it lives as long as the template says";
}

TEST_P(MailProvider, lets_a_template_choose_no_sender_at_the_operators_server) {
  set_template({{"from", "ceo@bank.example"}, {"body", "<p>Ours</p>"}});
  ask();
  ASSERT_THAT(world.inbox().mails(), SizeIs(1));
  EXPECT_EQ(world.inbox().mails().front().from, "no-reply@tenant.example");
  EXPECT_THAT(decoded(world.inbox().mails().front().text), HasSubstr("<p>Ours</p>"));
  world.managed(Method::patch, "email-templates/reset_email", {{"enabled", false}});
  ask();
  EXPECT_THAT(decoded(world.inbox().mails().back().text), HasSubstr("Set a new password"));
}

TEST_P(MailProvider, refuses_a_template_that_it_does_not_understand) {
  set_template({});
  const auto answer = world.manage(Method::patch, "email-templates/reset_email", {{"body", "<p>\n{% for a in b %}"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("body, line 2, column 1: {% for %} is not understood here"));
}

struct MailProviderOutside : MailProvider {
  MailProviderOutside() : MailProvider(false) {}
};
INSTANTIATE_TEST_SUITE_P(Engines, MailProviderOutside, ::testing::ValuesIn(engines()));

TEST_P(MailProviderOutside, reaches_no_private_address) {
  for (const auto* host : {"127.0.0.1", "localhost", "10.0.0.1", "::1", "mail.internal"}) {
    const auto answer = world.manage(Method::post, "emails/provider", provider({}, host));
    EXPECT_EQ(answer.status, 400) << host;
  }
  // What looks public is checked where it is connected to.
  world.managed(Method::post, "emails/provider", provider({}, "mail.example"));
  ask();
  EXPECT_THAT(receiver.verbs(), IsEmpty());
  world.clock.advance(5 * 24h);
  world.send_mails();
  EXPECT_THAT(world.logs("type:fn"), SizeIs(1));
}

}  // namespace
}  // namespace segue::test
