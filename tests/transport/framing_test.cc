// Shapes of request smuggling, sent as bytes: one answer with 400, then the end of the connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "transport_world.h"

namespace segue::test {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using ::testing::Not;

void expect_refused(const TransportWorld& world, std::string_view request, int status = 400) {
  auto client = world.plain();
  // What a smuggler wants to be taken for a second request.
  client.send(std::string(request) + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto response = client.receive();
  EXPECT_EQ(response.status, status) << request;
  EXPECT_THAT(response.head, HasSubstr("connection: close\r\n")) << request;
  EXPECT_THAT(response.body, Not(HasSubstr("smuggled"))) << request;
  EXPECT_TRUE(client.is_closed_by_server()) << request;
}

TEST(Framing, of_doubtful_shape_is_refused_and_the_connection_closed) {
  TransportWorld world(TransportWorld::plainly());
  for (const auto request : {
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 4\r\n\r\nabc"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\nabc"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\x0b"
           "chunked\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nX: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
           "GET / HTTP/1.1\nHost: a\n\n"sv,
           "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nX: y\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"sv,
           "GET https://b/ HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "GET / HTTP/1.0\r\nHost: a\r\n\r\n"sv,
           "GET / HTTP/2.0\r\nHost: a\r\n\r\n"sv,
           "GET /\r\nHost: a\r\n\r\n"sv,
           "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "GET /\xC3\xA4 HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"sv,
           "\x16\x03\x01\x02\n\r\n\r\n"sv,
       }) {
    expect_refused(world, request);
  }
  EXPECT_EQ(world.service.different_ids(), 0U);
}

TEST(Framing, of_chunks_is_strict) {
  TransportWorld world(TransportWorld::plainly());
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto* body : {"x\r\n", "-1\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "3\nabc\n0\n\n", "3\r\nabcX\r\n0\r\n\r\n",
                           " 3\r\nabc\r\n0\r\n\r\n", "3 \nabc\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n"}) {
    expect_refused(world, head + body);
  }
  expect_refused(world, head + "FFFFFFFFFFFFFFFF\r\n", 413);
}

TEST(Framing, ignores_an_upgrade) {
  TransportWorld world(TransportWorld::plainly());
  auto client = world.plain();
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").status, 200);
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n").status, 200);
}

TEST(Framing, refuses_tunnels_and_echoes) {
  TransportWorld world(TransportWorld::plainly());
  expect_refused(world, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405);
  expect_refused(world, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405);
}

TEST(Framing, sends_100_continue_to_who_waits_for_it) {
  TransportWorld world(TransportWorld::plainly());
  auto client = world.plain();
  EXPECT_EQ(client.ask("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").status, 100);
  EXPECT_THAT(client.ask("body").body, HasSubstr("body"));
  EXPECT_EQ(client.ask("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4000\r\n\r\n").status, 413);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Framing, lets_the_service_refuse_a_head_before_its_body) {
  TransportWorld world(TransportWorld::plainly());
  auto client = world.plain();
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: unknown.example\r\n\r\n").status, 421);
  EXPECT_EQ(client.ask("POST / HTTP/1.1\r\nHost: unknown.example\r\nContent-Length: 4\r\n\r\nbody").status, 421);
  EXPECT_EQ(client.ask(kGet).status, 200);  // the small body was read and dropped
  EXPECT_EQ(client.ask("POST / HTTP/1.1\r\nHost: unknown.example\r\nContent-Length: 9000000\r\n\r\n").status, 421);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Framing, closes_when_the_client_asks_for_it) {
  TransportWorld world(TransportWorld::plainly());
  auto client = world.plain();
  const auto response = client.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.head, HasSubstr("connection: close\r\n"));
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Framing, skips_an_empty_line_between_requests) {
  TransportWorld world(TransportWorld::plainly());
  auto client = world.plain();
  EXPECT_EQ(client.ask("\r\n" + kGet + "\r\n").status, 200);
  EXPECT_EQ(client.ask(kGet).status, 200);
}

}  // namespace
}  // namespace segue::test
