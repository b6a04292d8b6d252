#include "http/caller_address.h"

#include <gtest/gtest.h>

namespace segue::http {
namespace {

ForwardingRules rules_for(std::string header, const std::vector<std::string>& networks) {
  ForwardingRules rules;
  rules.header = std::move(header);
  for (const auto& network : networks) rules.trusted_proxies.push_back(Network::parse(network).value());
  return rules;
}

TEST(CanonicalAddress, has_one_text_per_address) {
  EXPECT_EQ(canonical_address("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_address("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_address("::FFFF:c000:0201"), "192.0.2.1");
  EXPECT_EQ(canonical_address("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  for (const auto* text :
       {"", "localhost", "192.0.2", "192.0.2.256", "192.0.2.01", "0x7f.1", "[::1]", "fe80::1%eth0", " ::1", "1.2.3.4:5"}) {
    EXPECT_EQ(canonical_address(text), std::nullopt) << text;
  }
}

TEST(Network, contains_by_prefix) {
  const auto contains = [](std::string_view cidr, std::string_view address) {
    return Network::parse(cidr).value().contains(address);
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("192.168.16.0/20", "192.168.31.255"));
  EXPECT_FALSE(contains("192.168.16.0/20", "192.168.32.0"));
  EXPECT_TRUE(contains("::1", "::1"));
  EXPECT_FALSE(contains("::1", "::2"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  for (const auto* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "ten", "::ffff:10.0.0.0/8"}) {
    EXPECT_FALSE(Network::parse(text).ok()) << text;
  }
}

struct Case {
  const char* peer;
  std::vector<std::string> headers;
  const char* expected;
};

void check(const std::string& header, const std::vector<std::string>& trusted, const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    Request request;
    request.peer_address = c.peer;
    std::string shown;
    for (const auto& value : c.headers) {
      request.headers.add(header, value);
      shown += value + " | ";
    }
    EXPECT_EQ(caller_address(request, rules_for(header, trusted)), c.expected) << c.peer << " <- " << shown;
  }
}

TEST(CallerAddress, of_an_untrusted_peer_is_the_peer) {
  check("x-forwarded-for", {}, {{"203.0.113.5", {"198.51.100.1"}, "203.0.113.5"}, {"", {"198.51.100.1"}, ""}});
  check("x-forwarded-for", {"10.0.0.0/8"}, {{"203.0.113.5", {"198.51.100.1"}, "203.0.113.5"}});
}

TEST(CallerAddress, is_the_right_most_hop_that_is_no_trusted_proxy) {
  check("x-forwarded-for", {"10.0.0.0/8", "::1"},
        {
            {"10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
            {"::1", {"198.51.100.1"}, "198.51.100.1"},
            {"::ffff:10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
            {"10.0.0.1", {"1.1.1.1, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
            {"10.0.0.1", {"1.1.1.1", "198.51.100.1,10.0.0.2"}, "198.51.100.1"},
            {"10.0.0.1", {"198.51.100.1:4711"}, "198.51.100.1"},
            {"10.0.0.1", {"[2001:DB8::7]:4711"}, "2001:db8::7"},
            {"10.0.0.1", {"2001:db8::7"}, "2001:db8::7"},
            {"10.0.0.1", {"::ffff:198.51.100.1"}, "198.51.100.1"},
            {"10.0.0.1", {"198.51.100.1, ,"}, "198.51.100.1"},
            {"10.0.0.1", {"", " , 198.51.100.1 ,, ", ""}, "198.51.100.1"},
            {"10.0.0.1", {"\t198.51.100.1\t,\t10.0.0.2 "}, "198.51.100.1"},
            {"10.0.0.1", {"nonsense, 198.51.100.1"}, "198.51.100.1"},  // what the caller wrote to the left
        });
}

TEST(CallerAddress, walks_through_several_proxies_in_several_networks) {
  check("x-forwarded-for", {"10.0.0.0/8", "2001:db8:1::/48", "::ffff:192.0.2.0/120"},
        {
            {"10.0.0.1", {"198.51.100.1, 2001:db8:1::5, 10.9.9.9"}, "198.51.100.1"},
            {"2001:db8:1::5", {"2001:db8:2::7, 10.0.0.1"}, "2001:db8:2::7"},
            {"2001:db8:1::5", {"[2001:db8:2::7]:1, [2001:db8:1::9]:2", "10.0.0.1:3"}, "2001:db8:2::7"},
            {"192.0.2.200", {"198.51.100.1"}, "198.51.100.1"},
            {"::ffff:192.0.2.200", {"198.51.100.1, ::ffff:10.0.0.1"}, "198.51.100.1"},
            {"10.0.0.1", {"6.6.6.6, 203.0.113.1, 10.0.0.2"}, "203.0.113.1"},  // a proxy of somebody else counts as the caller
            {"2001:db8:2::7", {"198.51.100.1"}, "2001:db8:2::7"},
        });
  check("forwarded", {"10.0.0.0/8", "2001:db8:1::/48"},
        {
            {"2001:db8:1::5", {"for=198.51.100.1, for=\"[2001:db8:1::9]:_x\"", "for=10.0.0.3;proto=https"}, "198.51.100.1"},
            {"10.0.0.1", {"for=_a, for=198.51.100.1, for=10.0.0.9"}, "198.51.100.1"},
        });
}

TEST(CallerAddress, is_unknown_when_a_trusted_proxy_names_no_address) {
  check("x-forwarded-for", {"10.0.0.0/8"},
        {
            {"10.0.0.1", {}, ""},
            {"10.0.0.1", {""}, ""},
            {"10.0.0.1", {"unknown"}, ""},
            {"10.0.0.1", {"198.51.100.1, unknown"}, ""},
            {"10.0.0.1", {"198.51.100.1, unknown, 10.0.0.2"}, ""},
            {"10.0.0.1", {"198.51.100.1:http"}, ""},
            {"10.0.0.1", {"\"198.51.100.1\""}, ""},
            {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, ""},
        });
}

TEST(CallerAddress, reads_the_forwarded_header) {
  check("forwarded", {"10.0.0.0/8"},
        {
            {"10.0.0.1", {"for=198.51.100.1"}, "198.51.100.1"},
            {"10.0.0.1", {"For=\"198.51.100.1:47011\";proto=https;by=10.0.0.1"}, "198.51.100.1"},
            {"10.0.0.1", {"proto=https; for=\"[2001:db8:cafe::17]:4711\""}, "2001:db8:cafe::17"},
            {"10.0.0.1", {"for=\"[2001:db8:cafe::17]\", for=10.0.0.9"}, "2001:db8:cafe::17"},
            {"10.0.0.1", {"for=1.1.1.1", "for=198.51.100.1"}, "198.51.100.1"},
            {"10.0.0.1", {"for=\"198.51.\\100.1\""}, "198.51.100.1"},
            {"10.0.0.1", {"for=198.51.100.1;host=\"a,b;c\""}, "198.51.100.1"},
            {"10.0.0.1", {"for=\"198.51.100.1:_http\""}, "198.51.100.1"},  // RFC 7239 §6: an obfuscated port
            {"10.0.0.1", {"for=\"[::ffff:198.51.100.1]:80\""}, "198.51.100.1"},
            {"10.0.0.1", {"for=\"198.51.100.1:_\""}, ""},
            {"10.0.0.1", {"for=\"198.51.100.1:_a b\""}, ""},
            {"10.0.0.1", {"for=\"unknown:80\""}, ""},
            {"10.0.0.1", {"for=\"\""}, ""},
            {"10.0.0.1", {"for=\"[198.51.100.1]\""}, ""},
            {"10.0.0.1", {"for=unknown"}, ""},
            {"10.0.0.1", {"for=_hidden"}, ""},
            {"10.0.0.1", {"for=1.1.1.1, for=_hidden"}, ""},
            {"10.0.0.1", {"proto=https"}, ""},
            {"10.0.0.1", {"for=1.1.1.1;for=2.2.2.2"}, ""},
            {"10.0.0.1", {"for = 1.1.1.1"}, ""},
        });
}

TEST(CallerAddress, cannot_be_chosen_with_an_open_quote) {
  check("forwarded", {"10.0.0.0/8"},
        {
            {"10.0.0.1", {"for=6.6.6.6;x=\"", "for=198.51.100.1"}, ""},
            {"10.0.0.1", {"for=6.6.6.6;x=\"", "for=\"198.51.100.1:80\""}, ""},
            {"10.0.0.1", {"for=6.6.6.6;x=\"", "for=\"198.51.100.1:80\"", "for=\"10.0.0.2:80\""}, ""},
        });
}

TEST(CallerAddress, ignores_the_header_that_is_not_configured) {
  Request request;
  request.peer_address = "10.0.0.1";
  request.headers.add("forwarded", "for=6.6.6.6");
  request.headers.add("x-forwarded-for", "198.51.100.1");
  EXPECT_EQ(caller_address(request, rules_for("x-forwarded-for", {"10.0.0.0/8"})), "198.51.100.1");
}

}  // namespace
}  // namespace segue::http
