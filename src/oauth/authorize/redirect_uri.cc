#include "oauth/authorize/redirect_uri.h"

#include <algorithm>

#include "base/text.h"

namespace segue::oauth {
namespace {

// Schemes that run or read something instead of opening an application. Refused at registration too (design §8.3).
constexpr std::string_view kDangerousSchemes[] = {"javascript", "data",  "vbscript",    "file",
                                                  "blob",       "about", "view-source", "filesystem"};

bool has_safe_scheme(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto scheme = base::ascii_lower(uri.substr(0, colon));
  return std::none_of(std::begin(kDangerousSchemes), std::end(kDangerousSchemes), [&](auto bad) { return bad == scheme; });
}

// What a host label may hold: a wildcard must not swallow a dot, a slash, a port or user information.
bool is_label_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool matches_wildcard(std::string_view registered, std::string_view uri) {
  const auto star = registered.find('*');
  const bool web = registered.starts_with("https://") || registered.starts_with("http://");
  const auto host_start = registered.find("://") + 3;
  const auto first_dot = registered.find('.', host_start);
  const auto host_end = std::min(registered.find_first_of("/:?#", host_start), registered.size());
  // Left-most label only, once, and not directly under the top-level domain. A dot behind the host is none of its labels'.
  if (!web || registered.find('*', star + 1) != std::string_view::npos || first_dot > host_end || star < host_start ||
      star > first_dot)
    return false;
  if (registered.substr(first_dot + 1, host_end - first_dot - 1).find('.') == std::string_view::npos) return false;
  const auto before = registered.substr(0, star), after = registered.substr(star + 1);
  if (uri.size() <= before.size() + after.size() || !uri.starts_with(before) || !uri.ends_with(after)) return false;
  return is_label_text(uri.substr(before.size(), uri.size() - before.size() - after.size()));
}

}  // namespace

std::string VerifiedRedirect::origin() const {
  const auto scheme_end = uri_.find(':');
  if (!uri_.starts_with("https://") && !uri_.starts_with("http://")) return uri_.substr(0, scheme_end + 1);
  return uri_.substr(0, std::min(uri_.find_first_of("/?#", scheme_end + 3), uri_.size()));
}

std::string VerifiedRedirect::web_origin() const {
  const auto out = origin();
  const auto host = out.find("://");
  if (host == std::string::npos || out.size() == host + 3) return {};
  // Anything beyond host and port could name another place to a browser; `[` because a policy cannot hold an IPv6 address.
  const auto is_plain = [](char c) { return is_label_text({&c, 1}) || c == '.' || c == ':' || c == '_'; };
  return std::all_of(out.begin() + static_cast<std::ptrdiff_t>(host) + 3, out.end(), is_plain) ? out : std::string();
}

bool matches_registered_url(std::string_view registered, std::string_view uri) {
  if (registered.find('*') == std::string_view::npos) return registered == uri;
  return matches_wildcard(registered, uri);
}

std::optional<VerifiedRedirect> verify_redirect(const std::vector<std::string>& registered, std::string_view uri) {
  // RFC 6749 §3.1.2: absolute, without a fragment. Controls would split a header.
  if (uri.empty() || uri.find('#') != std::string_view::npos || !base::is_free_of_controls(uri) ||
      uri.find(' ') != std::string_view::npos || !has_safe_scheme(uri)) {
    return std::nullopt;
  }
  for (const auto& candidate : registered) {
    if (matches_registered_url(candidate, uri)) return VerifiedRedirect(std::string(uri));
  }
  return std::nullopt;
}

std::optional<VerifiedRedirect> error_target(const model::Client& client, const VerifiedRedirect& redirect) {
  if (!client.is_first_party && client.open_redirect_protection) return std::nullopt;
  return redirect;
}

}  // namespace segue::oauth
