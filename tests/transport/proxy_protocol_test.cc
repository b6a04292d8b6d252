// http.proxy_protocol on real sockets: who may send the header, what it changes, and what happens without it.
#include <gtest/gtest.h>

#include <thread>

#include "transport_world.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string kFor198 =
    kSignature + std::string("\x21\x11\x00\x0F\xC6\x33\x64\x07\x7F\x00\x00\x01\x12\x67\x01\xBB\x04\x00\x00", 19);
const std::string kLocal = kSignature + std::string("\x20\x00\x00\x00", 4);

http::transport::ListenerOptions behind_a_proxy(bool tls, bool is_named = true) {
  http::transport::ListenerOptions options;
  options.tls = tls;
  options.limits.handshake = 300ms;
  options.is_proxy = [is_named](std::string_view peer) { return is_named && peer == "127.0.0.1"; };
  return options;
}

RawClient client_of(const TransportWorld& world, RawClient::Security security, std::string_view opening) {
  return RawClient(world.listener.port(), security, "http/1.1", {.opening = opening});
}

TEST(ProxyProtocol, gives_every_request_of_the_connection_the_address_that_it_names) {
  TransportWorld world(behind_a_proxy(true));
  auto client = client_of(world, RawClient::Security::tls, kFor198);
  for (int i = 0; i < 2; ++i) EXPECT_NE(client.ask(kGet).body.find(" 198.51.100.7 "), std::string::npos);
}

TEST(ProxyProtocol, keeps_the_address_of_a_proxy_that_speaks_for_itself) {
  TransportWorld world(behind_a_proxy(true));
  EXPECT_NE(client_of(world, RawClient::Security::tls, kLocal).ask(kGet).body.find(" 127.0.0.1 "), std::string::npos);
}

TEST(ProxyProtocol, may_arrive_byte_by_byte_and_together_with_the_request) {
  auto options = behind_a_proxy(false);
  options.limits.handshake = 30s;  // a busy machine takes its time over single bytes
  TransportWorld world(options);
  auto pieces = client_of(world, RawClient::Security::plain, "");
  for (const char c : kFor198) {
    pieces.send(std::string_view(&c, 1));
    std::this_thread::yield();
  }
  EXPECT_NE(pieces.ask(kGet).body.find(" 198.51.100.7 "), std::string::npos);
  EXPECT_NE(client_of(world, RawClient::Security::plain, kFor198 + kGet).receive().body.find(" 198.51.100.7 "),
            std::string::npos);
}

TEST(ProxyProtocol, closes_a_peer_that_is_no_named_proxy) {
  TransportWorld world(behind_a_proxy(true, false));
  EXPECT_FALSE(client_of(world, RawClient::Security::tls, kFor198).connected());
  EXPECT_EQ(world.listener.counters().refused, 1u);
}

TEST(ProxyProtocol, closes_a_proxy_that_sends_another_beginning) {
  TransportWorld world(behind_a_proxy(true));
  EXPECT_FALSE(client_of(world, RawClient::Security::tls, "").connected());
  EXPECT_FALSE(client_of(world, RawClient::Security::tls, "PROXY TCP4 198.51.100.7 127.0.0.1 1 2\r\n").connected());
  EXPECT_EQ(world.listener.counters().refused, 2u);
  TransportWorld plain(behind_a_proxy(false));
  EXPECT_TRUE(client_of(plain, RawClient::Security::plain, kGet).is_closed_by_server());
}

TEST(ProxyProtocol, closes_a_proxy_that_begins_and_stays_silent) {
  TransportWorld world(behind_a_proxy(false));
  EXPECT_TRUE(client_of(world, RawClient::Security::plain, kFor198.substr(0, 20)).is_closed_by_server());
  EXPECT_TRUE(client_of(world, RawClient::Security::plain, "").is_closed_by_server());
  EXPECT_EQ(world.listener.counters().timed_out, 2u);
}

TEST(ProxyProtocol, is_no_beginning_where_it_is_not_configured) {
  TransportWorld world;
  EXPECT_FALSE(client_of(world, RawClient::Security::tls, kFor198).connected());
  EXPECT_EQ(client_of(world, RawClient::Security::tls, "").ask(kGet).status, 200);
}

}  // namespace
}  // namespace segue::test
