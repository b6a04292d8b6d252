// The product as the transport sees it.
#pragma once
#include <atomic>

#include "base/clock.h"
#include "http/router.h"
#include "http/service.h"
#include "tenancy/tenants.h"

namespace segue::app {

class Service final : public http::Service {
 public:
  Service(const http::Router& router, const tenancy::Tenants& tenants, const base::Clock& clock,
          const std::atomic<bool>& answering, bool has_fibers)
      : router_(router), tenants_(tenants), clock_(clock), answering_(answering), has_fibers_(has_fibers) {}

  std::optional<http::Response> refuse_head(const http::Request& head) override;
  std::size_t body_limit(const http::Request& head) override;
  http::Lane lane_of(const http::Request& head) override;
  http::Response respond(const http::Request& request, http::Lane lane, std::string request_id) override;

 private:
  const http::Router& router_;
  const tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  const std::atomic<bool>& answering_;
  const bool has_fibers_;  // the database suspends them
};

}  // namespace segue::app
