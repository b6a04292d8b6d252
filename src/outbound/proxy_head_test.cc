#include "outbound/proxy_head.h"

#include <gtest/gtest.h>

namespace segue::outbound {
namespace {

std::string verdict(std::string_view head) {
  const auto target = parse_proxy_head(head);
  if (!target.ok()) return "refused: " + target.error().description;
  return (target->tunnel ? "tunnel " : "request ") + target->host + " " + std::to_string(target->port) + " " + target->head;
}

TEST(ProxyHead, takes_connect_with_host_and_port) {
  EXPECT_EQ(verdict("CONNECT a.example:443 HTTP/1.1\r\nHost: b\r\n\r\n"), "tunnel a.example 443 ");
  EXPECT_EQ(verdict("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n\r\n"), "tunnel 2001:db8::1 8443 ");
}

TEST(ProxyHead, makes_a_request_for_a_url_one_for_its_host) {
  EXPECT_EQ(
      verdict(
          "GET http://a.example/x?y=1 HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive\r\nProxy-Authorization: z\r\n\r\n"),
      "request a.example 80 GET /x?y=1 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(verdict("GET HTTP://a:8080?q HTTP/1.0\r\n\r\n"), "request a 8080 GET /?q HTTP/1.1\r\nConnection: close\r\n\r\n");
}

TEST(ProxyHead, refuses_everything_else) {
  for (const std::string_view head : {"",
                                      "\r\n\r\n",
                                      "CONNECT\r\n\r\n",
                                      "CONNECT a:443\r\n\r\n",
                                      "CONNECT a HTTP/1.1\r\n\r\n",
                                      "CONNECT :443 HTTP/1.1\r\n\r\n",
                                      "CONNECT a:b:443 HTTP/1.1\r\n\r\n",
                                      "CONNECT u@a:443 HTTP/1.1\r\n\r\n",
                                      "CONNECT a:0 HTTP/1.1\r\n\r\n",
                                      "CONNECT a:65536 HTTP/1.1\r\n\r\n",
                                      "CONNECT a:443 HTTP/2\r\n\r\n",
                                      "CONNECT [::1:443 HTTP/1.1\r\n\r\n",
                                      "CONNECT [::1]443 HTTP/1.1\r\n\r\n",
                                      "GET / HTTP/1.1\r\n\r\n",
                                      "GET https://a/ HTTP/1.1\r\n\r\n",
                                      "GET file:///etc/passwd HTTP/1.1\r\n\r\n",
                                      "GET http:// HTTP/1.1\r\n\r\n",
                                      "GET http://u:p@a/ HTTP/1.1\r\n\r\n",
                                      "GET http://a/ b HTTP/1.1\r\n\r\n",
                                      " http://a/ HTTP/1.1\r\n\r\n"})
    EXPECT_TRUE(verdict(head).starts_with("refused: ")) << head << " " << verdict(head);
  for (const std::string_view port : {"22", "25", "53", "110", "465", "587", "993"})
    EXPECT_EQ(verdict("CONNECT a:" + std::string(port) + " HTTP/1.1\r\n\r\n"),
              "refused: only the ports 80, 443 and those from 1024 on may be called");
}

}  // namespace
}  // namespace segue::outbound
