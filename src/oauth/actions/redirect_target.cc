#include "oauth/actions/redirect_target.h"

#include <algorithm>

#include "base/text.h"
#include "http/parameters.h"

namespace segue::oauth {
namespace {

// What stands in a header as it is. A backslash is a slash to browsers (WHATWG URL §4.4), so the host would be another one than
// it looks.
bool is_plain(char c) { return c > ' ' && c < 0x7f && c != '\\'; }

bool is_of_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == ':' || c == '[' || c == ']';
}

std::string query_text(const json::value& value) {
  return value.is_string() ? std::string(json::to_view(value.get_string())) : json::write(value);
}

}  // namespace

bool is_web_address(std::string_view url) {
  if (!std::all_of(url.begin(), url.end(), is_plain)) return false;
  const auto scheme = base::ascii_lower(url.substr(0, url.find(':')));
  if (scheme != "https" && scheme != "http") return false;
  const auto rest = url.substr(scheme.size());
  if (!rest.starts_with("://")) return false;
  const auto authority = rest.substr(3, rest.find_first_of("/?#", 3) - 3);
  return !authority.empty() && authority.front() != ':' && std::all_of(authority.begin(), authority.end(), is_of_host);
}

std::optional<std::string> redirect_target(std::string_view url, const json::array& arguments) {
  if (!is_web_address(url)) return std::nullopt;
  http::Parameters query;
  const auto* const options = arguments.size() > 1 && arguments[1].is_object() ? &arguments[1].get_object() : nullptr;
  const auto* const wanted = options != nullptr ? json::find_object(*options, "query") : nullptr;
  for (const auto& member : wanted != nullptr ? *wanted : json::object{}) {
    if (member.key() != "state" && !member.value().is_null()) query.add(std::string(member.key()), query_text(member.value()));
  }
  return query.pairs().empty() ? std::string(url) : http::append_query(url, query);
}

}  // namespace segue::oauth
