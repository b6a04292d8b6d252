#include "management/backchannel_logout_rules.h"

#include <gtest/gtest.h>

#include "management/client_rules.h"
#include "model/client.h"

namespace segue::management {
namespace {

json::object with_url(const std::string& url) {
  return {{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{url}}}}};
}
std::string refusal(const json::object& document, bool allow_private = false) {
  const auto outcome = check_client(document, allow_private);
  return outcome.ok() ? "" : outcome.error().description;
}

TEST(BackchannelLogoutRules, take_one_url_of_a_public_host) {
  for (const auto* url : {"https://app.example.com/backchannel-logout", "https://app.example.com:8443/", "https://8.8.8.8/logout",
                          "https://[2606:4700:4700::1111]/logout", "https://app.example.com./a?b=c"}) {
    EXPECT_EQ(refusal(with_url(url)), "") << url;
  }
  EXPECT_EQ(refusal({{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{}}}}}), "");
}

TEST(BackchannelLogoutRules, refuse_hosts_that_only_this_machine_or_its_network_knows) {
  for (const auto* url :
       {"https://localhost/", "https://localhost:3000/", "https://LOCALHOST./", "https://app.localhost/", "https://127.0.0.1/",
        "https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://1.0x7f000001/", "https://10.0.0.1/",
        "https://169.254.169.254/latest", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fd00::1]:443/",
        "https://intranet/", "https://db.internal/", "https://printer.local/"}) {
    EXPECT_EQ(refusal(with_url(url)),
              "oidc_logout.backchannel_logout_urls: a public host is needed, not this machine or a private network")
        << url;
    EXPECT_EQ(refusal(with_url(url), true), "") << url;
  }
}

TEST(BackchannelLogoutRules, refuse_two_urls_placeholders_and_users) {
  EXPECT_NE(refusal({{"oidc_logout",
                      json::object{{"backchannel_logout_urls", json::array{"https://a.example.com", "https://b.example.com"}}}}}),
            "");
  for (const auto* url : {"https://{organization_name}.example.com/", "https://ada:secret@app.example.com/", "app"}) {
    EXPECT_NE(refusal(with_url(url), true), "") << url;
  }
}

TEST(BackchannelLogoutRules, read_the_old_name_as_the_new_one_and_refuse_both) {
  const json::object setting{{"backchannel_logout_urls", json::array{"https://a.example.com/"}}};
  const auto renamed = with_current_logout_name({{"name", "n"}, {"oidc_backchannel_logout", setting}});
  ASSERT_TRUE(renamed.ok());
  EXPECT_EQ(*renamed, (json::object{{"name", "n"}, {"oidc_logout", setting}}));
  EXPECT_FALSE(with_current_logout_name({{"oidc_logout", setting}, {"oidc_backchannel_logout", setting}}).ok());
}

TEST(BackchannelLogoutRules, tell_of_rp_and_idp_logout_always_and_of_the_rest_when_selected) {
  const auto told = [](const char* setting, std::string_view initiator) {
    return model::client_from_document("c", {{"oidc_logout", *json::parse(setting)}}).backchannel_logout.is_told_of(initiator);
  };
  const auto* const plain = R"({"backchannel_logout_urls":["https://a.example.com/"]})";
  EXPECT_TRUE(told(plain, "rp-logout"));
  EXPECT_TRUE(told(plain, "idp-logout"));
  EXPECT_FALSE(told(plain, "session-revoked"));
  const auto* const custom =
      R"({"backchannel_logout_urls":["https://a.example.com/"],"backchannel_logout_initiators":{"mode":"custom","selected_initiators":["session-revoked"]}})";
  EXPECT_TRUE(told(custom, "rp-logout"));
  EXPECT_TRUE(told(custom, "session-revoked"));
  EXPECT_FALSE(told(custom, "password-changed"));
  const auto* const all =
      R"({"backchannel_logout_urls":["https://a.example.com/"],"backchannel_logout_initiators":{"mode":"all"}})";
  EXPECT_TRUE(told(all, "account-deactivated"));
  EXPECT_FALSE(told(R"({"backchannel_logout_initiators":{"mode":"all"}})", "rp-logout"));
}

}  // namespace
}  // namespace segue::management
