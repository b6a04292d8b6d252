#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "transport_world.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using http::transport::Limits;

std::string headers_of(std::size_t count, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": " + std::string(size, 'x') + "\r\n";
  return text;
}

TEST(Limits, bound_the_head_the_target_and_the_body) {
  TransportWorld world(TransportWorld::plainly());
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(world.plain().ask(start + headers_of(98, 10) + "\r\n").status, 200);
  EXPECT_EQ(world.plain().ask(start + headers_of(101, 10) + "\r\n").status, 431);
  EXPECT_EQ(world.plain().ask(start + headers_of(3, 15'000) + "\r\n").status, 431);
  EXPECT_EQ(world.plain().ask(start + headers_of(1, 1'000'000)).status, 431);
  EXPECT_EQ(world.plain().ask("GET /" + std::string(16'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  EXPECT_EQ(world.plain().ask("GET /" + std::string(17'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 414);
  EXPECT_EQ(world.plain().ask("GET /" + std::string(1'000'000, 'a')).status, 414);
  const auto post = [](std::size_t size) {
    return "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'b');
  };
  EXPECT_EQ(world.plain().ask(post(1000)).status, 200);
  EXPECT_EQ(world.plain().ask(post(1001)).status, 413);
  EXPECT_EQ(world.plain().ask(post(100'000)).status, 413);
  std::string chunks = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 3; ++i) chunks += "190\r\n" + std::string(400, 'c') + "\r\n";
  EXPECT_EQ(world.plain().ask(chunks + "0\r\n\r\n").status, 413);
  EXPECT_EQ(
      world.plain().ask("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(100'000, 'e')).status,
      400);
}

TEST(Limits, end_slow_clients_without_holding_a_thread) {
  Limits limits;
  limits.handshake = limits.read_head = limits.read_body = 100ms;
  http::transport::ListenerOptions options;
  options.limits = limits;
  options.io_threads = 1;
  TransportWorld world(options, {.quick_threads = 1});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<RawClient>(world.listener.port(), RawClient::Security::plain));  // never starts its handshake
    slow.push_back(std::make_unique<RawClient>(world.listener.port(), RawClient::Security::tls));
    slow.back()->send("GET / HTTP/1.1\r\nHo");
    slow.push_back(std::make_unique<RawClient>(world.listener.port(), RawClient::Security::tls));
    slow.back()->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  }
  EXPECT_EQ(world.tls().ask(kGet).status, 200);
  for (auto& client : slow) EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_EQ(world.listener.counters().timed_out, 60U);
}

TEST(Limits, end_idle_connections_and_those_that_do_not_read) {
  Limits limits;
  limits.idle = limits.write = 100ms;
  TransportWorld world(TransportWorld::plainly(limits));
  auto idle = world.plain();
  EXPECT_EQ(idle.ask(kGet).status, 200);
  auto deaf = world.plain();
  deaf.send("GET /large/50000000 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(idle.is_closed_by_server());
  while (world.listener.counters().open_connections > 0) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(world.listener.counters().timed_out, 2U);
}

TEST(Limits, a_trickle_does_not_stretch_the_deadline_of_a_head) {
  Limits limits;
  limits.read_head = 200ms;
  TransportWorld world(TransportWorld::plainly(limits));
  auto client = world.plain();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  const auto start = std::chrono::steady_clock::now();
  while (world.listener.counters().timed_out == 0 && std::chrono::steady_clock::now() - start < 5s) {
    client.send("X");
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST(Limits, close_connections_beyond_their_number_at_once) {
  Limits limits;
  limits.connections = 2;
  auto options = TransportWorld::plainly(limits);
  options.io_threads = 1;
  TransportWorld world(options);
  auto first = world.plain();
  auto second = world.plain();
  EXPECT_EQ(first.ask(kGet).status, 200);
  EXPECT_EQ(second.ask(kGet).status, 200);
  EXPECT_TRUE(world.plain().is_closed_by_server());
}

TEST(Limits, two_thousand_idle_connections_do_not_slow_the_others) {
  if (http::transport::raise_file_limit() < 4200) GTEST_SKIP() << "this test needs 4,200 file descriptors";
  TransportWorld world(TransportWorld::plainly());
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 2000; ++i) {
    idle.push_back(std::make_unique<RawClient>(world.listener.port(), RawClient::Security::plain));
    ASSERT_TRUE(idle.back()->connected());
  }
  auto client = world.plain();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.ask(kGet).status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  while (world.listener.counters().open_connections < 2001U) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(idle.back()->ask(kGet).status, 200);
}

}  // namespace
}  // namespace segue::test
