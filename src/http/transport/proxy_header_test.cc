#include "http/transport/proxy_header.h"

#include <gtest/gtest.h>

#include <vector>

namespace segue::http::transport {
namespace {

using State = ProxyHeader::State;
using Command = ProxyHeader::Command;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string kPorts("\x12\x67\x01\xBB", 4);
const std::string kIpv4("\xC6\x33\x64\x07\x0A\x00\x00\x01", 8);  // 198.51.100.7 to 10.0.0.1

std::string header(unsigned char version_and_command, unsigned char family, const std::string& fields) {
  std::string out = kSignature;
  out += static_cast<char>(version_and_command);
  out += static_cast<char>(family);
  out += static_cast<char>(fields.size() >> 8);
  out += static_cast<char>(fields.size() & 255);
  return out + fields;
}
std::string ipv6(const std::string& source) { return source + std::string(15, '\0') + "\x01" + kPorts; }

TEST(ProxyHeader, names_whom_the_proxy_stands_for) {
  const std::string documentation("\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x17", 16);
  const std::string mapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF\xC6\x33\x64\x07", 16);
  const struct {
    std::string bytes;
    Command command;
    std::string address;
  } cases[] = {
      {header(0x21, 0x11, kIpv4 + kPorts), Command::proxy, "198.51.100.7"},
      {header(0x21, 0x11, kIpv4 + kPorts + std::string("\x04\x00\x01\xFF", 4)), Command::proxy, "198.51.100.7"},  // a TLV
      {header(0x21, 0x11, kIpv4 + kPorts + std::string(4000, 'x')), Command::proxy, "198.51.100.7"},
      {header(0x21, 0x21, ipv6(documentation)), Command::proxy, "2001:db8::17"},
      {header(0x21, 0x21, ipv6(mapped)), Command::proxy, "198.51.100.7"},
      {header(0x21, 0x00, ""), Command::proxy, ""},
      {header(0x21, 0x31, std::string(216, '/')), Command::proxy, ""},
      {header(0x20, 0x00, ""), Command::local, ""},
      {header(0x20, 0x11, kIpv4 + kPorts), Command::local, ""},
      {header(0x20, 0x99, ""), Command::local, ""},
  };
  for (const auto& c : cases) {
    const auto found = parse_proxy_header(c.bytes);
    EXPECT_EQ(found.state, State::complete) << found.problem;
    EXPECT_EQ(found.command, c.command);
    EXPECT_EQ(found.address, c.address);
  }
}

TEST(ProxyHeader, asks_for_no_byte_beyond_its_end) {
  const auto whole = header(0x21, 0x11, kIpv4 + kPorts + "tlv");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto found = parse_proxy_header(whole.substr(0, size));
    ASSERT_EQ(found.state, State::incomplete) << size;
    EXPECT_EQ(found.missing, size < 16 ? 16 - size : whole.size() - size) << size;
  }
  EXPECT_EQ(parse_proxy_header(whole).state, State::complete);
}

TEST(ProxyHeader, is_refused_with_what_mends_it) {
  const struct {
    std::string bytes;
    const char* problem;
  } cases[] = {
      {"PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\r\n", "send-proxy-v2"},
      {"PROXY UNKNOWN\r\n", "send-proxy-v2"},
      {"PROXY ", "version 1"},
      {"GET / HTTP/1.1\r\n\r\n", "sent no PROXY"},
      {"PUT / HTTP/1.1\r\n\r\n", "sent no PROXY"},
      {std::string("\x16\x03\x01\x02\x00", 5), "sent no PROXY"},
      {"\r\n\r\nGET /", "sent no PROXY"},
      {header(0x11, 0x11, kIpv4 + kPorts), "another version"},
      {header(0x31, 0x11, kIpv4 + kPorts), "another version"},
      {header(0x22, 0x11, kIpv4 + kPorts), "unknown command"},
      {header(0x21, 0x12, kIpv4 + kPorts), "no TCP"},
      {header(0x21, 0x41, kIpv4 + kPorts), "no TCP"},
      {header(0x21, 0x11, kIpv4), "too short"},
      {header(0x21, 0x21, kIpv4 + kPorts), "too short"},
      {header(0x21, 0x11, std::string(4097, 'x')), "longer"},
  };
  for (const auto& c : cases) {
    const auto found = parse_proxy_header(c.bytes);
    EXPECT_EQ(found.state, State::malformed) << c.problem;
    EXPECT_NE(found.problem.find(c.problem), std::string_view::npos) << found.problem;
  }
}

}  // namespace
}  // namespace segue::http::transport
