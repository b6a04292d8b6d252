#include "app/config.h"

#include <gtest/gtest.h>

namespace segue::app {
namespace {

Environment with(std::string name, std::string value) {
  return [=](const std::string& asked) { return asked == name ? std::optional(value) : std::nullopt; };
}

TEST(Config, reads_a_file_with_sections) {
  const auto config =
      parse_config("[http]\ntrusted_proxies = ['10.0.0.0/8']\nidle_seconds = 5\n[outbound]\nallow_private = true\n");
  ASSERT_TRUE(config.ok()) << config.error().description;
  EXPECT_EQ(config->trusted_proxies, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(config->idle_seconds, 5);
  EXPECT_TRUE(config->outbound_allow_private);
  EXPECT_TRUE(config->gives("http.idle_seconds"));
  EXPECT_FALSE(config->gives("operator.listen"));
}

TEST(Config, takes_the_environment_over_the_file) {
  const auto config = parse_config("[log]\nlevel = 'warn'\n", with("SEGUE_LOG_LEVEL", "debug"));
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->log_level, "debug");
  const auto list = parse_config("", with("SEGUE_HTTP_TRUSTED_PROXIES", "10.0.0.0/8, ::1"));
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
}

TEST(Config, says_which_key_is_wrong_and_what_it_may_hold) {
  const auto text_of = [](std::string_view toml) { return parse_config(toml).error().description; };
  EXPECT_NE(text_of("[http]\nlisen = ':1'\n").find("line 2: there is no setting http.lisen"), std::string::npos);
  EXPECT_NE(text_of("[log]\nlevel = 'loud'\n").find("one of debug, info, warn, error"), std::string::npos);
  EXPECT_NE(text_of("[http]\nidle_seconds = 0\n").find("an integer from 1 to 3600"), std::string::npos);
  EXPECT_NE(text_of("[http]\ntrusted_proxies = ['10.0.0.0/33']\n").find("10.0.0.0/33"), std::string::npos);
  EXPECT_NE(text_of("[http]\nproxy_protocol = true\n").find("http.trusted_proxies"), std::string::npos);
  EXPECT_NE(text_of("[http]\ntls_key = 'a'\n").find("belong together"), std::string::npos);
  EXPECT_NE(text_of("[log]\nstream = 'a.log'\n").find("neither stdout nor a path"), std::string::npos);
  EXPECT_NE(text_of("[http\n").find("line 1"), std::string::npos);
  EXPECT_NE(text_of("actions = 1\n").find("actions"), std::string::npos);
}

TEST(Config, refuses_a_misspelt_variable_of_its_own_sections_only) {
  EXPECT_FALSE(parse_config("", {}, {"SEGUE_HTTP_TRUSTED_PROXY"}).ok());
  EXPECT_TRUE(parse_config("", {}, {"SEGUE_TEST_POSTGRES", "SEGUE_DATA", "PATH"}).ok());
}

TEST(Config, takes_settings_of_mail_that_go_together) {
  EXPECT_TRUE(parse_config("[mail]\nsmtp_url = 'smtps://mail.example:465'\nfrom = 'no-reply@example.com'\n").ok());
  EXPECT_TRUE(parse_config("[mail]\nfrom = 'no-reply@example.com'\n").ok());
  const auto text_of = [](std::string_view toml) { return parse_config("[mail]\n" + std::string(toml)).error().description; };
  EXPECT_NE(text_of("smtp_url = 'mail.example'\nfrom = 'a@b.co'\n").find("mail.smtp_url: smtp://HOST:PORT"), std::string::npos);
  EXPECT_NE(text_of("smtp_url = 'smtp://mail.example'\n").find("mail.from"), std::string::npos);
  EXPECT_NE(text_of("from = 'A <a@b.co>'\n").find("is no e-mail address"), std::string::npos);
  EXPECT_NE(text_of("username = 'a'\n").find("without mail.smtp_url"), std::string::npos);
  EXPECT_NE(text_of("smtp_url = 'smtp://mail.example'\nfrom = 'a@b.co'\nusername = 'a'\n").find("belong together"),
            std::string::npos);
}

TEST(Config, changes_on_reload_only_what_a_running_server_can_change) {
  Config running;
  const auto wanted = parse_config("[log]\nlevel = 'debug'\n[lanes]\nquick_threads = 3\n");
  EXPECT_EQ(apply_reload(running, *wanted), std::vector<std::string>{"lanes.quick_threads"});
  EXPECT_EQ(running.log_level, "debug");
  EXPECT_EQ(running.quick_threads, 64);
}

TEST(Config, understands_addresses_to_listen_on) {
  EXPECT_EQ(parse_listen_address(":8443", "x")->address, "0.0.0.0");
  EXPECT_EQ(parse_listen_address("[::1]:8443", "x")->address, "::1");
  EXPECT_EQ(parse_listen_address("127.0.0.1:0", "x")->port, 0);
  for (const auto* wrong : {"", "8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "example.com:1"}) {
    EXPECT_FALSE(parse_listen_address(wrong, "x").ok()) << wrong;
  }
}

}  // namespace
}  // namespace segue::app
