#include "http/transport/response_text.h"

#include <algorithm>
#include <charconv>

namespace segue::http::transport {
namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Payload Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Entity";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Status";
  }
}

bool is_writable_name(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == std::string_view::npos;
}

bool is_writable_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

// The transport alone frames the message.
bool is_framing_field(std::string_view name) {
  return name == "content-length" || name == "transfer-encoding" || name == "connection" || name == "keep-alive" ||
         name == "date";
}

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

bool append_response(std::string& out, const Response& response, const WriteOptions& options) {
  if (response.status < 200 || response.status > 599) return false;
  std::size_t size = 160;
  for (const auto& [name, value] : response.headers.fields()) {
    if (!is_writable_name(name) || !is_writable_value(value)) return false;
    size += name.size() + value.size() + 4;
  }
  // RFC 9110 §8.6: neither has a body, and a length would be read as one.
  const bool bodiless = response.status == 204 || response.status == 304;
  const bool with_body = !bodiless && !options.to_head;
  out.reserve(out.size() + size + (with_body ? response.body.size() : 0));

  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers.fields()) {
    if (is_framing_field(name)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!options.date.empty()) out.append("date: ").append(options.date).append("\r\n");
  if (!bodiless) {
    out += "content-length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  if (options.closes) out += "connection: close\r\n";
  out += "\r\n";
  if (with_body) out += response.body;
  return true;
}

Response plain_refusal(int status, std::string_view reason) {
  Response response{.status = status, .headers = {}, .body = std::string(reason), .moves_to = std::nullopt};
  response.body += '\n';
  response.headers.add("content-type", "text/plain; charset=utf-8");
  response.headers.add("cache-control", "no-store");
  if (status == 405) response.headers.add("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");  // RFC 9110 §15.5.6
  return response;
}

}  // namespace segue::http::transport
