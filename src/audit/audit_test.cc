#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/event.h"
#include "base/bytes.h"
#include "base/text.h"

namespace segue::audit {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr base::Instant kNow = base::from_micros(1'778'256'056'685'123);

json::object parsed(const Event& event) {
  auto record = json::parse(to_record(event, kNow));
  return record.ok() ? record->get_object() : json::object{{"broken", record.error().description}};
}

std::vector<std::string> names_of(const json::object& o) {
  std::vector<std::string> out;
  for (const auto& member : o) out.emplace_back(member.key());
  return out;
}

TEST(NormalisedUserAgent, names_browser_and_system) {
  const std::pair<const char*, const char*> table[] = {
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
       "Chrome 120.0.0 / Mac OS X 10.15.7"},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 "
       "Edg/120.0.2210.91",
       "Edge 120.0.2210 / Windows 10.0.0"},
      {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox 121.0.0 / Ubuntu 0.0.0"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
       "Safari 17.2.0 / Mac OS X 10.15.7"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
       "Mobile/15E148 Safari/604.1",
       "Mobile Safari 17.1.0 / iOS 17.1.2"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
       "Mobile Safari UI/WKWebView 605.1.15 / iOS 17.1.2"},
      {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.43 Mobile "
       "Safari/537.36",
       "Chrome Mobile 120.0.6099 / Android 14.0.0"},
      {"Mozilla/5.0 (Linux; Android 13; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 "
       "Mobile Safari/537.36",
       "Samsung Internet 23.0.0 / Android 13.0.0"},
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.6099.71 Safari/537.36",
       "HeadlessChrome 120.0.6099 / Linux 0.0.0"},
      {"Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "IE 11.0.0 / Windows 6.1.0"},
      {"curl/7.88.1", "curl 7.88.1 / Other 0.0.0"},
      {"MyApp/1 CFNetwork/1410.0.3 Darwin/22.6.0", "CFNetwork 1410.0.3 / Darwin 22.6.0"},
      {"", "Other 0.0.0 / Other 0.0.0"},
      {"<script>alert(1)</script>", "Other 0.0.0 / Other 0.0.0"},
      {"Chrome/99999999999999999999.1 (Windows NT <b>)", "Chrome 999999.1.0 / Windows 0.0.0"},
  };
  for (const auto& [header, expected] : table) EXPECT_EQ(normalised_user_agent(header), expected) << header;
}

TEST(NormalisedUserAgent, tells_mobile_devices) {
  EXPECT_TRUE(is_mobile("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X)"));
  EXPECT_TRUE(is_mobile("Dalvik/2.1.0 (Linux; U; Android 14)"));
  EXPECT_FALSE(is_mobile("Mozilla/5.0 (X11; Linux x86_64)"));
  EXPECT_FALSE(is_mobile(""));
}

TEST(Record, has_the_members_of_the_contract_in_its_order) {
  const auto record = parsed({.type = "sertft",
                              .description = "d",
                              .client_id = "c",
                              .client_name = "n",
                              .ip = "1.1.1.1",
                              .client_ip = "2.2.2.2",
                              .user_agent = "curl/7.88.1",
                              .user_id = "u",
                              .user_name = "un",
                              .connection = "co",
                              .connection_id = "ci",
                              .strategy = "auth0",
                              .strategy_type = "database",
                              .organization_id = "o",
                              .hostname = "h",
                              .audience = "a",
                              .scope = "openid",
                              .transfer_id = "t",
                              .details = {{"familyId", "f"}}});
  EXPECT_THAT(names_of(record), ::testing::ElementsAre("date", "type", "description", "connection", "connection_id", "client_id",
                                                       "client_name", "ip", "client_ip", "user_agent", "details", "hostname",
                                                       "user_id", "user_name", "organization_id", "audience", "scope", "strategy",
                                                       "strategy_type", "$event_schema", "isMobile", "transfer_id"));
  EXPECT_EQ(json::find_string(record, "date"), "2026-05-08T16:00:56.685Z");
  EXPECT_EQ(json::find_string(*json::find_object(record, "details"), "familyId"), "f");
}

TEST(Record, has_empty_texts_where_there_is_no_value) {
  const auto record = parsed({.type = "f"});
  for (const auto* const name :
       {"description", "connection", "connection_id", "client_id", "client_name", "ip", "user_id", "user_name"}) {
    EXPECT_EQ(json::find_string(record, name), "") << name;
  }
  for (const auto* const name : {"transfer_id", "auth0_client", "organization_id", "client_ip", "log_id"}) {
    EXPECT_EQ(json::find(record, name), nullptr) << name;
  }
}

TEST(Record, keeps_hostile_text_inside_its_string) {
  const std::string hostile("\",\"type\":\"s\x01\n<script>\\", 22);
  const auto record = parsed({.type = "f", .description = hostile, .user_agent = hostile, .user_name = hostile});
  EXPECT_EQ(json::find_string(record, "type"), "f");
  EXPECT_EQ(json::find_string(record, "description"), hostile);
  EXPECT_EQ(json::find_string(record, "user_name"), hostile);
  EXPECT_EQ(json::find_string(record, "user_agent"), "Other 0.0.0 / Other 0.0.0");
}

TEST(Record, is_valid_utf8_whatever_came) {
  for (const auto* const bytes : {"\xff", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8"}) {
    const Event event{.type = "f", .description = bytes, .user_name = "ok \xf0\x9f\x94\x91", .details = {{"scope", bytes}}};
    EXPECT_TRUE(base::is_valid_utf8(to_record(event, kNow))) << bytes;
    EXPECT_EQ(json::find_string(parsed(event), "user_name"), "ok \xf0\x9f\x94\x91");
    EXPECT_THAT(json::find_string(parsed(event), "description").value_or(""), HasSubstr("\xef\xbf\xbd"));
  }
  EXPECT_EQ(json::find_string(parsed({.description = std::string("a\0b", 3)}), "description"),
            "a\xef\xbf\xbd"
            "b");
}

TEST(Record, is_bounded) {
  const std::string longest(100'000, 'x');
  Event event{
      .type = "f", .description = longest, .client_id = longest, .user_agent = longest, .user_name = longest, .scope = longest};
  event.details = {{"scope", longest}, {"familyId", "f"}};
  auto record = parsed(event);
  EXPECT_EQ(json::find_string(record, "description")->size(), 1024u);
  EXPECT_EQ(json::find_string(record, "user_name")->size(), 256u);
  EXPECT_EQ(json::find_string(*json::find_object(record, "details"), "scope")->size(), 256u);
  EXPECT_EQ(json::find_string(*json::find_object(record, "details"), "familyId"), "f");
  json::array many;
  for (int i = 0; i < 10'000; ++i) many.emplace_back("item");
  event.details = {{"items", many}};
  EXPECT_LT(to_record(event, kNow).size(), 16'384u);
  // A character is never cut.
  EXPECT_THAT(json::find_string(parsed({.user_name = std::string(255, 'x') + "\xc3\xbc"}), "user_name").value_or(""),
              EndsWith("x"));
}

TEST(Record, decodes_a_well_formed_auth0_client_only) {
  const std::string sdk = R"({"name":"auth0.swift","version":"2.5.0","env":{"iOS":"17.1","n":1},"secret":"x"})";
  for (const auto& header : {base::base64(sdk), base::base64url(sdk)}) {
    EXPECT_THAT(to_record({.auth0_client = header}, kNow),
                HasSubstr(R"("auth0_client":{"name":"auth0.swift","version":"2.5.0","env":{"iOS":"17.1"}},)"));
  }
  for (const auto& header :
       {std::string("%%%"), base::base64("[1]"), base::base64(R"({"name":1,"version":"2"})"), base::base64("{"),
        base::base64(R"({"name":"a","version":"1","x":")" + std::string(4000, 'x') + "\"}")}) {
    EXPECT_THAT(to_record({.auth0_client = header}, kNow), Not(HasSubstr("auth0_client"))) << header;
  }
}

}  // namespace
}  // namespace segue::audit
