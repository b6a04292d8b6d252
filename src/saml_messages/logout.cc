#include "saml_messages/logout.h"

#include "saml_messages/names.h"

namespace segue::saml_messages {

base::Result<LogoutRequest> read_logout_request(const xml::Document& document) {
  const auto root = document.root();
  LogoutRequest out{.header = TRY(read_header(root, "LogoutRequest")), .name_id = {}};
  const auto name_id = TRY(at_most_one(root, kAssertion, "NameID"));
  if (!name_id) return refused("The LogoutRequest has no NameID. An encrypted one is not understood.");
  out.name_id = TRY(read_name_id(*name_id));
  for (const auto& index : root.children(kProtocol, "SessionIndex")) {
    auto text = trimmed_text(index);
    // An empty one left out would turn "this session" into "every session".
    if (!text) return refused("The LogoutRequest has an empty SessionIndex.");
    out.session_indexes.push_back(std::move(*text));
  }
  if (const auto until = root.attribute("NotOnOrAfter"))
    out.not_on_or_after = TRY(read_time(*until, "LogoutRequest's NotOnOrAfter"));
  out.reason = root.attribute("Reason").value_or("");
  return out;
}

base::Outcome check_not_expired(const LogoutRequest& request, base::Instant now) {
  if (request.not_on_or_after && *request.not_on_or_after + kClockSkew <= now)
    return refused("The LogoutRequest has expired. Begin again.");
  return base::Unit{};
}

Unsigned write_logout_request(const LogoutRequest& request) {
  xml::Writer out;
  const auto until = request.not_on_or_after ? time_text(*request.not_on_or_after) : std::string();
  const auto position =
      write_header(out, "samlp:LogoutRequest", request.header, {{"Reason", request.reason}, {"NotOnOrAfter", until}});
  write_name_id(out, request.name_id);
  for (const auto& index : request.session_indexes) out.leaf("samlp:SessionIndex", index);
  out.close();
  return {std::move(out).finish(), request.header.id, position};
}

base::Result<LogoutResponse> read_logout_response(const xml::Document& document) {
  const auto root = document.root();
  LogoutResponse out{.header = TRY(read_header(root, "LogoutResponse")), .status = {}};
  out.in_response_to = root.attribute("InResponseTo");
  out.status = TRY(read_status(root));
  return out;
}

Unsigned write_logout_response(const LogoutResponse& response) {
  xml::Writer out;
  const auto position =
      write_header(out, "samlp:LogoutResponse", response.header, {{"InResponseTo", response.in_response_to.value_or("")}});
  write_status(out, response.status);
  out.close();
  return {std::move(out).finish(), response.header.id, position};
}

}  // namespace segue::saml_messages
