#include "management/log_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace segue::management {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string text_of(const store::logs::Term& term) {
  static constexpr const char* kOps[] = {"=", "^", "~", "?", ">=", ">", "<=", "<"};
  return (term.negated ? "!" : "") + term.field + kOps[static_cast<int>(term.op)] + term.value;
}
// OR as |, AND as a blank.
std::string read(std::string_view q) {
  const auto query = parse_log_query(q);
  if (!query.ok()) return "refused: " + query.error().description;
  std::string out;
  for (const auto& terms : query->any_of) {
    if (&terms != &query->any_of.front()) out += " | ";
    for (const auto& term : terms) out += (&term == &terms.front() ? "" : " ") + text_of(term);
  }
  return out;
}

TEST(LogQuery, reads_a_field_and_a_value) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("type:sertft"), "type=sertft");
  EXPECT_EQ(read("type: s"), "type=s");
  EXPECT_EQ(read("user_id:auth0|123"), "user_id=auth0|123");
  EXPECT_EQ(read("ip:2001:db8::1"), "ip=2001:db8::1");
  EXPECT_EQ(read("description:\"Wrong email or password.\""), "description=Wrong email or password.");
  EXPECT_EQ(read(R"(user_name:"a \"b\" *")"), R"(user_name=a "b" *)");
  EXPECT_EQ(read(R"(user_name:a\ b\*)"), "user_name=a b*");
  EXPECT_EQ(read("user_id:\"\""), "user_id=");
  EXPECT_EQ(read("_exists_:user_id"), "user_id?");
  EXPECT_EQ(read("transfer_id:abc"), "transfer_id=abc");
}

TEST(LogQuery, combines_terms) {
  EXPECT_EQ(read("type:s AND ip:1.1.1.1"), "type=s ip=1.1.1.1");
  EXPECT_EQ(read("type:s OR type:f AND ip:1"), "type=s | type=f ip=1");
  EXPECT_EQ(read("(type:s OR type:f) AND ip:1"), "type=s ip=1 | type=f ip=1");
  EXPECT_EQ(read("type:(s OR f) AND NOT ip:(1 OR 2)"), "type=s !ip=1 !ip=2 | type=f !ip=1 !ip=2");
  EXPECT_EQ(read("NOT (type:s AND ip:1)"), "!type=s | !ip=1");
  EXPECT_EQ(read("NOT NOT type:s"), "type=s");
  EXPECT_EQ(read("type:s type:f"), "type=s | type=f");
  EXPECT_EQ(read("type:s && -ip:1 || !type:f"), "type=s !ip=1 | !type=f");
  EXPECT_EQ(read("type:s NOT ip:1"), "type=s !ip=1");
  EXPECT_EQ(read("NOT *"), "!type?");
}

TEST(LogQuery, reads_wildcards) {
  EXPECT_EQ(read("client_name:My*"), "client_name^My");
  EXPECT_EQ(read("user_id:*"), "user_id?");
  EXPECT_EQ(read("user_name:*example.com"), "user_name~*example.com");
  EXPECT_EQ(read("user_name:ada@*.com"), "user_name~ada@*.com");
  EXPECT_THAT(read("user_name:*ab"), HasSubstr("three characters"));
  EXPECT_THAT(read("user_name:*ab*"), HasSubstr("three characters"));
  EXPECT_THAT(read("user_name:a?b"), HasSubstr("? is not supported"));
}

TEST(LogQuery, reads_ranges) {
  EXPECT_EQ(read("log_id:[90020 TO *]"), "log_id>=90020");
  EXPECT_EQ(read("log_id:{a TO b]"), "log_id>a log_id<=b");
  EXPECT_EQ(read("log_id:[* TO b}"), "log_id<b");
  EXPECT_EQ(read("log_id:[* TO *]"), "log_id?");
  EXPECT_EQ(read("date:[2024-01-01 TO 2024-01-31]"), "date>=2024-01-01T00:00:00.000Z date<2024-02-01T00:00:00.000Z");
  EXPECT_EQ(read("date:{2024-01-01 TO 2024-01-31}"), "date>=2024-01-02T00:00:00.000Z date<2024-01-31T00:00:00.000Z");
  EXPECT_EQ(read("date:[\"2024-01-01T10:00:00.500Z\" TO 2024-01-01T11:00Z]"),
            "date>=2024-01-01T10:00:00.500Z date<2024-01-01T11:01:00.000Z");
  EXPECT_EQ(read("date:2024-01-01"), "date>=2024-01-01T00:00:00.000Z date<2024-01-02T00:00:00.000Z");
  EXPECT_EQ(read("NOT date:2024-01-01"), "!date>=2024-01-01T00:00:00.000Z | !date<2024-01-02T00:00:00.000Z");
}

TEST(LogQuery, searches_bare_terms_in_seven_fields) {
  EXPECT_EQ(read("Ada*"), "client_name^Ada | connection^Ada | description^Ada | ip^Ada | log_id^Ada | type^Ada | user_name^Ada");
  EXPECT_EQ(read("NOT x"), "!client_name=x !connection=x !description=x !ip=x !log_id=x !type=x !user_name=x");
}

TEST(LogQuery, refuses_what_it_cannot_serve_and_says_why) {
  for (const auto* const q : {"type:",
                              "AND",
                              "type:s AND",
                              "type:s OR",
                              "(type:s",
                              "type:s)",
                              "NOT",
                              "type:\"s",
                              "date:[a",
                              "date:[2024-01-01 2024-01-02]",
                              "date:yesterday",
                              "[a TO b]",
                              "type.raw:s",
                              "details.x:1",
                              "type:/s/",
                              "date:>2024-01-01",
                              "type:s~1",
                              "type:s^2",
                              "type:s\\",
                              "()",
                              "+type:s",
                              "log_id:[a* TO b]",
                              "ip:[1 TO 2"}) {
    EXPECT_THAT(read(q), StartsWith("refused: Query validation error: '")) << q;
  }
  EXPECT_THAT(read("details.x:1"), HasSubstr("Searchable fields: client_id"));
}

TEST(LogQuery, is_bounded) {
  EXPECT_THAT(read(std::string(5000, 'a')), HasSubstr("longer than"));
  EXPECT_THAT(read(std::string(200, '(') + "a" + std::string(200, ')')), HasSubstr("nested"));
  std::string nots;
  for (int i = 0; i < 500; ++i) nots += "NOT ";
  EXPECT_THAT(read(nots + "a"), HasSubstr("nested"));
  EXPECT_THAT(read("a AND b AND c AND d AND e"), HasSubstr("too complex"));
  std::string many = "ip:0";
  for (int i = 1; i < 400; ++i) many += " ip:" + std::to_string(i);
  EXPECT_TRUE(parse_log_query(many).ok());
  EXPECT_TRUE(parse_log_query("a AND b AND c").ok());
}

}  // namespace
}  // namespace segue::management
