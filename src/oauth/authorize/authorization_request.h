// An authorization request, validated whole before anything is spent for it (RFC 6749 §4.1.1, OIDC Core §3.1.2.1, contract
// §2.1–2.2).
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "audit/event.h"
#include "base/result.h"
#include "http/parameters.h"
#include "json/value.h"
#include "model/client.h"
#include "oauth/authorize/redirect_uri.h"
#include "oauth/authorize/response_type.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

struct AuthorizationRequest {
  std::string client_id;
  ResponseType response_type{.code = true};
  ResponseMode response_mode = ResponseMode::query;
  std::string redirect_uri;        // where the answer goes
  bool redirect_uri_given = true;  // false: the client's only one was taken (contract §2.1)
  std::string scope, audience, state, nonce, code_challenge, login_hint, organization, connection;
  bool sign_up_first = false;  // screen_hint=signup: which page comes first; not kept, as no later page asks
  bool prompt_none = false, prompt_login = false, prompt_consent = false;  // select_account counts as login (contract §1.18)
  std::string dpop_jkt;  // the key that the exchange of the code will prove (RFC 9449 §10)
  std::optional<std::int64_t> max_age;
  // An invitation to the organization: what was presented, not its secret (contract §2.1).
  base::RowId invitation_row_id{};  // zero: none
  std::string invitation_hash;      // base64url
  json::object other;               // parameters for the Actions (oauth/shown_parameters.h)
  base::RowId device_code_id{};     // set by the activation page only (RFC 8628 §3.3), never by a parameter; zero: none
  // Set by begin_foreign only, never by a parameter (interaction/foreign_protocol.h); empty: OpenID Connect.
  std::string foreign_protocol;
  json::object message;  // of that protocol, for its feature alone

  bool is_foreign() const { return !foreign_protocol.empty(); }
  // contract §8.4 `event.transaction.protocol`
  std::string_view protocol() const {
    if (is_foreign()) return foreign_protocol;
    return device_code_id == base::RowId{} ? "oidc-basic-profile" : "oauth2-device-code";
  }
  bool wants_auth_time() const { return max_age.has_value() || prompt_login; }
};
json::object to_json(const AuthorizationRequest& request);
AuthorizationRequest authorization_request_from(const json::object& stored);

// The log rows of another protocol say which.
void describe_protocol(audit::Event& row, const AuthorizationRequest& request);

// A failure with the address it may be told to, once that is verified; without one it becomes a page (contract §2.2).
struct AuthorizeFailure {
  base::Error error;
  std::optional<VerifiedRedirect> redirect;
  ResponseMode response_mode = ResponseMode::query;
  std::string state;
};

struct ValidatedRequest {
  AuthorizationRequest request;
  std::shared_ptr<const model::Client> client;
  VerifiedRedirect redirect;
};

// Exactly one of the two is set.
struct Validation {
  std::optional<ValidatedRequest> valid;
  std::optional<AuthorizeFailure> failure;
};
Validation validate_authorization_request(const tenancy::Snapshot& tenant, const http::Parameters& parameters);

// contract §2.2 invalid_connection: the one that the request names is there, and serves the client.
base::Outcome check_connection(const tenancy::Snapshot& tenant, const model::Client& client, const AuthorizationRequest& request);

}  // namespace segue::oauth
