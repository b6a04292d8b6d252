// What the commands of a custom-token-exchange Action come to (contract §8.6). Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "actions/invocation.h"
#include "base/error.h"
#include "oauth/sign_in_effects.h"

namespace segue::oauth {

struct UserByConnection {
  std::string connection;  // its name
  json::object attributes;
  bool creates = false, replaces = false;
};

struct ExchangeDecision {
  std::optional<base::Error> refusal;
  bool subject_token_is_invalid = false;  // counts against the address
  // Exactly one of the two, unless it is refused.
  std::optional<std::string> user_id;
  std::optional<UserByConnection> by_connection;
  std::string organization;  // id or name; empty: the request's
  json::object actor;        // RFC 8693 §4.1; empty: none
  SignInEffects effects;     // metadata of the user
};
ExchangeDecision exchange_decision(const std::vector<actions::ActionResult>& results);

}  // namespace segue::oauth
