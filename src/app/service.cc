#include "app/service.h"

namespace segue::app {
namespace {

http::Response plain_refusal(int status, std::string text) {
  auto response = http::empty_response(status);
  response.headers.set("content-type", "text/plain; charset=utf-8");
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  response.body = std::move(text);
  return response;
}

}  // namespace

std::optional<http::Response> Service::refuse_head(const http::Request& head) {
  // RFC 9110 §15.5.20. Nothing of the request is read: for this host there is nobody who could own the answer.
  if (!tenants_.resolve(head.host)) return plain_refusal(421, "This host is not served here.\n");
  if (!answering_) {
    auto response = plain_refusal(503, "This node is not ready. Try again later.\n");
    response.headers.set("retry-after", "1");
    return response;
  }
  // The body of a request that no route wants is not waited for; the answer itself costs no I/O.
  std::vector<http::Method> allowed;
  if (router_.find(head.method, head.path, &allowed) == nullptr && allowed.empty()) {
    return router_.respond(head, http::Lane::quick, clock_.now(), {});
  }
  return std::nullopt;
}

std::size_t Service::body_limit(const http::Request& head) {
  const auto* route = router_.find(head.method, head.path);
  return route == nullptr ? 0 : route->body_limit;
}

http::Lane Service::lane_of(const http::Request& head) {
  const auto* route = router_.find(head.method, head.path);
  if (route == nullptr || (route->lane == http::Lane::fiber && !has_fibers_)) return http::Lane::quick;
  return route->lane;
}

http::Response Service::respond(const http::Request& request, http::Lane lane, std::string request_id) {
  return router_.respond(request, lane, clock_.now(), std::move(request_id));
}

}  // namespace segue::app
