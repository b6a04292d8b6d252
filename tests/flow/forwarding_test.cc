// What Segue tells the operator about reverse proxies that are configured wrongly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/forwarding_watch.h"
#include "support/world.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct ForwardingTest : ::testing::Test {
  // The operator's log lines that one request wrote.
  std::string logged(World& world, const std::string& peer, std::initializer_list<std::pair<std::string, std::string>> headers) {
    auto request = request_for(http::Method::get, "/.well-known/jwks.json");
    request.peer_address = peer;
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(world.send(request).status, 200);
    return ::testing::internal::GetCapturedStderr();
  }
  static std::vector<store::unnamed_proxies::UnnamedProxy> remembered(World& world, const http::ForwardingRules& rules = {}) {
    world.node().product().write_unnamed_proxies();
    return app::unnamed_proxies(world.node().product().store().database(), rules, world.clock.now());
  }
  static WorldOptions trusting(const std::string& network) {
    WorldOptions options;
    options.product.forwarding.trusted_proxies = {http::Network::parse(network).value()};
    return options;
  }
};

TEST_F(ForwardingTest, remembers_a_private_peer_that_forwards_and_is_not_named) {
  World world;
  EXPECT_THAT(logged(world, "10.1.2.3", {{"x-forwarded-for", "198.51.100.7"}}),
              HasSubstr(R"(add \"10.1.2.3\" to http.trusted_proxies)"));
  const auto found = remembered(world);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].address, "10.1.2.3");
  EXPECT_EQ(found[0].header, "X-Forwarded-For");
  EXPECT_EQ(found[0].seen_at, world.clock.now());
  http::ForwardingRules mended;
  mended.trusted_proxies = {http::Network::parse("10.0.0.0/8").value()};
  EXPECT_TRUE(remembered(world, mended).empty());
  world.clock.advance(24h * 8);
  EXPECT_TRUE(remembered(world).empty());
}

TEST_F(ForwardingTest, says_so_once_an_hour) {
  World world;
  EXPECT_NE(logged(world, "fd00::5", {{"forwarded", "for=198.51.100.7"}}), "");
  EXPECT_EQ(remembered(world).at(0).header, "Forwarded");
  const auto first = world.clock.now();
  world.clock.advance(59min);
  EXPECT_EQ(logged(world, "fd00::5", {{"forwarded", "for=198.51.100.7"}}), "");
  EXPECT_EQ(remembered(world).at(0).seen_at, first);
  world.clock.advance(1min);
  EXPECT_NE(logged(world, "fd00::5", {{"forwarded", "for=198.51.100.7"}}), "");
  EXPECT_EQ(remembered(world).at(0).seen_at, world.clock.now());
}

TEST_F(ForwardingTest, remembers_no_more_than_its_bound) {
  World world;
  for (int i = 0; i < 50; ++i) logged(world, "10.0.0." + std::to_string(i), {{"x-forwarded-for", "198.51.100.7"}});
  EXPECT_EQ(remembered(world).size(), app::ForwardingWatch::kMostPeers);
  EXPECT_EQ(logged(world, "10.0.1.1", {{"x-forwarded-for", "198.51.100.7"}}), "");
}

TEST_F(ForwardingTest, says_nothing_about_a_public_peer_or_a_named_proxy) {
  World world(trusting("10.0.0.0/8"));
  EXPECT_EQ(logged(world, "203.0.113.5", {{"x-forwarded-for", "198.51.100.7"}, {"forwarded", "for=192.0.2.1"}}), "");
  EXPECT_EQ(logged(world, "10.1.2.3", {{"x-forwarded-for", "198.51.100.7"}, {"forwarded", "for=198.51.100.7"}}), "");
  EXPECT_TRUE(remembered(world).empty());
}

TEST_F(ForwardingTest, says_once_an_hour_that_a_proxy_sends_two_headers_that_disagree) {
  World world(trusting("10.0.0.0/8"));
  const auto log = logged(world, "10.1.2.3", {{"x-forwarded-for", "198.51.100.7"}, {"forwarded", "for=192.0.2.1"}});
  EXPECT_THAT(log, HasSubstr("set http.forwarded_header"));
  // Whose words they are is nobody's business but the tenant's.
  EXPECT_EQ(log.find("198.51.100.7"), std::string::npos);
  EXPECT_EQ(logged(world, "10.1.2.4", {{"x-forwarded-for", "198.51.100.7"}, {"forwarded", "for=192.0.2.1"}}), "");
  world.clock.advance(1h);
  EXPECT_NE(logged(world, "10.1.2.3", {{"x-forwarded-for", "198.51.100.7"}, {"forwarded", "for=192.0.2.1"}}), "");
  EXPECT_TRUE(remembered(world).empty());
}

}  // namespace
}  // namespace segue::test
