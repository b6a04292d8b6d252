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

void set_user(Event& event, const model::User& user, const model::Connection* connection) {
  event.user_id = user.subject();
  event.user_name = user.email.empty() ? user.username : user.email;
  if (connection == nullptr) return;
  set_connection(event, connection);
  event.strategy = connection->strategy;
  event.strategy_type = "database";
}

void set_connection(Event& event, const model::Connection* connection) {
  if (connection == nullptr) return;
  event.connection = connection->name;
  event.connection_id = connection->connection_id;
}

}  // namespace segue::audit
