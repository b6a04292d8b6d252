#include "outbound/address_rules.h"

#include <gtest/gtest.h>

#include "http/caller_address.h"

namespace segue::outbound {
namespace {

bool is_public(std::string_view text) { return is_public_address(http::canonical_address(text).value_or("")); }

TEST(AddressRules, let_public_addresses_through) {
  for (const auto* text :
       {"8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

TEST(AddressRules, refuse_private_loopback_link_local_shared_and_reserved_addresses) {
  for (const auto* text :
       {"0.0.0.0",      "0.1.2.3",         "10.0.0.1",        "10.255.255.255",  "100.64.0.0", "100.127.255.255",
        "127.0.0.1",    "127.255.255.254", "169.254.169.254", "169.254.0.1",     "172.16.0.1", "172.31.255.255",
        "192.0.0.8",    "192.0.2.1",       "192.88.99.1",     "192.168.0.1",     "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9",     "224.0.0.1",       "239.255.255.255", "240.0.0.1",  "255.255.255.255"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(AddressRules, refuse_ipv6_that_is_not_global_unicast_or_hides_an_ipv4_address) {
  for (const auto* text : {"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
                           "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1",
                           "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(AddressRules, refuse_what_is_no_address) {
  for (const auto* text : {"", "localhost", "2130706433", "0x7f.1", "127.1"}) EXPECT_FALSE(is_public_address(text)) << text;
}

}  // namespace
}  // namespace segue::outbound
