#include "json/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace segue::json {
namespace {

bool is_refused(std::string_view text) {
  const auto result = parse(text);
  if (result.ok()) return false;
  EXPECT_EQ(result.error().code, "invalid_request");
  EXPECT_EQ(result.error().kind, base::ErrorKind::invalid_input);
  return true;
}

object parse_object(std::string_view text) {
  auto result = parse(text);
  EXPECT_TRUE(result.ok()) << text;
  return result.ok() ? result->as_object() : object();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonParse, reads_what_write_gave) {
  for (const std::string_view text : {R"({"a":1,"b":[true,false,null],"c":{"d":"e"}})", "[]", "{}", "\"text\"", "-7", "null",
                                      "[{},{},[[]]]", R"({"a":{"x":1},"b":{"x":1}})", R"({"":1})", R"({"emoji":"😀"})"}) {
    const auto result = parse(text);
    ASSERT_TRUE(result.ok()) << text;
    EXPECT_EQ(write(*result), text);
  }
}

TEST(JsonParse, reads_escapes_and_surrounding_white_space) {
  EXPECT_EQ(find_string(parse_object(" \r\n\t{ \"a\" : \"\\u0041\\ud83d\\ude00\\n\\u0000\" } \n"), "a"),
            std::string("A\xF0\x9F\x98\x80\n\0", 7));
}

TEST(JsonParse, refuses_what_is_no_json) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "{'a':1}",
                                      "{a:1}",
                                      "nul",
                                      "01",
                                      "+1",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "NaN",
                                      "Infinity",
                                      "-",
                                      "\"",
                                      "\"\\x\"",
                                      "\"a\nb\"",
                                      "// comment\n1",
                                      "[1] // comment",
                                      "/**/1",
                                      "\xEF\xBB\xBF{}",
                                      "{\"a\" 1}",
                                      "{\"a\":}",
                                      "[1 2]"}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
}

TEST(JsonParse, refuses_anything_behind_the_document) {
  for (const std::string_view text : {"{}{}", "{} x", "1 2", "null,", "[]]", "\"a\"\"b\""}) EXPECT_TRUE(is_refused(text)) << text;
  EXPECT_TRUE(is_refused(std::string_view("{}\0", 3)));
}

TEST(JsonParse, refuses_a_member_name_that_occurs_twice_wherever_it_stands) {
  for (const std::string_view text :
       {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"([{"x":{"a":1,"a":2}}])", R"({"a":{"b":1,"c":2},"a":{}})",
        R"({"":1,"":2})", R"({"a":1,"\u0061":2})", R"({"a":{"b":{}, "b":{}}, "c":[]})", R"({"a":{"b":1,"b":2},"a":{"c":3}})"}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
  // Large objects are kept as hash tables inside Boost.JSON, which is other code than for small ones.
  std::string large = "{\"last\":0";
  for (int i = 0; i < 200; ++i) large += ",\"member" + std::to_string(i) + "\":" + std::to_string(i);
  EXPECT_FALSE(is_refused(large + "}"));
  EXPECT_TRUE(is_refused(large + ",\"member100\":1}"));
  EXPECT_TRUE(is_refused(large + ",\"last\":1}"));
}

TEST(JsonParse, takes_one_name_in_different_objects_and_names_that_differ_in_case) {
  EXPECT_FALSE(is_refused(R"({"a":{"a":{"a":1}},"A":[{"a":1},{"a":1}]})"));
}

TEST(JsonParse, refuses_a_nul_in_a_name_and_keeps_it_in_a_value) {
  EXPECT_TRUE(is_refused(R"({"a\u0000b":1})"));
  EXPECT_TRUE(is_refused(R"({"\u0000":1})"));
  EXPECT_TRUE(is_refused("{\"" + std::string(5000, 'x') + "\\u0000" + std::string(5000, 'y') + "\":1}"));
  EXPECT_TRUE(is_refused(std::string_view("{\"a\0\":1}", 9)));
  EXPECT_FALSE(is_refused(R"({"a":"\u0000"})"));
}

TEST(JsonParse, goes_32_levels_deep_and_no_further) {
  EXPECT_FALSE(is_refused(nested(32)));
  EXPECT_TRUE(is_refused(nested(33)));
  EXPECT_TRUE(is_refused(std::string(1'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_TRUE(is_refused(objects));
}

TEST(JsonParse, refuses_text_that_is_not_utf_8) {
  for (const std::string_view bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_TRUE(is_refused("\"" + std::string(bytes) + "\""));
    EXPECT_TRUE(is_refused("{\"" + std::string(bytes) + "\":1}"));
  }
  EXPECT_TRUE(is_refused(R"("\ud83d")"));
  EXPECT_TRUE(is_refused(R"("\ude00")"));
  EXPECT_TRUE(is_refused(R"("\ud83d\u0041")"));
}

TEST(JsonParse, takes_large_numbers_and_refuses_those_beyond_a_double) {
  EXPECT_EQ(parse("9223372036854775807")->as_int64(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse("-9223372036854775808")->as_int64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse("18446744073709551615")->as_uint64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_DOUBLE_EQ(parse("18446744073709551616")->as_double(), 18446744073709551616.0);
  EXPECT_DOUBLE_EQ(parse("1e300")->as_double(), 1e300);
  EXPECT_DOUBLE_EQ(parse("1e-999")->as_double(), 0);
  EXPECT_TRUE(is_refused("1e400"));
  EXPECT_TRUE(is_refused("-1e400"));
  EXPECT_TRUE(is_refused("1e99999999999999999999"));
  EXPECT_TRUE(is_refused("[" + std::string(5000, '9') + "]"));
}

TEST(JsonParse, takes_long_strings_and_names_whole) {
  const std::string text(100'000, 'x');
  const auto o = parse_object("{\"" + text + "\":\"" + text + "\\n" + text + "\"}");
  EXPECT_EQ(find_string(o, text), text + "\n" + text);
}

TEST(JsonFind, gives_members_of_the_asked_type_only) {
  const auto o = parse_object(R"({"s":"text","i":-3,"b":true,"o":{"x":1},"a":["p",1,"q"],"n":null})");
  EXPECT_EQ(find_string(o, "s"), "text");
  EXPECT_EQ(find_integer(o, "i"), -3);
  EXPECT_EQ(find_bool(o, "b"), true);
  ASSERT_NE(find_object(o, "o"), nullptr);
  EXPECT_EQ(find_integer(*find_object(o, "o"), "x"), 1);
  EXPECT_EQ(find_strings(o, "a"), (std::vector<std::string>{"p", "q"}));
  EXPECT_TRUE(find(o, "n")->is_null());
  EXPECT_EQ(find(o, "missing"), nullptr);
  for (const auto* const name : {"missing", "n", "o"}) {
    EXPECT_FALSE(find_string(o, name));
    EXPECT_FALSE(find_integer(o, name));
    EXPECT_FALSE(find_bool(o, name));
    EXPECT_TRUE(find_strings(o, name).empty());
  }
  EXPECT_EQ(find_object(o, "s"), nullptr);
}

TEST(JsonFind, reads_an_integer_however_it_is_written) {
  const auto o = parse_object(R"({"a":3600.0,"b":3.6e3,"c":0.5,"d":1e300,"e":18446744073709551615,"f":"1"})");
  EXPECT_EQ(find_integer(o, "a"), 3600);
  EXPECT_EQ(find_integer(o, "b"), 3600);
  for (const auto* const name : {"c", "d", "e", "f"}) EXPECT_FALSE(find_integer(o, name)) << name;
}

TEST(JsonFind, turns_strings_into_an_array_and_back) {
  const std::vector<std::string> items{"a", "", "ü"};
  object o;
  o["list"] = to_array(items);
  EXPECT_EQ(write(o), R"({"list":["a","","ü"]})");
  EXPECT_EQ(find_strings(o, "list"), items);
}

}  // namespace
}  // namespace segue::json
