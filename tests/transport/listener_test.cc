#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "transport_world.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Listener, answers_over_tls_and_keeps_the_connection) {
  TransportWorld world;
  auto client = world.tls();
  ASSERT_TRUE(client.connected());
  EXPECT_STREQ(client.tls_version(), "TLSv1.3");
  for (int i = 0; i < 3; ++i) {
    const auto response = client.ask("GET //a//b?c=d HTTP/1.1\r\nHost: A.example:443\r\n\r\n");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "GET a.example /a/b?c=d 127.0.0.1 ");
    EXPECT_THAT(response.head, HasSubstr("date: "));
    EXPECT_THAT(response.head, Not(HasSubstr("erver:")));
  }
  EXPECT_EQ(world.service.different_ids(), 3U);
  EXPECT_EQ(world.listener.counters().requests, 3U);
}

TEST(Listener, answers_pipelined_requests_in_their_order) {
  TransportWorld world;
  auto client = world.tls();
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "POST /p" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) EXPECT_THAT(client.receive().body, HasSubstr("/p" + std::to_string(i) + "? 127.0.0.1 body"));
}

TEST(Listener, answers_what_was_sent_before_the_client_ended_its_side) {
  TransportWorld world(TransportWorld::plainly());
  auto client = world.plain();
  client.send(kGet + kGet);
  client.finish_sending();
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Listener, refuses_a_client_that_speaks_only_other_protocols) {
  TransportWorld world;
  EXPECT_FALSE(RawClient(world.listener.port(), RawClient::Security::tls, "h2").connected());
  EXPECT_TRUE(world.tls().connected());
}

TEST(Listener, gives_a_head_request_the_length_and_no_body) {
  TransportWorld world(TransportWorld::plainly());
  auto client = world.plain();
  client.send("HEAD /large/123 HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  EXPECT_THAT(client.receive(RawClient::Body::absent).head, HasSubstr("content-length: 123\r\n"));
  EXPECT_EQ(client.receive().status, 200);
}

TEST(Listener, sends_large_answers_to_slow_readers) {
  TransportWorld world;
  auto client = world.tls();
  client.send("GET /large/20000000 HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(client.receive().body.size(), 20'000'000U);
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(Listener, receives_large_and_chunked_bodies) {
  TransportWorld world;
  auto client = world.tls();
  const std::string body(3'000'000, 'b');
  EXPECT_EQ(client.ask("POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + body).body.size(), body.size() + 23);
  const auto chunked = client.ask(
      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\nHost: b\r\n\r\n");
  EXPECT_EQ(chunked.body, "POST a /c? 127.0.0.1 Wikipedia");
}

TEST(Listener, moves_a_request_to_the_lane_that_the_handler_names) {
  TransportWorld world;
  auto client = world.tls();
  EXPECT_THAT(client.ask("GET /move HTTP/1.1\r\nHost: a\r\n\r\n").body, HasSubstr("hashing"));
  EXPECT_EQ(client.ask("GET /move-for-ever HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(Listener, answers_what_waits_for_nothing_on_the_thread_that_read_it) {
  TransportWorld world({}, {.quick_threads = 1, .queue_limit = 1});
  auto busy = world.tls();
  busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  world.service.wait_until_held(1);
  auto client = world.tls();
  EXPECT_THAT(client.ask("GET /io HTTP/1.1\r\nHost: a\r\n\r\n").body, HasSubstr(" io"));
  EXPECT_THAT(client.ask("GET /io-to-lane HTTP/1.1\r\nHost: a\r\n\r\n").body, HasSubstr(" hashing"));
  EXPECT_EQ(client.ask("GET /io-throwing HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
  EXPECT_EQ(client.ask("GET /io HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  world.service.release();
  EXPECT_EQ(busy.receive().status, 200);
}

TEST(Listener, goes_on_with_other_requests_of_the_thread_while_one_waits_on_a_fiber) {
  http::transport::ListenerOptions options;
  options.io_threads = 1;
  TransportWorld world(options);
  auto first = world.tls();
  auto second = world.tls();
  first.send("GET /fiber-hold HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  world.service.wait_until_held(1);
  second.send("GET /fiber-hold HTTP/1.1\r\nHost: a\r\n\r\n");
  world.service.wait_until_held(2);
  auto client = world.tls();
  EXPECT_THAT(client.ask("GET /fiber HTTP/1.1\r\nHost: a\r\n\r\n").body, HasSubstr(" fiber"));
  EXPECT_THAT(client.ask("GET /fiber-to-lane HTTP/1.1\r\nHost: a\r\n\r\n").body, HasSubstr(" hashing"));
  EXPECT_THAT(client.ask("GET /fiber HTTP/1.1\r\nHost: a\r\n\r\n").body, HasSubstr(" fiber"));
  EXPECT_EQ(client.ask("GET /fiber-throwing HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
  world.service.release();
  EXPECT_THAT(first.receive().body, HasSubstr(" fiber"));
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_THAT(second.receive().body, HasSubstr(" fiber"));
}

TEST(Listener, takes_the_quick_lane_when_all_fibers_wait) {
  auto options = TransportWorld::plainly({.fibers = 1});
  options.io_threads = 1;
  TransportWorld world(options);
  auto first = world.plain();
  first.send("GET /fiber-hold HTTP/1.1\r\nHost: a\r\n\r\n");
  world.service.wait_until_held(1);
  auto second = world.plain();
  second.send("GET /fiber-hold HTTP/1.1\r\nHost: a\r\n\r\n");
  world.service.wait_until_held(2);
  EXPECT_EQ(world.plain().ask(kGet).status, 200);
  world.service.release();
  EXPECT_THAT(first.receive().body, HasSubstr(" fiber"));
  EXPECT_THAT(second.receive().body, Not(HasSubstr(" fiber")));
}

TEST(Listener, waits_at_its_end_for_a_request_on_a_fiber_whose_client_is_gone) {
  auto world = std::make_unique<TransportWorld>(TransportWorld::plainly());
  {
    auto client = world->plain();
    client.send("GET /fiber-hold HTTP/1.1\r\nHost: a\r\n\r\n");
    world->service.wait_until_held(1);
  }
  world.reset();  // releases first
}

TEST(Listener, survives_a_service_that_throws) {
  TransportWorld world;
  auto client = world.tls();
  EXPECT_EQ(client.ask("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
  EXPECT_EQ(client.ask("GET /throwing-head HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(Listener, never_writes_an_injected_header) {
  TransportWorld world;
  const auto response = world.tls().ask("GET /inject HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.head, Not(HasSubstr("evil")));
}

TEST(Listener, answers_503_at_once_when_the_lane_is_full) {
  TransportWorld world({}, {.quick_threads = 1, .queue_limit = 1});
  auto first = world.tls();
  first.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  world.service.wait_until_held(1);
  auto second = world.tls();
  second.send(kGet);
  while (world.lanes.queued(http::Lane::quick) == 0) std::this_thread::sleep_for(1ms);
  auto third = world.tls();
  const auto response = third.ask(kGet);
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.head, HasSubstr("retry-after: 1\r\n"));
  world.service.release();
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(second.receive().status, 200);
  EXPECT_EQ(third.ask(kGet).status, 200);  // and the connection is still good
}

TEST(Listener, finishes_a_request_under_way_when_it_drains) {
  TransportWorld world;
  auto busy = world.tls();
  auto idle = world.tls();
  ASSERT_EQ(idle.ask(kGet).status, 200);
  busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  world.service.wait_until_held(1);
  std::thread draining([&] { world.listener.drain(5s); });
  EXPECT_TRUE(idle.is_closed_by_server());
  while (world.plain().connected()) std::this_thread::sleep_for(1ms);  // each I/O thread stops accepting in its turn
  world.service.release();
  const auto response = busy.receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.head, HasSubstr("connection: close\r\n"));
  EXPECT_TRUE(busy.is_closed_by_server());
  draining.join();
  EXPECT_EQ(world.listener.counters().open_connections, 0U);
}

TEST(Listener, stops_draining_when_patience_is_over) {
  TransportWorld world;
  auto busy = world.tls();
  busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  world.service.wait_until_held(1);
  world.listener.drain(50ms);
  EXPECT_EQ(world.listener.counters().open_connections, 1U);
}

TEST(Listener, uses_a_reloaded_certificate_for_new_connections_only) {
  TransportWorld world;
  auto before = world.tls();
  const auto fresh = new_certificate();
  EXPECT_EQ(world.listener.reload_certificate(fresh.chain, fresh.key), "");
  auto after = world.tls();
  EXPECT_NE(before.certificate_serial(), after.certificate_serial());
  EXPECT_EQ(before.ask(kGet).status, 200);
  EXPECT_EQ(after.ask(kGet).status, 200);
}

TEST(Listener, keeps_its_certificate_when_the_new_one_is_unusable) {
  TransportWorld world;
  const auto serial = world.tls().certificate_serial();
  const auto other = new_certificate();
  EXPECT_NE(world.listener.reload_certificate("nonsense", other.key), "");
  EXPECT_NE(world.listener.reload_certificate(other.chain, shared_certificate().key), "");
  EXPECT_EQ(world.tls().certificate_serial(), serial);
}

TEST(Listener, says_why_it_cannot_listen) {
  TransportWorld world;
  auto options = TransportWorld::filled({});
  options.port = world.listener.port();
  EXPECT_THROW(http::transport::Listener(options, world.service, world.lanes), std::runtime_error);
  options.port = 0;
  options.address = "example.com";
  EXPECT_THROW(http::transport::Listener(options, world.service, world.lanes), std::runtime_error);
  options.address = "127.0.0.1";
  options.certificate_pem = "";
  EXPECT_THROW(http::transport::Listener(options, world.service, world.lanes), std::runtime_error);
}

}  // namespace
}  // namespace segue::test
