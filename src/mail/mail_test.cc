#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "mail/message.h"
#include "mail/sender.h"
#include "mail/templates/accounts.h"

namespace segue::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const base::Instant kAt = base::from_micros(1'795'784'663'000'000);  // 2026-11-27T13:04:23Z

Envelope envelope() { return {.from = "no-reply@tenant.example", .message_id = "1-7@tenant.example", .date = kAt}; }

Message message() {
  return {.kind = "reset_email",
          .to = "ada@example.com",
          .from_name = "Tenant",
          .subject = "Set a new password",
          .text = "one\ntwo\n",
          .html = "<p>one</p>"};
}

std::vector<std::string> header_names(const std::string& mime) {
  std::vector<std::string> out;
  std::istringstream lines(mime.substr(0, mime.find("\r\n\r\n")));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(" ")) out.push_back(line.substr(0, line.find(':')));
  }
  return out;
}

TEST(Mail, is_a_message_of_two_alternatives) {
  const auto mime = *to_mime(message(), envelope());
  EXPECT_EQ(
      mime,
      "Date: Fri, 27 Nov 2026 13:04:23 +0000\r\n"
      "From: =?UTF-8?B?VGVuYW50?= <no-reply@tenant.example>\r\n"
      "To: <ada@example.com>\r\n"
      "Subject: =?UTF-8?B?U2V0IGEgbmV3IHBhc3N3b3Jk?=\r\n"
      "Message-ID: <1-7@tenant.example>\r\n"
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative; boundary=\"=_segue_alternative\"\r\n\r\n"
      "--=_segue_alternative\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
          base::base64("one\r\ntwo\r\n") +
          "\r\n--=_segue_alternative\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
          base::base64("<p>one</p>") + "\r\n--=_segue_alternative--\r\n");
}

TEST(Mail, lets_no_value_begin_a_header_or_a_part) {
  const auto plain = header_names(*to_mime(message(), envelope()));
  for (const auto* evil :
       {"x\r\nBcc: all@example.com", "x\nBcc: all@example.com", "x\r\n\r\n--=_segue_alternative", "?= <eve@example.com>"}) {
    auto m = message();
    m.subject = m.from_name = m.text = m.html = evil;
    const auto mime = *to_mime(m, envelope());
    EXPECT_EQ(header_names(mime), plain) << evil;
    EXPECT_THAT(mime, Not(HasSubstr("Bcc")));
    EXPECT_THAT(mime, Not(HasSubstr("eve@")));
    m = message();
    m.to = "ada@example.com" + std::string(evil);
    EXPECT_FALSE(to_mime(m, envelope()).ok()) << evil;
  }
}

TEST(Mail, breaks_long_names_between_characters) {
  auto m = message();
  m.subject.clear();
  for (int k = 0; k < 40; ++k) m.subject += "ü";
  const auto mime = *to_mime(m, envelope());
  const auto begin = mime.find("Subject: ") + 9;
  const auto line = mime.substr(begin, mime.find("\r\nMessage-ID") - begin);
  std::string decoded;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    EXPECT_LE(word.size(), 75u);
    const auto part = *base::from_base64(word.substr(10, word.size() - 12));
    EXPECT_EQ(part.size() % 2, 0u) << "half a character";
    decoded += part;
  }
  EXPECT_EQ(decoded, m.subject);
}

TEST(Mail, keeps_every_member_until_it_is_sent) {
  auto m = message();
  m.user_id = "auth0|1";
  m.client_id = "app";
  m.connection = "db";
  const auto back = message_from(to_json(m));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_json(*back), to_json(m));
}

TEST(Mail, names_every_day_and_month) {
  EXPECT_EQ(mail_date(base::from_micros(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(mail_date(base::from_micros(951'782'399'000'000)), "Mon, 28 Feb 2000 23:59:59 +0000");
}

TEST(PasswordResetMail, escapes_what_others_chose) {
  const auto mail = templates::password_reset(
      {.to = "ada@example.com", .tenant_name = "<script>alert(1)</script>", .link = "https://t.example/lo/reset?ticket=a&b=\"c"});
  EXPECT_THAT(mail.html, Not(HasSubstr("<script>")));
  EXPECT_THAT(mail.html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(mail.html, HasSubstr("ticket=a&amp;b=&quot;c"));
  EXPECT_THAT(mail.text, HasSubstr("https://t.example/lo/reset?ticket=a&b=\"c\n"));
}

TEST(FolderSender, writes_files_that_only_the_owner_reads) {
  const auto folder = (std::filesystem::temp_directory_path() / ("segue-mail-" + std::to_string(::getpid()))).string();
  const auto sender = folder_sender(folder);
  for (const auto* text : {"first", "again"})
    EXPECT_EQ(sender->send({.name = "1-7", .from = "a@b.co", .to = "c@d.co", .text = text}).handover, Handover::taken);
  std::ifstream file(folder + "/1-7.eml");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "again");
  struct stat facts {};
  ASSERT_EQ(::stat((folder + "/1-7.eml").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(folder.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  std::filesystem::remove_all(folder);
  EXPECT_EQ(folder_sender("/nonexistent/mail")->send({.name = "x", .from = "", .to = "", .text = ""}).handover, Handover::failed);
}

}  // namespace
}  // namespace segue::mail
