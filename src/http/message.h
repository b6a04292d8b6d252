// Requests and responses as values. No sockets here.
#pragma once
#include <any>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace segue::http {

enum class Method { get, head, post, put, patch, delete_, options, other };
std::string_view to_text(Method method);

// Names are lower case. Order is kept; a name may stand more than once.
class Headers {
 public:
  // The first value of that name.
  std::optional<std::string_view> find(std::string_view lower_name) const;
  std::vector<std::string_view> find_all(std::string_view lower_name) const;
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of that name.
  void set(std::string name, std::string value);
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  Method method = Method::get;
  std::string path;   // raw, percent-encoded, repeated slashes made one, without query
  std::string query;  // raw, without the question mark
  Headers headers;
  std::string body;
  std::string host;          // the Host header, lower case, with the port unless it is 443
  std::string peer_address;  // the socket's peer in canonical text: IPv4-mapped IPv6 as IPv4; empty when unknown
  std::any carried = {};     // what its handler found out on the lane that it came from
};

// Where a handler runs (design §3). A full lane answers 503 with Retry-After at once. `io` is no lane: the thread that read the
// request answers it at once, which saves two switches of threads and is for what is in memory only: nothing there may wait.
// `fiber` is the same thread too, for handlers that wait for nothing but a commit (base/fiber.h), read rows by their keys and
// take well under a millisecond; where the database cannot suspend a fiber, and when all are taken, it is the quick lane.
enum class Lane { quick, hashing, outbound, io, fiber };

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // Set only by continue_on(): run the same request again on another lane. The handler has had no effect yet, or `carried` tells
  // it of the effect.
  std::optional<Lane> moves_to;
  std::any carried = {};
};

Response json_response(int status, std::string body);  // Content-Type: application/json; charset=utf-8
Response html_response(int status, std::string body);
Response redirect_response(std::string location);  // 302, no-store
Response empty_response(int status);
Response continue_on(Lane lane, std::any carried = {});

}  // namespace segue::http
