// The tenant's configuration besides clients: domains, settings, connections, resource servers, client grants. And its users.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "json/value.h"

namespace segue::model {

struct Tenant {
  base::TenantId id{};
  std::string name;                  // "localhost" of "localhost:8443"
  std::int64_t config_version = 0;   // rises with every change of configuration (design §5)
  std::vector<std::string> domains;  // canonical first; with port if not 443
  json::object settings;             // tenant settings as the Management API will show them
  base::Instant created_at{};

  const std::string& canonical_domain() const { return domains.front(); }
};

// contract §9.9. `strategy` is "auth0" for a database connection.
struct Connection {
  std::string connection_id;  // con_…
  std::string name;
  std::string strategy;
  std::vector<std::string> enabled_clients;
  json::object document;  // options and the rest, as set
  base::Instant created_at{}, updated_at{};
};
// Null: it has none.
const json::object* options_of(const Connection& connection);

// An identity that is linked to a user (contract §9.10), without its secrets.
struct LinkedIdentity {
  std::string user_id, connection_id, email, username;
  bool email_verified = false;
  json::object profile;
};

// contract §9.10. Database users have `user_id` "auth0|…".
struct User {
  std::string user_id;
  std::string connection_id;
  std::string email;  // as given; email_normalized in SQL is lower case
  std::string username;
  std::string password_hash;       // argon2id or bcrypt; empty: cannot sign in by password
  base::Instant password_epoch{};  // of the last password change; ends older sessions
  bool email_verified = false;
  bool blocked = false;
  std::int64_t logins_count = 0;
  std::optional<base::Instant> last_login, last_password_reset;
  std::string last_ip;
  json::object profile;  // name, given_name, …, user_metadata, app_metadata: the remaining API fields
  base::Instant created_at{}, updated_at{};
  std::vector<LinkedIdentity> linked;
  // The user whom this identity signs in: it is none itself then. Empty: it is a user.
  std::string linked_to;

  // Who is meant by whatever is proved with this identity, or done to it.
  const std::string& subject() const { return linked_to.empty() ? user_id : linked_to; }
};

// contract §9.7
struct ResourceServer {
  std::string resource_server_id;  // 24 hex digits
  std::string identifier;          // the audience
  std::string name;
  bool is_system = false;
  bool allow_offline_access = false;
  bool allow_online_access = false;
  bool allow_online_access_with_ephemeral_sessions = false;
  bool skip_consent_for_verifiable_first_party_clients = false;
  std::int64_t token_lifetime = 86400;
  std::int64_t token_lifetime_for_web = 7200;
  std::string signing_alg = "RS256";                   // or ES256, our declared extension
  bool by_rfc_9068 = false;                            // token_dialect: rfc9068_profile…, else access_token…
  bool enforce_policies = false;                       // users get the scopes that they have as permissions
  bool says_permissions = false;                       // the same, and a token_dialect that ends in _authz: a claim lists them
  bool demands_proof = false;                          // proof_of_possession: tokens are bound to a key …
  bool demands_proof_of_everybody = false;             // … also those of confidential clients
  std::vector<std::string> scopes;                     // values only
  std::string client_policy = "require_client_grant";  // subject_type_authorization.client.policy
  std::string user_policy = "allow_all";               // subject_type_authorization.user.policy
  json::object document;
  base::Instant created_at{}, updated_at{};

  bool demands_proof_of(bool public_client) const { return demands_proof && (public_client || demands_proof_of_everybody); }
};
ResourceServer resource_server_from_document(std::string id, json::object document);

// contract §9.8
struct ClientGrant {
  std::string client_grant_id;  // cgr_…
  std::string client_id;
  std::string audience;
  std::string subject_type = "client";  // or "user"
  std::vector<std::string> scope;
  bool allow_all_scopes = false;
  json::object document;
  base::Instant created_at{};
};
ClientGrant client_grant_from_document(std::string id, json::object document);

}  // namespace segue::model
