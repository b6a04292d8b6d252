#include "http/transport/head.h"

#include <gtest/gtest.h>

namespace segue::http::transport {
namespace {

using namespace std::string_view_literals;

TEST(HeadEnd, is_found_wherever_the_bytes_were_cut) {
  const auto text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest"sv;
  const std::size_t size = text.size() - 4;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto first = find_head_end(text.substr(0, cut), 0);
    if (cut < size) {
      ASSERT_EQ(first.state, HeadEnd::State::incomplete) << cut;
      const auto second = find_head_end(text, first.size);
      ASSERT_EQ(second.state, HeadEnd::State::complete) << cut;
      ASSERT_EQ(second.size, size) << cut;
    } else {
      ASSERT_EQ(first.state, HeadEnd::State::complete) << cut;
      ASSERT_EQ(first.size, size) << cut;
    }
  }
}

TEST(HeadEnd, a_bare_line_feed_is_malformed) {
  for (const auto text : {"\n"sv, "GET / HTTP/1.1\n"sv, "GET / HTTP/1.1\r\nHost: a\n\n"sv, "GET / HTTP/1.1\r\nHost: a\n\r\n"sv}) {
    EXPECT_EQ(find_head_end(text, 0).state, HeadEnd::State::malformed) << text;
  }
}

TEST(Lines, of_a_strict_head_are_accepted) {
  EXPECT_TRUE(lines_are_strict("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(lines_are_strict("GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Tab: a\tb\r\nX-Utf8: \xC3\xA4\r\n\r\n"));
}

TEST(Lines, that_proxies_read_differently_are_refused) {
  for (const auto head : {
           "GET / HTTP/1.1\r\nHost : a\r\n\r\n"sv,            // white space before the colon
           "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"sv,  // obs-fold
           "GET / HTTP/1.1\r\n Host: a\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a\x7F\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nno colon\r\n\r\n"sv,
           "GET / HTTP/1.1\r\n: empty name\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nX(y): a\r\n\r\n"sv,
           "GET  / HTTP/1.1\r\n\r\n"sv,
           "GET /\tx HTTP/1.1\r\n\r\n"sv,
       }) {
    EXPECT_FALSE(lines_are_strict(head)) << head;
  }
}

struct Finished {
  std::optional<Refusal> refusal;
  Request request;
  Framing framing;
};

Finished finish(std::string_view target, std::vector<std::pair<std::string, std::string>> headers,
                std::string_view method = "GET") {
  Finished result;
  for (auto& [name, value] : headers) result.request.headers.add(name, value);
  result.refusal = finish_head(method, target, result.request, result.framing);
  return result;
}

TEST(Host, is_lower_case_without_the_default_port) {
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, std::string>>{{"Auth.Example.COM", "auth.example.com"},
                                                        {"a.example:443", "a.example"},
                                                        {"a.example:8443", "a.example:8443"},
                                                        {"127.0.0.1:1", "127.0.0.1:1"},
                                                        {"[::1]:443", "[::1]"},
                                                        {"[2001:DB8::1]:80", "[2001:db8::1]:80"}}) {
    const auto result = finish("/", {{"host", text}});
    ASSERT_FALSE(result.refusal) << text;
    EXPECT_EQ(result.request.host, expected);
  }
}

TEST(Host, must_stand_once_and_be_a_host) {
  EXPECT_EQ(finish("/", {}).refusal->status, 400);
  EXPECT_EQ(finish("/", {{"host", "a"}, {"host", "a"}}).refusal->status, 400);
  for (const auto* text :
       {"", "a b", "a/b", "user@a", "a:", "a:b", "a:123456", "[::1", "[::1]x", "[]", "a,b", "a?b", "a#b", "\xC3\xA4"}) {
    const auto result = finish("/", {{"host", text}});
    ASSERT_TRUE(result.refusal) << text;
    EXPECT_EQ(result.refusal->status, 400);
  }
}

TEST(Target, is_split_and_its_repeated_slashes_are_one) {
  const auto result = finish("//api//v2///users/auth0|1/?q=a//b?c", {{"host", "a"}});
  ASSERT_FALSE(result.refusal);
  EXPECT_EQ(result.request.path, "/api/v2/users/auth0|1/");
  EXPECT_EQ(result.request.query, "q=a//b?c");
}

TEST(Target, in_absolute_form_must_agree_with_the_host) {
  EXPECT_EQ(finish("https://A.example/x?y", {{"host", "a.example:443"}}).request.path, "/x");
  EXPECT_EQ(finish("http://a.example", {{"host", "a.example"}}).request.path, "/");
  EXPECT_EQ(finish("http://a.example?q", {{"host", "a.example"}}).request.query, "q");
  for (const auto* target :
       {"https://b.example/x", "https://user@a.example/x", "ftp://a.example/", "a.example:443", "x", "*", "https:///x"}) {
    const auto result = finish(target, {{"host", "a.example"}});
    ASSERT_TRUE(result.refusal) << target;
    EXPECT_EQ(result.refusal->status, 400);
  }
}

TEST(Target, with_doubtful_characters_is_refused) {
  for (const auto* target : {"/a#b", "/a\\b", "/a<b", "/a\x01", "/a\xC3\xA4", "/a%00b", "/a\x7F"}) {
    EXPECT_TRUE(finish(target, {{"host", "a"}}).refusal) << target;
  }
}

TEST(Framing, that_can_be_read_in_two_ways_is_refused) {
  const std::pair<std::string, std::string> host{"host", "a"};
  using Fields = std::vector<std::pair<std::string, std::string>>;
  for (const auto& fields :
       {Fields{host, {"content-length", "5"}, {"transfer-encoding", "chunked"}},
        Fields{host, {"content-length", "5"}, {"content-length", "6"}},
        Fields{host, {"content-length", "5"}, {"content-length", "5"}}, Fields{host, {"content-length", "5, 5"}},
        Fields{host, {"content-length", "+5"}}, Fields{host, {"content-length", "-1"}}, Fields{host, {"content-length", "0x5"}},
        Fields{host, {"content-length", ""}}, Fields{host, {"transfer-encoding", "gzip, chunked"}},
        Fields{host, {"transfer-encoding", "chunked, identity"}}, Fields{host, {"transfer-encoding", "identity"}},
        Fields{host, {"transfer-encoding", "xchunked"}}, Fields{host, {"transfer-encoding", ""}},
        Fields{host, {"transfer-encoding", "chunked"}, {"transfer-encoding", "chunked"}}}) {
    const auto result = finish("/", fields, "POST");
    ASSERT_TRUE(result.refusal) << fields.back().second;
    EXPECT_EQ(result.refusal->status, 400);
  }
  EXPECT_TRUE(finish("/", {host, {"transfer-encoding", "Chunked"}}, "POST").framing.chunked);
}

TEST(Expectations, other_than_continue_are_refused) {
  EXPECT_EQ(finish("/", {{"host", "a"}, {"expect", "magic"}}).refusal->status, 417);
  EXPECT_TRUE(finish("/", {{"host", "a"}, {"expect", "100-Continue"}, {"content-length", "1"}}, "POST").framing.wants_continue);
  EXPECT_FALSE(finish("/", {{"host", "a"}, {"expect", "100-continue"}}).framing.wants_continue);
}

TEST(Methods, that_tunnel_or_echo_are_refused) {
  EXPECT_EQ(finish("a:443", {{"host", "a"}}, "CONNECT").refusal->status, 405);
  EXPECT_EQ(finish("/", {{"host", "a"}}, "TRACE").refusal->status, 405);
}

}  // namespace
}  // namespace segue::http::transport
