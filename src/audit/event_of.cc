#include "audit/event_of.h"

namespace segue::audit {

Event event_of(const http::Call& call, std::string_view type, const model::Client* client) {
  Event event;
  event.type = type;
  if (client != nullptr) {
    event.client_id = client->client_id;
    event.client_name = client->name;
  }
  event.ip = call.caller_address;
  event.client_ip = call.request.peer_address;
  event.user_agent = std::string(call.user_agent());
  event.hostname = call.domain;
  event.auth0_client = std::string(call.request.headers.find("auth0-client").value_or(""));
  return event;
}

}  // namespace segue::audit
