// One row of the tenant log (contract §7.1, §7.4). Only the fields below can reach a record: no query strings, no bodies.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "json/value.h"
#include "store/store.h"

namespace segue::audit {

struct Event {
  std::string type;         // event code: "s", "sertft", "w" …
  std::string description;  // for failures the error text
  std::string client_id, client_name;
  std::string ip;          // the end user's
  std::string client_ip;   // the socket's peer
  std::string user_agent;  // the header as sent; the record holds the normalised form
  std::string user_id, user_name;
  std::string connection, connection_id, strategy, strategy_type;
  std::string organization_id;
  std::string hostname;
  std::string audience, scope;
  std::string auth0_client;  // the Auth0-Client header as sent; decoded into the record when it is well-formed
  std::string transfer_id;   // one per handoff (design §4)
  json::object details;
};

// Writes the row in the caller's transaction: the decision and its row commit together.
void append(const store::Writer& w, const Event& event, base::Instant now);

// The record as stored: contract §7.1 without date-independent ids (log_id, _id and id are added when it is read).
std::string to_record(const Event& event, base::Instant now);
// "Chrome 120.0.0 / Mac OS X 10.15.7"; "Other 0.0.0 / Other 0.0.0" when unknown (contract §7.1).
std::string normalised_user_agent(std::string_view header);
bool is_mobile(std::string_view user_agent);

}  // namespace segue::audit
