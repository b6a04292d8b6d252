#include "sessions/session_cookie.h"

#include "http/cookies.h"

namespace segue::sessions {
namespace {
constexpr std::string_view kCookie = "auth0";
// The same without SameSite, for browsers that take SameSite=None for Strict (contract §2.4).
constexpr std::string_view kCompatCookie = "auth0_compat";
}  // namespace

std::optional<tenancy::PresentedHandle> presented_session(const tenancy::TenantKeys& keys, const http::Request& request) {
  for (const auto name : {kCookie, kCompatCookie}) {
    for (const auto& value : http::cookie_values(request, name)) {
      if (auto handle = tenancy::parse_handle(keys, model::HandleKind::session, value)) return handle;
    }
  }
  return std::nullopt;
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
