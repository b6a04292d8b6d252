// The stages between "who is it" and "issue the code" or the tokens (design §3): post-login Actions, further factors, consent.
// Nothing of a sign-in is committed before the pipeline has allowed it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/call.h"
#include "http/parameters.h"
#include "model/client.h"
#include "model/directory.h"
#include "model/session_graph.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/sign_in_effects.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

class Triggers;

// A sign-in whose person came back from another site: what the pipeline left for itself when it sent them there, and what they
// brought back.
struct SignInReturn {
  const json::object& suspended;
  const SignInEffects& effects;  // of the stages that ran before
  http::Parameters query, body;  // of the request to /continue
};

struct SignIn {
  const http::Call& call;
  const tenancy::Snapshot& tenant;
  std::string
      protocol;  // contract §8.4 `event.transaction.protocol`: "oidc-basic-profile", "oauth2-refresh-token", "oauth2-password" …
  std::shared_ptr<const model::Client> client;
  const model::User* user = nullptr;
  const model::SessionTransferToken* session_transfer_token = nullptr;  // on its redemption only
  const model::Session* session = nullptr;            // the one that goes on, or that begins if this sign-in passes
  const model::RefreshTokenFamily* family = nullptr;  // of the refresh token that is exchanged
  const AuthorizationRequest* request = nullptr;      // at /authorize
  const http::Parameters* parameters = nullptr;       // at the token endpoint
  std::string audience, scope;                        // as requested
  std::string connection_id, organization_id;
  std::vector<model::AuthenticationMethod> methods;
  model::RequestOrigin origin;
  const SignInReturn* back = nullptr;  // from another site
  bool by_password = false;            // just now: setPrimaryUser may say whose identity it was
  bool silent = false;                 // prompt=none: a stage that needs the person refuses with interaction_required
};

struct SignInRefusal {
  std::string error;        // "access_denied", "interaction_required"
  std::string description;  // shown to the application
  int status = 403;         // at the token endpoint; 503: try again
};

base::Error error_of(const SignInRefusal& refusal);

// The person has something to do elsewhere: the request waits until they are back at /continue.
struct SignInRedirect {
  std::string url;         // absolute, http or https; without `state`
  json::object suspended;  // given back in SignInReturn
};

struct SignInResult {
  std::optional<SignInRefusal> refusal;
  std::optional<SignInRedirect> redirect;  // the effects are those so far
  SignInEffects effects;                   // of a sign-in that is not refused; of one that is, only what its log row says
  std::optional<model::User> primary;      // who signs in, in place of the user; by_password only
};

class SignInPipeline {
 public:
  virtual ~SignInPipeline() = default;
  // True when no stage has anything to do at this tenant: a sign-in may then commit in the transaction that decided it. Called on
  // any thread, by every request.
  virtual bool is_empty(const tenancy::Snapshot& tenant) const = 0;
  // Runs outside any transaction, on a thread that may wait (http::Lane::outbound).
  virtual SignInResult run(const SignIn& sign_in) = 0;
  // What runs the Actions of the other triggers. Null: nothing does.
  virtual Triggers* triggers() { return nullptr; }
};

// A tenant without Actions, further factors or consent.
class EmptyPipeline final : public SignInPipeline {
 public:
  bool is_empty(const tenancy::Snapshot&) const override { return true; }
  SignInResult run(const SignIn&) override { return {}; }
};

}  // namespace segue::oauth
