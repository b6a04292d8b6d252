// The client for the operator's mail server, against a server that speaks the protocol, or breaks it.
#include "outbound/smtp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/system_clock.h"
#include "crypto/certificates.h"
#include "support/smtp_receiver.h"

namespace segue::outbound {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Receiver = test::SmtpReceiver;

constexpr const char* kMail = "Subject: hello\r\n\r\nfirst\r\n.dot\r\n";

std::string url_of(const Receiver& receiver, const std::string& scheme = "smtp", const std::string& host = "127.0.0.1") {
  return scheme + "://" + host + ":" + std::to_string(receiver.port());
}

SmtpAnswer send(SmtpOptions options) { return SmtpClient(options).send("from@example.com", "ada@example.com", kMail); }
SmtpAnswer send_to(const Receiver& receiver) { return send({.url = url_of(receiver)}); }

// A receiver with a certificate of an authority that only this test knows.
struct TlsReceiver {
  explicit TlsReceiver(Receiver::Tls tls)
      : ca_file((std::filesystem::temp_directory_path() / ("segue-smtp-ca-" + std::to_string(::getpid()) + ".pem")).string()),
        receiver(options(tls, ca_file)) {}
  ~TlsReceiver() { std::filesystem::remove(ca_file); }
  static Receiver::Options options(Receiver::Tls tls, const std::string& ca_file) {
    const auto now = base::SystemClock().now();
    const auto authority = crypto::make_certificate_authority("test", now);
    const auto issued = crypto::make_server_certificate(authority, {"mail.example"}, now);
    std::ofstream(ca_file) << authority.certificate_pem;
    return {.tls = tls, .certificate_pem = issued.certificate_pem, .key_pem = std::string(issued.key_pem.reveal())};
  }
  // By a name that is not this machine's: the rules of everybody else hold.
  SmtpOptions reached(const std::string& scheme) const {
    return {.url = url_of(receiver, scheme, "mail.example"),
            .ca_file = ca_file,
            .names = {"mail.example:" + std::to_string(receiver.port()) + ":127.0.0.1"}};
  }
  const std::string ca_file;
  Receiver receiver;
};

TEST(SmtpClient, hands_a_mail_over_whole) {
  const Receiver receiver({});
  EXPECT_EQ(send_to(receiver).handover, Handover::taken);
  ASSERT_THAT(receiver.mails(), SizeIs(1));
  const auto mail = receiver.mails().front();
  EXPECT_EQ(mail.from, "from@example.com");
  EXPECT_EQ(mail.to, "ada@example.com");
  EXPECT_EQ(mail.data, kMail);
}

TEST(SmtpClient, gives_user_name_and_password) {
  const Receiver receiver({.user = "segue", .password = "s3cret"});
  EXPECT_EQ(send({.url = url_of(receiver), .username = "segue", .password = crypto::Secret("s3cret")}).handover, Handover::taken);
  const auto refused = send({.url = url_of(receiver), .username = "segue", .password = crypto::Secret("wrong")});
  EXPECT_EQ(refused.handover, Handover::failed) << "the operator can mend it";
  EXPECT_THAT(refused.reason, Not(HasSubstr("wrong")));
  EXPECT_THAT(receiver.mails(), SizeIs(1));
}

TEST(SmtpClient, sends_nothing_in_clear_over_a_network) {
  TlsReceiver plain(Receiver::Tls::none);
  EXPECT_EQ(send(plain.reached("smtp")).handover, Handover::failed);
  EXPECT_EQ(send(plain.reached("smtps")).handover, Handover::failed);
  EXPECT_THAT(plain.receiver.verbs(), Not(Contains("MAIL")));
}

TEST(SmtpClient, speaks_tls_from_the_start_or_by_starttls) {
  TlsReceiver by_starttls(Receiver::Tls::starttls), from_the_start(Receiver::Tls::from_the_start);
  EXPECT_EQ(send(from_the_start.reached("smtps")).handover, Handover::taken);
  ASSERT_THAT(from_the_start.receiver.mails(), SizeIs(1));
  EXPECT_TRUE(from_the_start.receiver.mails().front().over_tls);
  // The later receiver's authority is in the file: the earlier one is not trusted any more.
  EXPECT_EQ(send(by_starttls.reached("smtp")).handover, Handover::failed);
  EXPECT_THAT(by_starttls.receiver.mails(), IsEmpty());
}

TEST(SmtpClient, upgrades_to_tls_before_it_says_who_writes_to_whom) {
  TlsReceiver by_starttls(Receiver::Tls::starttls);
  EXPECT_EQ(send(by_starttls.reached("smtp")).handover, Handover::taken);
  ASSERT_THAT(by_starttls.receiver.mails(), SizeIs(1));
  EXPECT_TRUE(by_starttls.receiver.mails().front().over_tls);
}

TEST(SmtpClient, tells_what_will_never_work_from_what_may) {
  const std::pair<Receiver::Options, Handover> cases[] = {
      {{.replies = {{"RCPT", "550 no such user"}}}, Handover::refused},
      {{.replies = {{"RCPT", "451 try later"}}}, Handover::failed},
      {{.replies = {{"MAIL", "530 authenticate first"}}}, Handover::failed},
      {{.replies = {{"END", "554 no spam"}}}, Handover::refused},
      {{.replies = {{"END", "452 full"}}}, Handover::failed},
      {{.replies = {{"EHLO", "421 not now"}, {"HELO", "421 not now"}}}, Handover::failed},
      {{.closes_at = "DATA"}, Handover::failed},
      {{.closes_at = "END"}, Handover::failed},
  };
  for (const auto& [options, expected] : cases) {
    const Receiver receiver(options);
    const auto answer = send_to(receiver);
    EXPECT_EQ(answer.handover, expected) << answer.reason;
    EXPECT_FALSE(answer.reason.empty());
  }
}

TEST(SmtpClient, waits_no_longer_than_its_limit_for_a_silent_server) {
  const Receiver receiver({.silent_at = "DATA"});
  EXPECT_EQ(send({.url = url_of(receiver), .time_limit = std::chrono::milliseconds(300)}).handover, Handover::failed);
}

TEST(SmtpClient, sends_nothing_to_an_address_that_is_more_than_one) {
  const Receiver receiver({});
  for (const auto* to : {"ada@example.com>\r\nRCPT TO:<all@example.com", "ada@example.com,eve@example.com", "ada@example.com\n",
                         "<ada@example.com>", "ada", "@example.com", "a b@example.com", "ada@example.com@example.com", ""}) {
    EXPECT_EQ(SmtpClient({.url = url_of(receiver)}).send("from@example.com", to, kMail).handover, Handover::refused) << to;
    EXPECT_EQ(SmtpClient({.url = url_of(receiver)}).send(to, "ada@example.com", kMail).handover, Handover::refused) << to;
  }
  EXPECT_THAT(receiver.verbs(), IsEmpty());
}

TEST(SmtpClient, takes_urls_of_mail_servers_only) {
  for (const auto* url : {"smtp://mail.example", "smtps://mail.example:465", "smtp://[::1]:2525", "smtp://127.0.0.1:25"})
    EXPECT_TRUE(check_smtp_url(url).ok()) << url;
  for (const auto* url :
       {"", "mail.example", "http://mail.example", "smtp://", "smtp://user:pw@mail.example", "smtp://mail.example/x",
        "smtp://mail.example:0", "smtp://mail.example:70000", "smtp://mail.example:x", "smtp://mail example"})
    EXPECT_FALSE(check_smtp_url(url).ok()) << url;
}

}  // namespace
}  // namespace segue::outbound
