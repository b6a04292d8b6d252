// The caller's address is canonical or empty, never a trusted proxy's, never a header's word when the peer is no trusted proxy,
// and never what a caller wrote to the left of what our proxy appended.
#include "http/caller_address.h"

#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  static const http::Network kProxies = http::Network::parse("10.0.0.0/8").value();
  const bool forwarded = (input.byte() & 1) != 0;
  const http::ForwardingRules rules{{kProxies}, forwarded ? "forwarded" : "x-forwarded-for"};

  http::Request request;
  request.peer_address = "192.0.2.1";
  while (!input.empty()) request.headers.add(rules.header, std::string(input.line()));
  must(http::caller_address(request, rules) == "192.0.2.1", "a peer that is no proxy is the caller");

  request.peer_address = "10.1.2.3";
  const auto caller = http::caller_address(request, rules);
  must(caller.empty() || http::canonical_address(caller) == caller, "canonical");
  must(!kProxies.contains(caller), "no proxy of ours");

  request.headers.add(rules.header, forwarded ? "for=198.51.100.7" : "198.51.100.7");
  const auto appended = http::caller_address(request, rules);
  // A malformed Forwarded header is unusable as a whole; nothing else hides what our proxy appended.
  must(appended == "198.51.100.7" || (forwarded && appended.empty()), "what our proxy appended wins");
  return 0;
}
