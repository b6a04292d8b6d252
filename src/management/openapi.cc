#include "base/text.h"
#include "management/operation.h"

namespace segue::management {
namespace {

json::object error_response(std::string_view description) {
  return {{"description", description},
          {"content",
           json::object{{"application/json", json::object{{"schema", json::object{{"$ref", "#/components/schemas/Error"}}}}}}}};
}

std::string_view meaning_of(int status) {
  switch (status) {
    case 200: return "Done";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "Done, no content";
    case 400: return "Invalid request";
    case 401: return "No valid token";
    case 403: return "The token lacks a scope";
    case 404: return "Not found";
    case 409: return "Conflict";
    case 429: return "Too many requests";
    default: return "Answer";
  }
}

json::array parameters_of(const Operation& operation) {
  json::array out;
  for (std::size_t at = operation.path.find('{'); at != std::string::npos; at = operation.path.find('{', at + 1)) {
    const auto name = operation.path.substr(at + 1, operation.path.find('}', at) - at - 1);
    out.push_back(json::object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", json::object{{"type", "string"}}}});
  }
  for (const auto& field : operation.query) {
    json::object parameter{{"name", field.name}, {"in", "query"}, {"schema", to_json_schema(field)}};
    if (field.required) parameter["required"] = true;
    if (!field.description.empty()) parameter["description"] = field.description;
    out.push_back(std::move(parameter));
  }
  return out;
}

json::object describe(const Operation& operation) {
  json::object responses;
  for (const int status : operation.statuses) {
    auto& response = responses[std::to_string(status)];
    response = status < 400 ? json::object{{"description", meaning_of(status)}} : error_response(meaning_of(status));
  }
  for (const int status : {400, 401, 403, 429}) responses[std::to_string(status)] = error_response(meaning_of(status));
  json::object out{{"operationId", operation.id},
                   {"summary", operation.summary},
                   {"security", json::array{json::object{{"bearer", json::to_array(operation.scopes)}}}},
                   {"parameters", parameters_of(operation)},
                   {"responses", std::move(responses)}};
  if (operation.body != nullptr) {
    out["requestBody"] = json::object{
        {"required", true},
        {"content",
         json::object{{"application/json",
                       json::object{{"schema", json::object{{"$ref", "#/components/schemas/" + operation.body->name}}}}}}}};
  }
  return out;
}

}  // namespace

json::object describe_openapi(const std::vector<const Operation*>& operations) {
  json::object paths, schemas;
  schemas["Error"] = json::object{{"type", "object"},
                                  {"properties", json::object{{"statusCode", json::object{{"type", "integer"}}},
                                                              {"error", json::object{{"type", "string"}}},
                                                              {"message", json::object{{"type", "string"}}},
                                                              {"errorCode", json::object{{"type", "string"}}}}},
                                  {"required", json::array{"statusCode", "error", "message"}}};
  for (const auto* const operation : operations) {
    // Paths are relative to the server's URL.
    constexpr std::string_view kPrefix = "/api/v2";
    auto& path = paths[std::string_view(operation->path).substr(kPrefix.size())];
    if (!path.is_object()) path.emplace_object();
    path.get_object()[base::ascii_lower(http::to_text(operation->method))] = describe(*operation);
    if (operation->body != nullptr) schemas[operation->body->name] = to_json_schema(operation->body->root);
  }
  return {
      {"openapi", "3.1.0"},
      {"info", json::object{{"title", "Segue Management API"}, {"version", "2"}}},
      {"servers", json::array{json::object{{"url", "/api/v2"}}}},
      {"paths", std::move(paths)},
      {"components",
       json::object{{"schemas", std::move(schemas)},
                    {"securitySchemes",
                     json::object{{"bearer", json::object{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}}};
}

}  // namespace segue::management
