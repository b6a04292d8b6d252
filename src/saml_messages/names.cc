#include "saml_messages/names.h"

namespace segue::saml_messages {

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
