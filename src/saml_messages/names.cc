#include "saml_messages/names.h"

#include <algorithm>

namespace segue::saml_messages {
namespace {

constexpr std::string_view kMetByPassword[] = {
    "urn:oasis:names:tc:SAML:1.0:am:password",
    "urn:oasis:names:tc:SAML:1.0:am:unspecified",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
    "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password",
    "http://docs.oasis-open.org/wsfed/authorization/200706/authntypes/unknown",
};

}  // namespace

bool is_met_by_password(std::string_view authn_context_class) {
  return std::find(std::begin(kMetByPassword), std::end(kMetByPassword), authn_context_class) != std::end(kMetByPassword);
}

base::Error refused(std::string why, base::Origin origin) {
  return {.kind = base::ErrorKind::invalid_input, .code = "invalid_request", .description = std::move(why), .origin = origin};
}

std::string time_text(base::Instant time) { return base::to_iso8601(time); }

base::Result<base::Instant> read_time(std::string_view text, std::string_view what) {
  const auto time = text.find('T') == std::string_view::npos ? std::nullopt : base::from_iso8601(text);
  if (!time) return refused("The " + std::string(what) + " is no UTC time such as 2026-01-31T12:00:00Z.");
  return *time;
}

}  // namespace segue::saml_messages
