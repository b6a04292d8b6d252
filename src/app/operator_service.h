// The operator port: GET /health and GET /metrics, over plain HTTP, for the machine's own network only.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "app/readiness.h"
#include "http/service.h"

namespace segue::app {

class OperatorService final : public http::Service {
 public:
  // `metrics` prints them; `more` answers further paths (segue-test-server's controls) and may be empty.
  using More = std::function<std::optional<http::Response>(const http::Request&)>;
  OperatorService(const Readiness& readiness, std::function<std::string()> metrics, More more)
      : readiness_(readiness), metrics_(std::move(metrics)), more_(std::move(more)) {}

  std::optional<http::Response> refuse_head(const http::Request&) override { return std::nullopt; }
  std::size_t body_limit(const http::Request&) override { return 4096; }
  http::Lane lane_of(const http::Request&) override { return http::Lane::quick; }
  http::Response respond(const http::Request& request, http::Lane lane, std::string request_id) override;

 private:
  http::Response health() const;
  const Readiness& readiness_;
  const std::function<std::string()> metrics_;
  const More more_;
};

}  // namespace segue::app
