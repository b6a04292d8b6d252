#include "sessions/session_cookie.h"

#include <algorithm>

#include "crypto/digest.h"
#include "http/cookies.h"

namespace segue::sessions {
namespace {
constexpr std::string_view kCookie = "auth0";
// The same without SameSite, for browsers that take SameSite=None for Strict (contract §2.4).
constexpr std::string_view kCompatCookie = "auth0_compat";
// More are a cookie bomb; each that is looked up costs a read.
constexpr std::size_t kMostSessions = 8;
}  // namespace

std::vector<tenancy::PresentedHandle> presented_sessions(const tenancy::TenantKeys& keys, const http::Request& request) {
  std::vector<tenancy::PresentedHandle> out;
  for (const auto name : {kCookie, kCompatCookie}) {
    for (const auto& value : http::cookie_values(request, name)) {
      auto handle = tenancy::parse_handle(keys, model::HandleKind::session, value);
      if (!handle || out.size() == kMostSessions) continue;
      const auto is_same = [&](const auto& other) {
        return other.id == handle->id && crypto::equal_in_constant_time(other.secret_hash, handle->secret_hash);
      };
      if (std::none_of(out.begin(), out.end(), is_same)) out.push_back(std::move(*handle));
    }
  }
  return out;
}

std::optional<tenancy::PresentedHandle> presented_session(const tenancy::TenantKeys& keys, const http::Request& request) {
  auto all = presented_sessions(keys, request);
  if (all.size() != 1) return std::nullopt;
  return std::move(all.front());
}

void set_session_cookies(http::Response& response, const crypto::Secret& handle, const model::Session& session) {
  const auto expires = session.persistent ? std::optional(session.expires_at) : std::nullopt;
  const std::string value(handle.reveal());
  http::set_cookie(response,
                   {.name = std::string(kCookie), .value = value, .expires = expires, .same_site = http::SameSite::none});
  http::set_cookie(response,
                   {.name = std::string(kCompatCookie), .value = value, .expires = expires, .same_site = http::SameSite::unset});
}

void expire_session_cookies(http::Response& response) {
  http::expire_cookie(response, kCookie, http::SameSite::none);
  http::expire_cookie(response, kCompatCookie, http::SameSite::unset);
}

}  // namespace segue::sessions
