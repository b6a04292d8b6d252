#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <thread>

#include "transport_world.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr int kConnections = 10'000;
// A handshake costs both sides about a millisecond here, so most of the connections are TCP alone: to the server a client that
// has not begun its handshake. Its socket, its timer and its state are there.
constexpr int kHandshakes = 1'000;

TEST(IdleConnections, ten_thousand_from_another_process_do_not_slow_the_others) {
  if (http::transport::raise_file_limit() < kConnections + 500) GTEST_SKIP() << "this test needs 10,500 file descriptors";
  http::transport::ListenerOptions options;
  options.limits.handshake = 120s;
  TransportWorld world(options);
  const auto command = std::string(SEGUE_IDLE_CLIENT) + " " + std::to_string(world.listener.port()) + " " +
                       std::to_string(kConnections) + " " + std::to_string(kHandshakes);
  // The client ends when the pipe to it does.
  FILE* client = ::popen(("exec " + command + " >&2").c_str(), "w");
  ASSERT_NE(client, nullptr);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (world.listener.counters().open_connections < kConnections && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(world.listener.counters().open_connections, static_cast<std::uint64_t>(kConnections));
  EXPECT_EQ(world.listener.counters().requests, static_cast<std::uint64_t>(kHandshakes));

  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(world.tls().ask(kGet).status, 200);
  auto kept = world.tls();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(kept.ask(kGet).status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_EQ(world.listener.counters().timed_out, 0u);
  EXPECT_EQ(::pclose(client), 0);
  while (world.listener.counters().open_connections > 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(10ms);
  EXPECT_LE(world.listener.counters().open_connections, 1u);
}

}  // namespace
}  // namespace segue::test
