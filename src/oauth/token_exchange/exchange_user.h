// Whom a token exchange is for: what the Action named, as the sign-in sees it, and as it is stored with the sign-in.
#pragma once
#include <memory>
#include <optional>

#include "connections/asserted_user.h"
#include "oauth/organization.h"
#include "oauth/token_endpoint.h"
#include "oauth/token_exchange/exchange_decision.h"

namespace segue::oauth {

struct ExchangeUser {
  model::User user;  // with what the Action says of it, whether or not it is stored already
  std::shared_ptr<const model::Connection> connection;
  std::optional<connections::AssertedUser> asserted;  // by setUserByConnection
  bool creates = false, replaces = false;
  std::string identity_id = {};  // setUserByConnection named an identity that is linked to the user; empty: the user's own
};
// Looks, and writes nothing. Who cannot sign in is refused here already, so that no further Action runs for them.
base::Result<ExchangeUser> find_exchange_user(const TokenRequest& request, const ExchangeDecision& decision);

// The same in the transaction of the sign-in, where it counts.
enum class ExchangeStanding { good, gone, elsewhere, blocked, not_a_member, identifier_taken };
struct StoredExchangeUser {
  ExchangeStanding standing = ExchangeStanding::gone;
  model::User user;  // as it is stored now
  bool joins_organization = false;
};
// Creates or changes the user where the Action says so, with the metadata that all Actions set. Nothing is written unless the
// user is good. Two exchanges that create the same user at once find one user, and both go on.
struct ExchangeStorage {
  const TokenRequest& request;
  const ExchangeUser& wanted;
  const SignInEffects& effects;  // of the exchange and of post-login
  std::string_view organization_id;
};
StoredExchangeUser store_exchange_user(const store::Writer& w, const ExchangeStorage& storage);

base::Error error_of(ExchangeStanding standing, std::string_view organization_id);

}  // namespace segue::oauth
