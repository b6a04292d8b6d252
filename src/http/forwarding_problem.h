// What a request's forwarding headers show about a mistake in the operator's configuration. It never changes whose address
// counts.
#pragma once
#include <string>
#include <string_view>

#include "http/caller_address.h"
#include "http/message.h"

namespace segue::http {

enum class ForwardingProblem {
  none,
  // A trusted proxy sent both headers, and the one that is not read (`http.forwarded_header`) names another caller.
  headers_disagree,
  // A peer in a private network, as proxies are, sent a forwarding header and is not named in `http.trusted_proxies`.
  unnamed_proxy,
};

ForwardingProblem forwarding_problem(const Request& request, const ForwardingRules& rules);

// Loopback, private, shared (RFC 6598), link-local and unique local (RFC 4193) addresses. `canonical` text.
bool is_private_address(std::string_view canonical);

}  // namespace segue::http
