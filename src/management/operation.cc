#include "management/operation.h"

#include "base/text.h"
#include "http/error_status.h"
#include "http/parameters.h"
#include "management/authorization.h"
#include "management/errors.h"

namespace segue::management {
namespace {

constexpr std::size_t kBodyLimit = 1024 * 1024;  // contract §9

std::string_view reason_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Request Entity Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Error";
  }
}

bool is_json(std::string_view content_type) {
  const auto type = base::ascii_lower(base::trim(content_type.substr(0, content_type.find(';'))));
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

base::Result<json::value> read_body(const http::Request& request) {
  if (request.body.empty()) return json::value(nullptr);
  if (const auto type = request.headers.find("content-type"); type && !is_json(*type)) {
    return base::Error{.kind = ErrorKind::invalid_input,
                       .code = "",
                       .description = "Unsupported Media Type: send application/json",
                       .status = 415};
  }
  auto body = json::parse(request.body);
  if (!body.ok()) return invalid_body("Invalid request payload JSON format. " + body.error().description);
  return body;
}

base::Result<http::Response> run(const Services& services, const Operation& operation, http::Call& call) {
  const auto now = services.clock.now();
  auto tenant = services.tenants.newest(call.tenant);
  auto token = TRY(authorize(*tenant, call.request, now, operation.scopes));
  Invocation invocation{.operation = operation, .call = call, .now = now, .tenant = std::move(tenant), .token = std::move(token)};
  if (const auto client = invocation.tenant->client(invocation.token.client_id)) invocation.client_name = client->name;
  auto parameters = http::Parameters::parse(call.request.query);
  if (!parameters.ok()) return invalid_query("Query validation error: '" + parameters.error().description + "'.");
  invocation.query = TRY(read_query(operation.query, *parameters));
  if (operation.body != nullptr) {
    invocation.body = TRY(read_body(call.request));
    TRY(validate_body(*operation.body, invocation.body));
  }
  return operation.handler(services, invocation);
}

}  // namespace

http::Response management_json(const base::Error& error, const http::Call&) {
  json::object body;
  auto status = http::status_of(error);
  auto message = error.description;
  auto code = error.code;
  // The router's own words are for every face; these are Auth0's (contract §9.2 "unknown route").
  if (code == "not_found" || code == "method_not_allowed") {
    status = 404;
    message = "Not Found";
    code.clear();
  } else if (code == "invalid_request") {
    code = "invalid_uri";
  } else if (status >= 500) {
    code.clear();
  }
  body["statusCode"] = status;
  body["error"] = reason_of(status);
  body["message"] = message;
  if (!code.empty()) body["errorCode"] = code;
  if (status == 401 && message != "Missing authentication") body["attributes"] = json::object{{"error", message}};
  auto response = http::json_response(status, json::write(body));
  // RFC 9110 §11.6.1: a 401 names a way in.
  if (status == 401) response.headers.set("www-authenticate", "Bearer");
  return response;
}

void add_operation(http::Router& router, const Services& services, const Operation& operation) {
  router.add({.method = operation.method,
              .path = operation.path,
              .face = management_json,
              .handler = [&services, &operation](http::Call& call) { return run(services, operation, call); },
              .body_limit = kBodyLimit,
              .summary = operation.summary});
}

}  // namespace segue::management
