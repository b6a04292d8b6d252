// Records of one authorization request: the stored transaction and the code that ends it.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "model/session_graph.h"

namespace segue::model {

// A suspended authorization request (design §3). The browser that began it holds the binding secret in a cookie.
struct AuthorizeTransaction {
  base::RowId transaction_id{};
  Digest binding_hash{};
  std::string client_id;
  std::string request;        // the validated request as JSON (oauth/authorize/authorization_request.h)
  bool forces_login = false;  // an existing session must not end it without a prompt
  std::string step;           // what it waits for once the person is known (oauth/authorize/steps.h); empty: the login page
  std::string evidence;       // of the sign-in so far, as JSON (oauth/authorize/sign_in_evidence.h)
  base::Instant created_at{}, expires_at{};
  std::optional<base::Instant> finished_at;
};

struct AuthorizationCode {
  base::RowId authorization_code_id{};
  std::string client_id, user_id, connection_id, organization_id;
  base::RowId session_id{};
  std::string redirect_uri;  // empty: the request carried none
  std::string scope, audience, nonce, code_challenge;
  std::string dpop_jkt;  // the key that its exchange must prove (RFC 9449 §10); empty: any or none
  base::Instant auth_time{};
  bool wants_auth_time = false;      // max_age or prompt=login: the claim is required (OIDC Core §3.1.3.7)
  bool allows_refresh_token = true;  // false in a transaction authenticated by a session transfer token (contract §1.12)
  bool refresh_token_ends_with_session = false;
  Ancestry ancestry;             // of the transfer that authenticated this transaction
  base::RowId joined_by{};       // the session transfer token that joined a session it did not open; zero: none
  base::RowId device_code_id{};  // the device that it was made for (RFC 8628); zero: none
  std::string effects;           // what the tokens are made with, as JSON (oauth/sign_in_effects.h); empty: nothing
  base::Instant created_at{}, expires_at{};
};

// A session transfer token inside a pushed request: its handle without the secret. No id: the text was no such token.
struct PushedTransfer {
  base::RowId session_transfer_token_id{};
  Digest secret_hash{};
};

// An authorization request that its client sent ahead (RFC 9126). Found by the handle in its request_uri.
struct PushedRequest {
  base::RowId pushed_request_id{};
  std::string client_id;
  std::string parameters;  // a form, as validated when it was pushed
  std::optional<PushedTransfer> transfer;
  base::Instant created_at{}, expires_at{};
  std::optional<base::Instant> consumed_at;
};

}  // namespace segue::model
