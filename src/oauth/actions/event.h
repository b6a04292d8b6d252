// `event`: what an Action is told (contract §8.4, §8.6). Pure: what it needs of the store was read before. No secret, password or
// token of anybody goes in.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/role.h"
#include "oauth/actions/actions_way.h"
#include "oauth/sign_in_pipeline.h"

namespace segue::oauth::actions_event {

// A refresh token whose session transfer token led here.
struct ParentToken {
  std::string public_id;
  json::object metadata;
};

// What stands beside the records of a sign-in.
struct Facts {
  json::object session_metadata, refresh_token_metadata;
  std::vector<std::string> session_clients;
  std::optional<ParentToken> session_parent, refresh_token_parent;
  std::vector<model::Role> roles;  // of the user in the tenant; signing in for an organization: of the member in it
};

json::object post_login(const SignIn& sign_in, const Facts& facts, const ActionsWay& way);

// The members that several triggers share. `request` has no query and no body: who has them adds them.
json::object request(const http::Call& call, const model::RequestOrigin& origin);
json::object client(const model::Client& client);
json::object transaction(const AuthorizationRequest& request);
json::object connection(const model::Connection& connection);
json::object organization(const model::Organization& organization);
json::object user(const tenancy::Snapshot& tenant, const model::User& user);
// The same without identities and factors, for a transaction: it reads nothing.
json::object account(const model::User& user);
json::object tenant(const tenancy::Snapshot& tenant);

}  // namespace segue::oauth::actions_event
