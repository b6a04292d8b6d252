#include "app/operator_service.h"

#include "json/value.h"

namespace segue::app {

http::Response OperatorService::health() const {
  const auto reasons = readiness_.reasons();
  if (reasons.empty()) return http::json_response(200, R"({"status":"ready"})");
  return http::json_response(503, json::write(json::object{{"status", "not ready"}, {"reasons", json::to_array(reasons)}}));
}

http::Response OperatorService::respond(const http::Request& request, http::Lane, std::string) {
  const bool reads = request.method == http::Method::get || request.method == http::Method::head;
  http::Response response =
      http::json_response(404, R"({"error":"not_found","error_description":"This port has /health and /metrics."})");
  if (reads && request.path == "/health") response = health();
  if (reads && request.path == "/metrics") {
    response = http::empty_response(200);
    response.headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = metrics_();
  }
  if (more_) {
    if (auto answered = more_(request)) response = std::move(*answered);
  }
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace segue::app
