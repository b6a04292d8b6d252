// What an Action of a token exchange is told (contract §8.6 custom-token-exchange). Pure. The one event that holds a token:
// reading it is the Action's work.
#pragma once
#include <optional>
#include <string>

#include "oauth/token_endpoint.h"
#include "oauth/token_exchange/exchange_request.h"

namespace segue::oauth {

struct ExchangeFacts {
  const TokenRequest& request;
  const ExchangeRequest& exchange;
  std::string audience;         // of the API; empty: none
  std::string organization_id;  // that was asked for; empty: none
  const model::User* actor_token_user = nullptr;
  model::RequestOrigin origin;
};
json::object exchange_event(const ExchangeFacts& facts);

}  // namespace segue::oauth
