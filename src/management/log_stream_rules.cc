#include "management/log_stream_rules.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "logstreams/categories.h"
#include "logstreams/redaction.h"
#include "management/errors.h"
#include "management/uri.h"
#include "outbound/client.h"

namespace segue::management {
namespace {

constexpr std::size_t kMostHeaders = 20;
constexpr std::size_t kLongestHeader = 4096;

std::vector<std::string> texts(std::span<const std::string_view> from) { return {from.begin(), from.end()}; }

std::vector<Field> http_sink_fields() {
  return {
      {.name = "httpEndpoint", .description = "HTTP endpoint", .required = true, .min_length = 1, .max_length = 2048},
      {.name = "httpAuthorization", .description = "HTTP Authorization header", .nullable = true, .max_length = kLongestHeader},
      {.name = "httpContentType", .description = "HTTP Content-Type header", .max_length = 256},
      {.name = "httpContentFormat", .description = "HTTP JSON format", .one_of = {"JSONARRAY", "JSONLINES", "JSONOBJECT"}},
      {.name = "httpCustomHeaders",
       .type = Type::array,
       .description = "custom HTTP headers",
       .nullable = true,
       .max_length = kMostHeaders,
       .items = {{.name = "",
                  .type = Type::object,
                  .description = "custom HTTP header",
                  .members = {
                      {.name = "header", .description = "HTTP header name", .required = true, .max_length = 128},
                      {.name = "value", .description = "HTTP header value", .required = true, .max_length = kLongestHeader}}}}}};
}

const Schema kHttpSink = object_schema("LogStreamHttpSink", http_sink_fields());

std::vector<Field> shared_fields() {
  return {
      enforced({.name = "name", .description = "log stream name", .min_length = 1, .max_length = 256}),
      kept("every stream is delivered as soon as it can be",
           {.name = "isPriority", .type = Type::boolean, .description = "True for priority log streams", .nullable = true}),
      enforced({.name = "filters",
                .type = Type::array,
                .description = "Only events of these categories are delivered",
                .nullable = true,
                .max_length = logstreams::categories().size(),
                .items = {{.name = "",
                           .type = Type::object,
                           .description = "filter",
                           .members = {{.name = "type", .description = "Filter type", .required = true, .one_of = {"category"}},
                                       {.name = "name",
                                        .description = "Category group name",
                                        .required = true,
                                        .one_of = texts(logstreams::categories())}}}}}),
      enforced({.name = "pii_config",
                .type = Type::object,
                .description = "Personal data that is not delivered",
                .nullable = true,
                .members = {{.name = "log_fields",
                             .type = Type::array,
                             .description = "Fields",
                             .required = true,
                             .min_length = 1,
                             .unique_items = true,
                             .items = {{.name = "", .one_of = texts(logstreams::kPersonalFields)}}},
                            {.name = "method", .description = "What replaces the value", .one_of = {"mask", "hash"}},
                            {.name = "algorithm", .description = "Hash algorithm", .one_of = {"xxhash"}}}})};
}

// What every call has already, and what decides how its bytes are framed.
bool is_reserved(std::string_view header) {
  constexpr std::array<std::string_view, 12> kReserved = {"host",       "content-length", "content-type",     "transfer-encoding",
                                                          "connection", "authorization",  "keep-alive",       "te",
                                                          "trailer",    "upgrade",        "proxy-connection", "expect"};
  return std::find(kReserved.begin(), kReserved.end(), base::ascii_lower(header)) != kReserved.end();
}

base::Outcome check_headers(const json::object& sink) {
  for (const auto* const name : {"httpAuthorization", "httpContentType"}) {
    if (!outbound::is_sendable({"X", json::find_string(sink, name).value_or("")}))
      return invalid_body(std::string("sink.") + name + ": a header's value is one line without control characters");
  }
  const auto* const custom = json::find(sink, "httpCustomHeaders");
  if (custom == nullptr || !custom->is_array()) return base::Unit{};
  for (const auto& each : custom->get_array()) {
    const auto& header = each.get_object();
    const auto name = json::find_string(header, "header").value_or("");
    if (!outbound::is_sendable({name, json::find_string(header, "value").value_or("")}))
      return invalid_body("sink.httpCustomHeaders: \"" + name +
                          "\" is no header that can be sent: a name of letters, digits and "
                          "hyphens, and a value of one line");
    if (is_reserved(name))
      return invalid_body("sink.httpCustomHeaders: " + name +
                          " is set by the server, or by httpAuthorization and httpContentType");
  }
  return base::Unit{};
}

}  // namespace

std::vector<Field> log_stream_create_fields() {
  auto fields = shared_fields();
  fields.push_back(refused(R"("http")", "only http is served here; most collectors take events over http, too",
                           {.name = "type",
                            .description = "Type of the log stream",
                            .required = true,
                            .one_of = {"http", "eventbridge", "eventgrid", "datadog", "splunk", "sumo", "segment", "mixpanel"}}));
  fields.push_back(
      enforced({.name = "sink", .type = Type::object, .description = "Where events go", .required = true, .open = true}));
  fields.push_back(enforced({.name = "startFrom", .description = "Date to deliver from, ISO 8601", .max_length = 64}));
  return fields;
}

std::vector<Field> log_stream_update_fields() {
  auto fields = shared_fields();
  fields.push_back(enforced({.name = "status", .description = "Status", .one_of = {"active", "paused", "suspended"}}));
  fields.push_back(
      enforced({.name = "sink", .type = Type::object, .description = "Where events go", .members = http_sink_fields()}));
  return fields;
}

base::Outcome check_log_stream(const json::object& sink, bool allow_private) {
  TRY(validate_body(kHttpSink, sink));
  UriParts parts;
  const auto url = json::find_string(sink, "httpEndpoint").value_or("");
  if (!split_uri(url, parts) || parts.scheme != "https" || parts.host.empty() || url.find('{') != std::string::npos)
    return invalid_body("sink.httpEndpoint: an https URL with a host is needed");
  if (parts.authority.find('@') != std::string::npos)
    return invalid_body("sink.httpEndpoint: the URL must not hold a user name or a password; use httpAuthorization");
  if (!allow_private && !names_public_host(parts.host))
    return invalid_body("sink.httpEndpoint: a public host is needed, not this machine or a private network");
  return check_headers(sink);
}

}  // namespace segue::management
