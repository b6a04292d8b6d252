// One request on its way through the product: the message, and what the router and the middleware found out about it.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "http/message.h"

namespace segue::http {

struct Call {
  const Request& request;
  Lane lane = Lane::quick;
  base::Instant received{};
  base::TenantId tenant{};     // of the host; never zero in a handler
  std::string domain;          // the registered domain that the request came in on, with port if not 443
  std::string caller_address;  // the end user's address as our proxies vouch for it, canonical; empty when unknown
  std::string request_id;
  Headers answer_headers;                                           // set on the answer, whatever it will be
  std::map<std::string, std::string, std::less<>> path_parameters;  // decoded
  std::vector<std::string> claimed;  // one-time identifiers that this request has claimed: it may be decided more than once

  std::string_view user_agent() const { return request.headers.find("user-agent").value_or(""); }
  std::string_view path_parameter(std::string_view name) const {
    const auto found = path_parameters.find(name);
    return found == path_parameters.end() ? std::string_view() : std::string_view(found->second);
  }
};

}  // namespace segue::http
