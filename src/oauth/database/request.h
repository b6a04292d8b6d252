// What /dbconnections/… are sent: JSON, or a form.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/parameters.h"
#include "json/value.h"
#include "model/client.h"
#include "model/directory.h"
#include "tenancy/snapshot.h"

namespace segue::oauth::database {

struct DatabaseRequest {
  http::Parameters parameters;
  json::object user_metadata;  // "user_metadata[color]=red" in a form
};
base::Result<DatabaseRequest> read_request(const http::Request& request);

// The client that asks, and the database connection it names. An unknown client is refused; no connection means that the client
// has none of that name.
struct Place {
  std::shared_ptr<const model::Client> client;
  std::shared_ptr<const model::Connection> connection;
};
base::Result<Place> find_place(const tenancy::Snapshot& tenant, const http::Parameters& parameters);

// contract §5.5: at most ten texts of 500 characters, under names of 100. Nothing: they may be stored.
std::optional<std::string> sign_up_metadata_problem(const json::object& metadata);

// A user as a sign-up describes it, without id and password. The error says what cannot be.
base::Result<model::User> read_new_user(const DatabaseRequest& request, const model::Connection& connection);

}  // namespace segue::oauth::database
