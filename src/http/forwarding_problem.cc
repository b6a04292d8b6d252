#include "http/forwarding_problem.h"

#include <algorithm>
#include <array>

namespace segue::http {
namespace {

const auto& private_networks() {
  static const std::array networks = [] {
    const auto network = [](std::string_view cidr) { return Network::parse(cidr).value(); };
    return std::array{network("127.0.0.0/8"),    network("10.0.0.0/8"), network("172.16.0.0/12"),
                      network("192.168.0.0/16"), network("::1"),        network("169.254.0.0/16"),
                      network("100.64.0.0/10"),  network("fc00::/7"),   network("fe80::/10")};
  }();
  return networks;
}

bool disagree(const Request& request, const ForwardingRules& rules) {
  const auto other = rules.header == kForwarded ? kForwardedFor : kForwarded;
  if (!request.headers.find(other)) return false;
  return caller_address(request, {rules.trusted_proxies, std::string(other)}) != caller_address(request, rules);
}

}  // namespace

bool is_private_address(std::string_view canonical) {
  return std::any_of(private_networks().begin(), private_networks().end(),
                     [&](const Network& network) { return network.contains(canonical); });
}

ForwardingProblem forwarding_problem(const Request& request, const ForwardingRules& rules) {
  const bool forwards = request.headers.find(kForwardedFor) || request.headers.find(kForwarded);
  if (!forwards) return ForwardingProblem::none;
  if (rules.trusts(request.peer_address)) {
    return disagree(request, rules) ? ForwardingProblem::headers_disagree : ForwardingProblem::none;
  }
  return is_private_address(request.peer_address) ? ForwardingProblem::unnamed_proxy : ForwardingProblem::none;
}

}  // namespace segue::http
