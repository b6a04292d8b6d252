// ID tokens (OIDC Core §2, contract §3.6).
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "model/client.h"
#include "model/directory.h"
#include "tenancy/snapshot.h"

namespace segue::tokens {

struct IdTokenRequest {
  std::string domain;
  const model::Client* client = nullptr;
  const model::User* user = nullptr;
  std::string scope;  // decides the profile claims
  std::string nonce;  // empty on refresh: several SDKs refuse one there
  std::string sid;    // interactive flows
  std::optional<base::Instant> auth_time;
  std::string access_token, code;  // at_hash and c_hash when not empty
  std::string state;               // s_hash when not empty: only for an ID token that travels with it
  std::string organization_id;
  json::object custom_claims = {};
  json::object actor = {};  // RFC 8693 §4.1 `act`; empty: none
};
std::string mint_id_token(const tenancy::Snapshot& tenant, base::Instant now, const IdTokenRequest& request);

// The user's claims that `scope` asks for (OIDC Core §5.4), `sub` included: also the body of /userinfo.
json::object user_claims(const model::User& user, std::string_view scope);

}  // namespace segue::tokens
