#include "oauth/faces.h"

#include "base/text.h"
#include "http/error_status.h"
#include "json/value.h"
#include "oauth/dpop/proof.h"

namespace segue::oauth {

int status_of(const base::Error& error) { return http::status_of(error); }

namespace {

// RFC 6750 §3, RFC 9449 §7.1: in the scheme that was used.
std::string challenge(const base::Error& error, const http::Call& call) {
  const auto authorization = call.request.headers.find("authorization").value_or("");
  if (!base::iequals(authorization.substr(0, 5), "dpop ")) {
    return error.code.empty() ? "Bearer" : "Bearer error=\"" + error.code + "\"";
  }
  const std::vector<std::string> algorithms(std::begin(dpop::kAlgorithms), std::end(dpop::kAlgorithms));
  return "DPoP error=\"" + error.code + "\", algs=\"" + base::join(algorithms, " ") + "\"";
}

}  // namespace

http::Response oauth_json_face(const base::Error& error, const http::Call&) {
  auto response = http::json_response(status_of(error),
                                      json::write(json::object{{"error", error.code}, {"error_description", error.description}}));
  response.headers.set("cache-control", "no-store");
  response.headers.set("pragma", "no-cache");
  return response;
}

http::Response bearer_face(const base::Error& error, const http::Call& call) {
  http::Response response;
  response.status = status_of(error);
  if (response.status == 401) {
    response.headers.set("www-authenticate", challenge(error, call));
    response.headers.set("content-type", "text/plain; charset=utf-8");
    response.body = "Unauthorized";
  } else {
    response = http::json_response(response.status,
                                   json::write(json::object{{"error", error.code}, {"error_description", error.description}}));
  }
  response.headers.set("cache-control", "no-store");
  return response;
}

http::Response json_face(const base::Error& error, const http::Call&) {
  return http::json_response(status_of(error),
                             json::write(json::object{{"error", error.code}, {"error_description", error.description}}));
}

}  // namespace segue::oauth
