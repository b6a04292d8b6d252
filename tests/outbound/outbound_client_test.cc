// The one client that calls what others named (design §8.13), against a TLS server of this machine.
#include "outbound/client.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/called_server.h"

namespace segue::outbound {
namespace {

using namespace std::chrono_literals;
using test::CalledServer;

http::Response answer(const http::Request& request) {
  if (request.path == "/redirect") return http::redirect_response("/there");
  if (request.path == "/large") return http::json_response(200, std::string(200'000, 'x'));
  if (request.path == "/long-head") {
    auto out = http::empty_response(204);
    for (int i = 0; i < 40; ++i) out.headers.set("x-" + std::to_string(i), std::string(4'000, 'x'));
    return out;
  }
  if (request.path == "/cookie") {
    auto out = http::empty_response(204);
    out.headers.set("set-cookie", "a=b");
    return out;
  }
  return http::json_response(200, request.body);
}

struct OutboundClient : testing::Test {
  CalledServer server{answer};
  Options trusting() const { return {.allow_private = true, .ca_file = server.ca_file()}; }
  static Request to(std::string url) { return {std::move(url), "application/x-www-form-urlencoded", "a=b"}; }
  Answer post(const std::string& path, const Options& options) const { return Client(options).post(to(server.url(path))); }
};

TEST_F(OutboundClient, posts_a_body_over_trusted_tls_and_keeps_the_connection) {
  Client client(trusting());
  for (int i = 0; i < 3; ++i) {
    const auto got = client.post(to(server.url("/here?x=y")));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.failure, Failure::none);
    EXPECT_EQ(got.body, "a=b");
  }
  const auto first = server.requests().front();
  EXPECT_EQ(first.method, http::Method::post);
  EXPECT_EQ(first.headers.find("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(OutboundClient, opens_no_connection_to_a_private_address_however_it_is_written) {
  auto options = trusting();
  options.allow_private = false;
  const auto port = std::to_string(server.port());
  for (const std::string host : {"localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0", "[::1]",
                                 "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"}) {
    const auto got = Client(options).post(to("https://" + host + ":" + port + "/"));
    EXPECT_EQ(got.status, 0) << host;
    EXPECT_EQ(got.failure, Failure::private_address) << host << " " << to_text(got.failure);
  }
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(OutboundClient, judges_the_address_that_is_connected_to_and_not_what_the_name_said_before) {
  // The name of a public host that has been rebound to this machine, alone and behind a public address that does not answer.
  for (const std::string addresses : {"127.0.0.1", "169.254.169.254", "[::1]", "10.0.0.1,127.0.0.1"}) {
    auto options = trusting();
    options.allow_private = false;
    options.names = {"receiver.example.com:" + std::to_string(server.port()) + ":" + addresses};
    const auto got = Client(options).post(to(server.url("/", "receiver.example.com")));
    EXPECT_EQ(got.failure, Failure::private_address) << addresses;
  }
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(OutboundClient, follows_no_redirect) {
  EXPECT_EQ(post("/redirect", trusting()).status, 302);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(OutboundClient, gives_up_when_an_answer_does_not_come_in_time) {
  auto options = trusting();
  options.time_limit = 200ms;
  const auto got = post("/hold", options);
  EXPECT_EQ(got.status, 0);
  EXPECT_EQ(got.failure, Failure::too_slow);
}

TEST_F(OutboundClient, reads_no_more_than_its_limit) {
  for (const auto* path : {"/large", "/long-head"}) {
    const auto got = post(path, trusting());
    EXPECT_EQ(got.failure, Failure::too_large) << path;
    EXPECT_EQ(got.status, 0) << path;
    EXPECT_EQ(got.body, "") << path;
  }
}

TEST_F(OutboundClient, trusts_no_certificate_of_an_unknown_authority_or_for_another_host) {
  EXPECT_EQ(post("/", {.allow_private = true}).failure, Failure::untrusted);
  auto options = trusting();
  options.names = {"other.example.com:" + std::to_string(server.port()) + ":127.0.0.1"};
  EXPECT_EQ(Client(options).post(to(server.url("/", "other.example.com"))).failure, Failure::untrusted);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(OutboundClient, speaks_plain_http_only_where_private_addresses_are_allowed) {
  const CalledServer plain(answer, {"localhost"}, false);
  const auto url = "http://localhost:" + std::to_string(plain.port()) + "/";
  EXPECT_EQ(Client({.allow_private = true}).post(to(url)).status, 200);
  EXPECT_EQ(Client({}).post(to(url)).failure, Failure::bad_url);
  EXPECT_EQ(plain.connections(), 1U);
}

TEST_F(OutboundClient, refuses_other_schemes_and_users_in_the_url) {
  for (const std::string url : {"file:///etc/passwd", "ftp://localhost/", "gopher://localhost/", "dict://localhost/",
                                "ldap://localhost/", "https://", "", "https://user:password@localhost/"}) {
    const auto got = Client(trusting()).post(to(url));
    EXPECT_EQ(got.status, 0) << url;
    EXPECT_EQ(got.failure, Failure::bad_url) << url << " " << to_text(got.failure);
  }
}

TEST_F(OutboundClient, takes_no_proxy_from_the_environment_and_keeps_no_cookies) {
  for (const auto* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::setenv(name, "http://127.0.0.1:1", 1);
  Client client(trusting());
  EXPECT_EQ(client.post(to(server.url("/cookie"))).status, 204);
  EXPECT_EQ(client.post(to(server.url("/cookie"))).status, 204);
  for (const auto* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  EXPECT_FALSE(server.requests().back().headers.find("cookie"));
}

TEST_F(OutboundClient, says_when_nobody_listens_or_nobody_has_the_name) {
  unsigned short closed = 0;
  {
    const CalledServer gone(answer);
    closed = gone.port();
  }
  EXPECT_EQ(Client(trusting()).post(to("https://localhost:" + std::to_string(closed) + "/")).failure, Failure::unreachable);
  EXPECT_EQ(Client(trusting()).post(to("https://no-such-host.invalid/")).failure, Failure::unresolved);
}

}  // namespace
}  // namespace segue::outbound
