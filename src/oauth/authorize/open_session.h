// The end of a sign-in: session, code and log row in one transaction, after the pipeline has allowed it (design §3).
#pragma once
#include <optional>
#include <string>

#include "audit/event.h"
#include "http/call.h"
#include "interaction/foreign_protocol.h"
#include "model/authorize.h"
#include "model/session_graph.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/resource.h"
#include "oauth/services.h"
#include "oauth/sign_in_effects.h"
#include "tenancy/handles.h"

namespace segue::oauth {

// Everything random, made before the transaction. `sid`: the one that the pipeline was told; empty: a new one.
struct PreparedSignIn {
  tenancy::NewHandle session;                        // for a new session
  std::optional<tenancy::NewHandle> joined_session;  // a new cookie secret for the session whose handle the browser presented
  tenancy::NewHandle code;
  std::string sid;
};
PreparedSignIn prepare_sign_in(const tenancy::Snapshot& tenant, const Services& services,
                               const std::optional<tenancy::PresentedHandle>& presented, const std::string& sid = {});

// The member of `details` that holds what the evaluation of a session transfer token compared (evaluate_transfer.h).
inline constexpr std::string_view kTransferChecks = "transfer_checks";

// How the user was identified. Exactly one of the first three is set.
struct SignInBasis {
  const model::SessionTransferToken* transfer = nullptr;
  std::optional<base::Instant> transfer_expires_at;  // no session outlives the refresh token that its transfer grew from
  const json::object* transfer_compared = nullptr;   // when that was judged
  const model::Session* session = nullptr;           // single sign-on with a live session
  bool password = false;                             // the login page
  base::Instant password_at{};                       // when it was checked
  std::optional<model::Session> existing;            // the live session in this browser, if any
  std::string connection_id;                         // for a new session
};

struct OpenedSession {
  model::Session session;
  std::optional<crypto::Secret> cookie;  // to be set; absent: the browser's cookie stays good
  model::AuthorizationCode code;         // stored when the request asks for one
  std::vector<std::string> permissions;  // of the user at the API that was asked for
  json::object saml_response;            // what the pipeline wants of the answer of another protocol
  bool clamped = false;                  // the pipeline wanted a longer life than the settings allow
};

struct SignInContext {
  const http::Call& call;
  const tenancy::Snapshot& tenant;
  const ValidatedRequest& validated;
  const GrantedResource& resource;
  const PreparedSignIn& prepared;
  const model::RequestOrigin& origin;
  base::Instant now;
  const interaction::ForeignProtocol* protocol = nullptr;  // null: OpenID Connect

  SignInContext on(const GrantedResource& other) const {
    return {.call = call,
            .tenant = tenant,
            .validated = validated,
            .resource = other,
            .prepared = prepared,
            .origin = origin,
            .now = now,
            .protocol = protocol};
  }
};
// The session that a sign-in would go on with, for a look at it before anything is decided: not stored.
model::Session expected_session(const SignInContext& context, const SignInBasis& basis, const model::User& user);
// `user` was read in this transaction, locked for change where the effects change it. Writes the session (new, joined or
// touched), the code, the relying party and the `s` or `ssa` row, and what the pipeline wants of them.
OpenedSession open_session(const store::Writer& w, const SignInContext& context, const SignInBasis& basis, model::User& user,
                           const SignInEffects& effects);

}  // namespace segue::oauth
