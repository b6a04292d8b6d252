// What the transport needs of the product, and nothing else.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/message.h"

namespace segue::http {

class Service {
 public:
  virtual ~Service() = default;
  // Called on the I/O thread when the head is complete and before the body is read: 421 for an unknown host, 404 for an unknown
  // path. Must not block.
  virtual std::optional<Response> refuse_head(const Request& head) = 0;
  // How long a body may be; more is answered with 413. Must not block.
  virtual std::size_t body_limit(const Request& head) = 0;
  // The lane that the request starts on. Must not block.
  virtual Lane lane_of(const Request& head) = 0;
  // Runs on a thread of `lane`. Never throws.
  virtual Response respond(const Request& request, Lane lane, std::string request_id) = 0;
};

}  // namespace segue::http
