// Operations as /api/v2/openapi.json describes them, and bodies that their schemas refuse.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "http/message.h"
#include "json/value.h"

namespace segue::test {

struct Described {
  http::Method method;
  std::string path;  // "/api/v2/clients/{id}"
  std::vector<std::string> scopes;
  json::array query;    // its parameters
  json::object schema;  // of its body, references resolved
  bool has_body = false;
  std::vector<int> statuses;

  std::string name() const { return std::string(http::to_text(method)) + " " + path; }
  bool answers(int status) const;
};
std::vector<Described> operations_in(const json::object& document);

// A body that is wrong in one thing.
struct Attack {
  std::string body;        // JSON text
  std::string property;    // its path, as errors name it; empty: the whole
  bool is_refused = true;  // false: the schema allows it, so it may be taken, but not break anything
};
// Wrong types, values beyond the limits, unknown members and NUL, for every property at any depth.
std::vector<Attack> attacks_on(const json::object& schema);
// Texts that are no JSON, or more of it than anybody sends.
std::vector<std::string> broken_texts();
// The least that the schema takes.
json::value least(const json::object& schema);

}  // namespace segue::test
