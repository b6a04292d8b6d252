// One presentation of a refresh token: checks, rotation, reuse detection (contract §4.2, §4.4; design §4 "Rotation that survives
// a lost reply"). Shared by the ordinary refresh and by the session transfer exchange.
#pragma once
#include <optional>

#include "model/directory.h"
#include "model/session_graph.h"
#include "oauth/grants/refresh_resource.h"
#include "oauth/sign_in_effects.h"
#include "store/store.h"
#include "tenancy/handles.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

enum class RefreshOutcome {
  unknown,  // no such token, wrong secret, or another client's: no effect at all
  reused,   // the family is revoked, and that commits
  over,     // revoked or expired, itself or an ancestor
  user_gone,
  user_blocked,
  wrong_key,          // the family is bound to a key that the request did not prove (RFC 9449 §5)
  key_demanded,       // the API takes only bound tokens, and the request proved no key
  wrong_audience,     // not the family's, in no policy of the client, and not the session transfer audience
  creation_disabled,  // the client may not create session transfer tokens
  online,             // an online refresh token creates no session transfer token: it ends with a session of its own
  nested,             // a session transfer token never grows from another (contract §1.12)
  password_changed,   // a token from before the user's last password change never mints a session transfer token
  consent_missing,    // the user took back what they allowed this third-party client
  organization_left,  // the user is in the family's organization no more
  exchanged,
};

struct RefreshFacts {
  RefreshOutcome outcome = RefreshOutcome::unknown;
  model::RefreshTokenFamily family;
  std::int64_t presented_counter = 0;
  std::optional<model::User> user;
  std::optional<model::Session> session;              // of an online refresh token, when it lives
  std::string_view failure_reason = "invalid_token";  // of an online refresh token that is refused (contract §4.7)
  RefreshResource resource;                           // of an exchange; with the session transfer audience only its scope counts
  std::optional<base::RowId> successor_id;            // set when the client rotates
  bool clamped = false;                               // the pipeline wanted a longer life than the settings allow
};

struct RefreshPresentation {
  const tenancy::Snapshot& tenant;
  const tenancy::PresentedHandle& handle;
  bool online = false;  // the kind of the handle
  const model::Client& client;
  std::string jkt;                          // the key that the request proved; empty: none
  std::string audience;                     // as requested; empty: the family's own
  const std::optional<std::string>& scope;  // as requested
  bool for_session_transfer = false;
  base::RowId successor_id{};           // of the token that a rotation makes
  const tenancy::NewHandle& successor;  // the same, derived beforehand where the client rotates; else empty
  std::string ip, user_agent;
  std::optional<std::int64_t> asn;
  const SignInEffects& effects;  // of the pipeline that let it pass
  base::Instant now;
};

// In the transaction that also writes what the exchange grants. A refused token stays as it was; a reused one ends its family.
RefreshFacts present_refresh_token(const store::Writer& w, const RefreshPresentation& presentation);

}  // namespace segue::oauth
