#include "oauth/token_exchange/exchange_event.h"

#include "base/text.h"
#include "oauth/actions/event.h"
#include "oauth/shown_parameters.h"

namespace segue::oauth {

json::object exchange_event(const ExchangeFacts& facts) {
  const auto& request = facts.request;
  const auto& exchange = facts.exchange;
  const auto& tenant = *request.tenant;
  auto asked = actions_event::request(request.call, facts.origin);
  asked["body"] = shown(request.parameters);
  json::object transaction{{"subject_token", exchange.subject_token},
                           {"subject_token_type", exchange.subject_token_type},
                           {"requested_token_type", kAccessTokenType},
                           {"requested_scopes", json::to_array(base::split(exchange.scope, ' '))}};
  if (!exchange.actor_token.empty()) {
    transaction["actor_token"] = exchange.actor_token;
    transaction["actor_token_type"] = exchange.actor_token_type;
  }
  if (facts.actor_token_user != nullptr) transaction["actor_token_user"] = actions_event::user(tenant, *facts.actor_token_user);
  json::object out{{"client", actions_event::client(*request.client)},
                   {"request", std::move(asked)},
                   // Without an API the token is for /userinfo.
                   {"resource_server",
                    {{"identifier", facts.audience.empty() ? tenant.issuer(request.call.domain) + "userinfo" : facts.audience}}},
                   {"tenant", actions_event::tenant(tenant)},
                   {"transaction", std::move(transaction)}};
  if (const auto in = tenant.organization(facts.organization_id)) out["organization"] = actions_event::organization(*in);
  return out;
}

}  // namespace segue::oauth
