// Single logout (SAML core §3.7), in both directions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "saml_messages/header.h"

namespace segue::saml_messages {

struct LogoutRequest {
  Header header;
  NameId name_id;
  std::vector<std::string> session_indexes = {};  // none: every session of that person
  std::optional<base::Instant> not_on_or_after = {};
  std::string reason = {};
};
base::Result<LogoutRequest> read_logout_request(const xml::Document& document);
// §3.7.1: past NotOnOrAfter the request is void.
base::Outcome check_not_expired(const LogoutRequest& request, base::Instant now);
Unsigned write_logout_request(const LogoutRequest& request);

struct LogoutResponse {
  Header header;
  std::optional<std::string> in_response_to = {};
  Status status;
};
base::Result<LogoutResponse> read_logout_response(const xml::Document& document);
Unsigned write_logout_response(const LogoutResponse& response);

}  // namespace segue::saml_messages
