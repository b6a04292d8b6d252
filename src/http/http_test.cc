#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"
#include "http/cookies.h"
#include "http/message.h"
#include "http/parameters.h"
#include "http/transport/listener.h"
#include "http/transport/response_text.h"

namespace segue::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(Headers, finds_the_first_value_and_all_values_in_order) {
  Headers headers;
  headers.add("a", "1");
  headers.add("b", "2");
  headers.add("a", "3");
  EXPECT_EQ(headers.find("a"), "1");
  EXPECT_EQ(headers.find("c"), std::nullopt);
  EXPECT_THAT(headers.find_all("a"), ElementsAre("1", "3"));
}

TEST(Headers, set_replaces_every_field_of_the_name) {
  Headers headers;
  headers.add("a", "1");
  headers.add("a", "2");
  headers.set("a", "3");
  EXPECT_THAT(headers.fields(), ElementsAre(Pair("a", "3")));
}

TEST(Responses, carry_their_content_type_and_a_redirect_is_not_stored) {
  EXPECT_EQ(json_response(200, "{}").headers.find("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(html_response(200, "").headers.find("content-type"), "text/html; charset=utf-8");
  const auto redirect = redirect_response("https://a.example/");
  EXPECT_EQ(redirect.status, 302);
  EXPECT_EQ(redirect.headers.find("location"), "https://a.example/");
  EXPECT_EQ(redirect.headers.find("cache-control"), "no-store");
  EXPECT_EQ(continue_on(Lane::hashing).moves_to, Lane::hashing);
}

TEST(Parameters, are_decoded_in_their_order) {
  const auto parameters = Parameters::parse("a=1&b=x+y%2Bz&&c&d=%C3%A4&e=p=q");
  ASSERT_TRUE(parameters.ok());
  EXPECT_THAT(parameters->pairs(),
              ElementsAre(Pair("a", "1"), Pair("b", "x y+z"), Pair("c", ""), Pair("d", "ä"), Pair("e", "p=q")));
}

TEST(Parameters, refuse_bad_encodings_and_control_characters) {
  for (const auto* text : {"a=%", "a=%1", "a=%zz", "a=%FF", "a=%C0%80", "a=%00", "%00=a", "a=%1B", "a=%7F", "a=\x01"}) {
    const auto parameters = Parameters::parse(text);
    ASSERT_FALSE(parameters.ok()) << text;
    EXPECT_EQ(parameters.error().code, "invalid_request");
  }
  EXPECT_TRUE(Parameters::parse("a=%09%0D%0A").ok());
}

TEST(Parameters, refuse_more_than_200_pairs) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "a=1&";
  EXPECT_TRUE(Parameters::parse(text).ok());
  EXPECT_FALSE(Parameters::parse(text + "b=1").ok());
}

// RFC 6749 §3.1.
TEST(Parameters, find_only_what_stands_once_and_is_not_empty) {
  const auto parameters = Parameters::parse("one=1&two=1&two=2&empty=");
  ASSERT_TRUE(parameters.ok());
  EXPECT_EQ(parameters->find("one"), "1");
  EXPECT_EQ(parameters->find("two"), std::nullopt);
  EXPECT_EQ(parameters->find("empty"), std::nullopt);
  EXPECT_TRUE(parameters->has("empty"));
  EXPECT_FALSE(parameters->has("none"));
  EXPECT_EQ(parameters->first_duplicate(), "two");
}

TEST(Parameters, append_to_a_uri_behind_what_it_has) {
  Parameters parameters;
  parameters.add("code", "a b&c");
  EXPECT_EQ(append_query("https://a/cb", parameters), "https://a/cb?code=a%20b%26c");
  EXPECT_EQ(append_query("https://a/cb?x=1", parameters), "https://a/cb?x=1&code=a%20b%26c");
  EXPECT_EQ(append_query("https://a/cb?", parameters), "https://a/cb?code=a%20b%26c");
  EXPECT_EQ(append_query("https://a/cb?x=1#top", parameters), "https://a/cb?x=1&code=a%20b%26c#top");
  EXPECT_EQ(append_fragment("https://a/cb?x=1", parameters), "https://a/cb?x=1#code=a%20b%26c");
  parameters.remove("code");
  EXPECT_EQ(append_query("https://a/cb", parameters), "https://a/cb");
}

TEST(Cookies, every_value_of_a_name_is_found_in_order) {
  Request request;
  request.headers.add("cookie", "auth0=first; other=x;auth0=second; xauth0=no; bare");
  request.headers.add("cookie", "auth0=a=b; Auth0=upper");
  EXPECT_THAT(cookie_values(request, "auth0"), ElementsAre("first", "second", "a=b"));
  EXPECT_THAT(cookie_values(request, "none"), ElementsAre());
}

TEST(Cookies, are_secure_and_http_only) {
  Response response;
  set_cookie(response, {.name = "auth0", .value = "abc"});
  EXPECT_EQ(response.headers.find("set-cookie"), "auth0=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
  Response second;
  set_cookie(second,
             {.name = "a", .value = "b", .expires = base::from_seconds(0), .same_site = SameSite::none, .domain = "x.example"});
  EXPECT_EQ(second.headers.find("set-cookie"),
            "a=b; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=x.example; Secure; HttpOnly; SameSite=None");
  Response third;
  set_cookie(third, {.name = "a", .value = "b", .same_site = SameSite::unset});
  EXPECT_EQ(third.headers.find("set-cookie"), "a=b; Path=/; Secure; HttpOnly");
}

TEST(Cookies, an_expired_cookie_has_no_value) {
  Response response;
  expire_cookie(response, "auth0");
  EXPECT_THAT(std::string(*response.headers.find("set-cookie")),
              HasSubstr("auth0=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"));
}

TEST(Cookies, cannot_carry_an_attribute_or_a_header) {
  Response response;
  for (const auto* value : {"a; Domain=evil.example", "a\r\nx: y", "a b", "a,b"}) {
    EXPECT_THROW(set_cookie(response, {.name = "n", .value = value}), base::Bug) << value;
  }
  EXPECT_TRUE(response.headers.fields().empty());
}

std::string written(const Response& response, const transport::WriteOptions& options = {}) {
  std::string out;
  return transport::append_response(out, response, options) ? out : "refused";
}

TEST(ResponseText, is_one_head_and_one_body) {
  EXPECT_EQ(written(json_response(200, "{}")),
            "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 2\r\n\r\n{}");
  EXPECT_EQ(written(empty_response(404), {.closes = true, .date = "now"}),
            "HTTP/1.1 404 Not Found\r\ndate: now\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

TEST(ResponseText, of_a_head_request_has_the_length_and_no_body) {
  const auto text = written(json_response(200, "{}"), {.to_head = true});
  EXPECT_THAT(text, HasSubstr("content-length: 2\r\n\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("{}")));
}

TEST(ResponseText, of_204_has_neither_length_nor_body) {
  EXPECT_EQ(written(empty_response(204)), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(ResponseText, alone_frames_the_message) {
  Response response = empty_response(200);
  response.headers.add("content-length", "99");
  response.headers.add("transfer-encoding", "chunked");
  EXPECT_EQ(written(response), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
}

TEST(ResponseText, never_writes_a_line_break_of_a_field) {
  for (const auto& value : std::vector<std::string>{"a\r\nset-cookie: x", "a\nb", "a\rb", {"a\0b", 3}}) {
    Response response = redirect_response(value);
    EXPECT_EQ(written(response), "refused");
  }
  Response response;
  response.headers.add("x: y\r\nz", "a");
  EXPECT_EQ(written(response), "refused");
  EXPECT_EQ(written(empty_response(99)), "refused");
}

TEST(FileLimit, is_raised_to_the_hard_limit) { EXPECT_GT(transport::raise_file_limit(), 0U); }

}  // namespace
}  // namespace segue::http
