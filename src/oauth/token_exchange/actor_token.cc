#include "oauth/token_exchange/actor_token.h"

#include "oauth/errors.h"
#include "oauth/id_token_hint.h"
#include "store/users.h"

namespace segue::oauth {

base::Result<std::optional<model::User>> actor_token_user(const tenancy::Snapshot& tenant, const ExchangeRequest& exchange,
                                                          base::Instant now) {
  if (exchange.actor_token_type != kIdTokenType) return std::optional<model::User>();
  const auto token = read_id_token_hint(tenant, exchange.actor_token);
  if (!token.ok())
    return invalid_request("The actor_token is not an ID token that was issued here: send the one from the actor's sign-in.");
  if (base::to_seconds(now) >= token->expires_at)
    return invalid_request("The actor_token has expired: the actor signs in again.");
  auto user =
      tenant.store().read(tenant.tenant().id, [&](const store::Reader& r) { return store::users::find(r, token->subject); });
  if (!user || user->blocked) return invalid_request("The actor_token is of a user who does not exist or is blocked.");
  return user;
}

}  // namespace segue::oauth
