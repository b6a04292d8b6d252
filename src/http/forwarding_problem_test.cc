#include "http/forwarding_problem.h"

#include <gtest/gtest.h>

namespace segue::http {
namespace {

using enum ForwardingProblem;

TEST(ForwardingProblem, is_a_contradiction_of_the_header_that_is_not_read_or_a_private_peer_that_nobody_named) {
  const std::string both = "198.51.100.7", other = "203.0.113.9";
  const struct {
    const char* peer;
    std::string forwarded_for, forwarded;
    ForwardingProblem expected;
  } cases[] = {
      {"10.0.0.1", both, "", none},
      {"10.0.0.1", both, "for=" + both, none},
      {"10.0.0.1", both, "for=\"" + both + ":80\"", none},
      {"10.0.0.1", both, "for=" + other, headers_disagree},
      {"10.0.0.1", both, "for=unknown", headers_disagree},
      {"10.0.0.1", both, "for=\"", headers_disagree},
      {"10.0.0.1", "", "for=" + both, headers_disagree},  // the configured header is missing
      {"2001:db8::1", both, "for=" + other, headers_disagree},
      {"10.0.0.1", "", "", none},
      {"192.168.1.5", both, "", unnamed_proxy},
      {"192.168.1.5", "", "for=" + both, unnamed_proxy},
      {"fd00::1", both, "", unnamed_proxy},
      {"127.0.0.1", both, "", unnamed_proxy},
      {"192.168.1.5", "", "", none},
      {"203.0.113.5", both, "for=" + other, none},  // anybody on the internet can write these
      {"", both, "", none},
  };
  ForwardingRules rules;
  for (const auto* network : {"10.0.0.0/8", "2001:db8::/32"}) rules.trusted_proxies.push_back(Network::parse(network).value());
  for (const auto& c : cases) {
    Request request;
    request.peer_address = c.peer;
    if (!c.forwarded_for.empty()) request.headers.add("x-forwarded-for", c.forwarded_for);
    if (!c.forwarded.empty()) request.headers.add("forwarded", c.forwarded);
    EXPECT_EQ(forwarding_problem(request, rules), c.expected) << c.peer << " " << c.forwarded_for << " " << c.forwarded;
  }
}

TEST(PrivateAddress, is_one_that_no_caller_on_the_internet_has) {
  for (const auto* address :
       {"127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.1", "::1", "fd12::1", "fe80::1"}) {
    EXPECT_TRUE(is_private_address(address)) << address;
  }
  for (const auto* address : {"", "172.32.0.1", "100.128.0.1", "198.51.100.7", "2001:db8::1", "::2"}) {
    EXPECT_FALSE(is_private_address(address)) << address;
  }
}

}  // namespace
}  // namespace segue::http
