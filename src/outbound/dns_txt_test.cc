#include "outbound/dns_txt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/dns_server.h"

namespace segue::outbound {
namespace {

using namespace std::chrono_literals;
using test::DnsServer;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kName = "_segue-challenge.login.acme.example";

TxtRecords::Found asked_of(const DnsServer& server, const std::string& name = kName, std::chrono::milliseconds limit = 5s) {
  return DnsTxt({.servers = server.address(), .time_limit = limit}).look_up(name);
}
TxtRecords::Found answered(DnsServer::Answer answer, std::chrono::milliseconds limit = 5s) {
  const DnsServer server([&](const std::string&) { return answer; });
  return asked_of(server, kName, limit);
}

TEST(DnsTxt, puts_the_strings_of_a_record_together_and_keeps_records_apart) {
  const DnsServer server([](const std::string&) {
    return DnsServer::Answer{.records = {{"v=spf1 -all"}, {"segue-domain-", "verification=", "abc"}, {""}, {"a\nb"}}};
  });
  const auto found = asked_of(server);
  EXPECT_EQ(found.problem, "");
  EXPECT_THAT(found.values, ElementsAre("v=spf1 -all", "segue-domain-verification=abc", "", "a\nb"));
  EXPECT_THAT(server.asked(), ElementsAre(kName)) << "the very name, and no other";
}

TEST(DnsTxt, finds_nothing_where_there_is_no_name_or_no_record) {
  for (const int code : {0, 3}) {
    const auto found = answered({.code = code});
    EXPECT_EQ(found.problem, "");
    EXPECT_THAT(found.values, IsEmpty());
  }
}

TEST(DnsTxt, tells_that_nothing_is_known_from_that_there_is_nothing) {
  EXPECT_EQ(answered({.code = 2}).problem, "no name server could answer");
  EXPECT_EQ(answered({.silent = true}, 60ms).problem, "no name server answered in time");
  // Random bytes, and a header that promises a record that is cut off.
  for (const auto& bytes : {std::string(40, '\xff'), std::string("\x81\x80\0\1\0\1\0\0\0\0\1x\0\0\x10\0\1\xc0\x0c\0\x10", 21)}) {
    const auto found = answered({.instead = bytes}, 60ms);
    EXPECT_NE(found.problem, "");
    EXPECT_THAT(found.values, IsEmpty());
  }
  EXPECT_NE(DnsTxt({.servers = "127.0.0.1:1", .time_limit = 2s}).look_up(kName).problem, "");
}

TEST(DnsTxt, asks_for_no_name_that_cannot_be_one) {
  const DnsServer server([](const std::string&) { return DnsServer::Answer{.records = {{"x"}}}; });
  for (const auto& name : {std::string(64, 'a') + ".example", std::string("a..example"), std::string(400, 'a')}) {
    EXPECT_NE(asked_of(server, name).problem, "") << name;
  }
  EXPECT_THAT(server.asked(), IsEmpty());
}

}  // namespace
}  // namespace segue::outbound
