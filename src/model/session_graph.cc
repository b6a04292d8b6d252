#include "model/session_graph.h"

namespace segue::model {

json::array to_json(const std::vector<AuthenticationMethod>& methods) {
  json::array out;
  for (const auto& method : methods) out.push_back(json::object{{"name", method.name}, {"timestamp", base::to_iso8601(method.at)}});
  return out;
}

std::vector<AuthenticationMethod> authentication_methods_from(std::string_view text) {
  std::vector<AuthenticationMethod> out;
  const auto parsed = json::parse(text);
  if (!parsed.ok() || !parsed->is_array()) return out;
  for (const auto& item : parsed->get_array()) {
    if (!item.is_object()) continue;
    const auto at = base::from_iso8601(json::find_string(item.get_object(), "timestamp").value_or(""));
    out.push_back({json::find_string(item.get_object(), "name").value_or(""), at.value_or(base::Instant{})});
  }
  return out;
}

}  // namespace segue::model
