// A LogoutRequest of a service provider: whether it may be believed, and whether it is about the sessions of the browser.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "http/call.h"
#include "model/session_graph.h"
#include "saml_idp/logout/party.h"
#include "saml_messages/logout.h"
#include "store/store.h"

namespace segue::saml_idp {

// Signed where the application has a certificate; for this address, in time.
base::Result<saml_messages::LogoutRequest> read_request(const tenancy::Snapshot& tenant, const http::Call& call,
                                                        const Party& party, const saml_messages::Arrived& arrived,
                                                        base::Instant now);

enum class About {
  every_session,  // that the browser presents
  some,           // others live beside
  ended,          // none here; the one that it names has ended before
  nobody,         // whom this identity provider knows here
};
// SAML core §3.7.3.2: NameID and SessionIndex as they were told to this service provider, for a session or for one that it
// replaced. In the transaction that locked `live`.
About what_about(const store::Reader& r, const saml_messages::LogoutRequest& request, const std::string& client_id,
                 const std::vector<model::Session>& live, base::Instant now);
// Whether the sessions that it names had other service providers, too.
bool took_part_beside(const store::Reader& r, const saml_messages::LogoutRequest& request, const std::string& client_id);

}  // namespace segue::saml_idp
