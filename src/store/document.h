// JSON columns: documents as they were validated and written by us.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace segue::store {

inline json::object document_of(std::string_view text) {
  auto parsed = json::parse(text);
  return parsed.ok() && parsed->is_object() ? std::move(parsed->get_object()) : json::object{};
}

// For `replace($n, $sep || column || $sep, '') <> $n`: membership in a list without arrays. Empty for an empty list. A newline
// separates: no name, identifier or type contains one.
inline std::string list_parameter(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) {
    if (item.empty() || item.find('\n') != std::string::npos) continue;
    if (out.empty()) out = "\n";
    out += item + "\n";
  }
  // A list that names nothing storable must match nothing, and not everything.
  return out.empty() && !items.empty() ? "\n" : out;
}
inline constexpr std::string_view kListSeparator = "\n";

}  // namespace segue::store
