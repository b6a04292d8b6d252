#include "http/message.h"

#include <algorithm>

namespace segue::http {

std::string_view to_text(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    case Method::options: return "OPTIONS";
    case Method::other: break;
  }
  return "OTHER";
}

std::optional<std::string_view> Headers::find(std::string_view lower_name) const {
  for (const auto& [name, value] : fields_) {
    if (name == lower_name) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::find_all(std::string_view lower_name) const {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : fields_) {
    if (name == lower_name) values.emplace_back(value);
  }
  return values;
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return field.first == name; });
  add(std::move(name), std::move(value));
}

namespace {
Response typed_response(int status, std::string type, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body), .moves_to = std::nullopt};
  response.headers.add("content-type", std::move(type));
  return response;
}
}  // namespace

Response json_response(int status, std::string body) {
  return typed_response(status, "application/json; charset=utf-8", std::move(body));
}

Response html_response(int status, std::string body) {
  return typed_response(status, "text/html; charset=utf-8", std::move(body));
}

Response redirect_response(std::string location) {
  Response response = empty_response(302);
  response.headers.add("location", std::move(location));
  response.headers.add("cache-control", "no-store");
  return response;
}

Response empty_response(int status) { return {.status = status, .headers = {}, .body = {}, .moves_to = std::nullopt}; }

Response continue_on(Lane lane, std::any carried) {
  return {.status = 200, .headers = {}, .body = {}, .moves_to = lane, .carried = std::move(carried)};
}

}  // namespace segue::http
