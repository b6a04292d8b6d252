// What a token exchange asks for, and whether the client may: decided before a token is looked at (contract §3.4, §9.6).
#pragma once
#include <memory>
#include <string>

#include "oauth/resource.h"
#include "oauth/token_endpoint.h"
#include "oauth/token_exchange/exchange_request.h"

namespace segue::oauth {

base::Outcome check_exchange_client(const model::Client& client);

struct ExchangeTarget {
  std::shared_ptr<const tenancy::ExchangeAction> action;  // that answers for tokens of this type
  GrantedResource resource;
  std::string organization_id;  // that was asked for; empty: none, and the Action may still set one
};
base::Result<ExchangeTarget> decide_exchange_target(const TokenRequest& request, const ExchangeRequest& exchange);

// contract §4.1: whoever acts for somebody else asks again each time.
GrantedResource without_refresh_token(GrantedResource resource);

}  // namespace segue::oauth
