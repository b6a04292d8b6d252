#include "model/session_graph.h"

#include <algorithm>

#include "base/text.h"

namespace segue::model {

std::string to_text(const std::vector<AuthenticationMethod>& methods) {
  std::string out;
  for (const auto& method : methods) {
    if (!out.empty()) out += ' ';
    out += base::percent_encode(method.name) + '@' + std::to_string(base::to_micros(method.at));
  }
  return out;
}

std::vector<AuthenticationMethod> authentication_methods_from(std::string_view text) {
  std::vector<AuthenticationMethod> out;
  while (!text.empty()) {
    const auto item = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const auto at = item.rfind('@');
    if (at == std::string_view::npos) continue;
    out.push_back({base::percent_decode(item.substr(0, at)).value_or(""),
                   base::from_micros(base::parse_integer(item.substr(at + 1)).value_or(0))});
  }
  return out;
}

}  // namespace segue::model
