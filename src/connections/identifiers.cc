#include "connections/identifiers.h"

#include <algorithm>

#include "base/plain_text.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace segue::connections {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254 || !base::shows_as_it_is(text)) return false;
  const auto local = text.substr(0, at), domain = text.substr(at + 1);
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.front() == '-') return false;
  if (local.front() == '.' || local.back() == '.') return false;
  for (const char c : local) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f ||
        std::string_view("\"(),:;<>@[\\]").find(c) != std::string_view::npos)
      return false;
  }
  char last = 0;
  for (const char c : domain) {
    const bool fits = is_alphanumeric(c) || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
    if (!fits || (c == '.' && last == '.')) return false;
    last = c;
  }
  return true;
}

bool requires_username(const model::Connection& connection) {
  const auto* const options = options_of(connection);
  return options != nullptr && json::find_bool(*options, "requires_username").value_or(false);
}

std::optional<std::string> username_problem(const model::Connection& connection, std::string_view username) {
  if (!requires_username(connection)) return "Cannot set username for connection without requires_username";
  std::int64_t least = 1, most = 15;
  if (const auto* const validation = json::find_object(*options_of(connection), "validation")) {
    if (const auto* const limits = json::find_object(*validation, "username")) {
      least = json::find_integer(*limits, "min").value_or(least);
      most = json::find_integer(*limits, "max").value_or(most);
    }
  }
  const auto length = static_cast<std::int64_t>(username.size());
  // An e-mail address as a user name could be somebody else's.
  const bool fits = length >= least && length <= most && base::shows_as_it_is(username) &&
                    username.find(' ') == std::string_view::npos && !is_email(username);
  if (fits) return std::nullopt;
  return "username: " + std::to_string(least) + " to " + std::to_string(most) +
         " characters without spaces are needed, and no e-mail address";
}

void add_profile_defaults(json::object& profile, const std::string& email, const std::string& username) {
  const auto set_default = [&](std::string_view name, const std::string& v) {
    if (json::find(profile, name) == nullptr && !v.empty()) profile[name] = v;
  };
  const auto local_part = email.substr(0, email.find('@'));
  set_default("name", email.empty() ? username : email);
  set_default("nickname", username.empty() ? local_part : username);
  if (email.empty()) return;
  const auto lower = base::ascii_lower(email);
  set_default("picture", "https://s.gravatar.com/avatar/" + crypto::md5_hex(lower) +
                             "?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2F" +
                             base::percent_encode(lower.substr(0, std::min<std::size_t>(2, lower.find('@')))) + ".png");
}

}  // namespace segue::connections
