#include "http/transport/proxy_header.h"

#include <algorithm>

#include "http/caller_address.h"

namespace segue::http::transport {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::string_view kVersion1 = "PROXY ";
constexpr std::size_t kFixed = 16;  // signature, version and command, family and transport, length

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

ProxyHeader malformed(std::string_view problem) {
  ProxyHeader out;
  out.problem = problem;
  return out;
}

ProxyHeader incomplete(std::size_t missing) {
  ProxyHeader out;
  out.state = ProxyHeader::State::incomplete;
  out.missing = missing;
  return out;
}

ProxyHeader without_signature(std::string_view bytes) {
  const auto known = std::min(bytes.size(), kVersion1.size());
  if (known > 0 && bytes.substr(0, known) == kVersion1.substr(0, known)) {
    if (known < kVersion1.size()) return incomplete(kVersion1.size() - known);
    return malformed("it speaks version 1 of the PROXY protocol: let it send version 2 (HAProxy: send-proxy-v2)");
  }
  return malformed("it sent no PROXY protocol header: let it send version 2, or set http.proxy_protocol = false");
}

// The address of `size` bytes at the front of the fields; the destination and both ports follow.
ProxyHeader standing_for(std::string_view fields, std::size_t size) {
  if (fields.size() < 2 * size + 4) return malformed("its PROXY protocol header is too short for the addresses");
  ProxyHeader out;
  out.state = ProxyHeader::State::complete;
  out.address = address_of_bytes(fields.substr(0, size));
  return out;
}

ProxyHeader complete(unsigned command, unsigned family, std::string_view fields) {
  ProxyHeader out;
  out.state = ProxyHeader::State::complete;
  if (command == 0) {  // §2.2: the receiver uses the real endpoints and skips the address block, whatever the family
    out.command = ProxyHeader::Command::local;
    return out;
  }
  switch (family) {
    case 0x00:  // unspecified
    case 0x31:  // UNIX stream
      return out;
    case 0x11: return standing_for(fields, 4);
    case 0x21: return standing_for(fields, 16);
    default: return malformed("its PROXY protocol header names a family or transport that is no TCP");
  }
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
  const auto known = std::min(bytes.size(), kSignature.size());
  if (bytes.substr(0, known) != kSignature.substr(0, known)) return without_signature(bytes);
  if (bytes.size() > 12 && byte_at(bytes, 12) >> 4 != 2) return malformed("its PROXY protocol header has another version than 2");
  if (bytes.size() > 12 && (byte_at(bytes, 12) & 15) > 1) return malformed("its PROXY protocol header has an unknown command");
  if (bytes.size() < kFixed) return incomplete(kFixed - bytes.size());
  const std::size_t length = byte_at(bytes, 14) << 8 | byte_at(bytes, 15);
  if (length > kMostProxyFields) return malformed("its PROXY protocol header is longer than 4,096 bytes");
  if (bytes.size() < kFixed + length) return incomplete(kFixed + length - bytes.size());
  return complete(byte_at(bytes, 12) & 15, byte_at(bytes, 13), bytes.substr(kFixed, length));
}

}  // namespace segue::http::transport
