// Sign-ins that are asked for and answered in another protocol than OpenID Connect (docs/decisions/0040). Its feature reads the
// request and writes the answer; what lies between, sessions, transfers, pipeline and pages, is that of every sign-in. oauth/
// implements AuthorizationFlow::begin_foreign, the feature of the protocol implements ForeignProtocol, app/ connects the two.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "http/call.h"
#include "json/value.h"
#include "model/client.h"
#include "model/directory.h"
#include "model/session_graph.h"
#include "tenancy/snapshot.h"

namespace segue::interaction {

// "samlp" and "wsfed": also the names in `event.transaction.protocol` (contract §8.4) and of the client's addons.
inline constexpr std::string_view kSamlProtocol = "samlp";
inline constexpr std::string_view kWsFederation = "wsfed";

// A request that its feature has read and verified.
struct ForeignRequest {
  std::string protocol;
  std::shared_ptr<const model::Client> client;
  std::string consumer_url;  // where the answer goes: one of the client's callbacks, or its addon's `destination`
  // What the feature needs for the answer. Stored with the sign-in and handed back as it is; no parameter can set any of it.
  json::object message;
  json::object shown = {};  // event.request.query of Actions, but for what opens something or is large
  std::string connection = {}, organization = {}, login_hint = {};
  bool forces_login = false;  // ForceAuthn, wfresh=0
  bool is_passive = false;    // no page may be shown
  std::optional<std::int64_t> max_age = {};
  // Nobody asked: a link led here. A session transfer token then counts only where the client's addon says so, because it would
  // put somebody else's account into the browser's session at the service provider.
  bool initiated_here = false;
  std::string session_transfer_token = {};  // of the query or the form; empty: none
  // What is wrong with the rest of it: told through the protocol, once its address is verified.
  std::optional<base::Error> objection = {};
  // What makes the request count once, and until when that is remembered: claimed when the consumer URL is verified, before
  // anything is spent. Empty: it may come again.
  std::string identifier = {};
  base::Instant remembered_until{};
};

// The request at its end, possibly a page or two later. `consumer_url` has been verified again.
struct ForeignSignIn {
  const http::Call& call;
  const tenancy::Snapshot& tenant;
  const model::Client& client;
  const json::object& message;
  const std::string& consumer_url;
};

// Who signed in. Everything has been committed.
struct SignedIn {
  const model::User& user;
  const model::Session& session;
  std::string session_index;             // names the session to this client (sessions/session_index.h)
  const json::object& answer_overrides;  // what Actions set with api.samlResponse (contract §8.5): their names as keys
};

class ForeignProtocol {
 public:
  virtual ~ForeignProtocol() = default;
  // Whether the person is the one whom the request names, where it names one: before anything is opened for them, inside the
  // transaction that decides.
  virtual bool admits(const store::Reader& r, const ForeignSignIn& sign_in, const model::User& user) const = 0;
  // The page that takes the answer to the consumer. Never on a fiber.
  virtual http::Response respond(const ForeignSignIn& sign_in, const SignedIn& signed_in) = 0;
  // The same for a refusal, whose codes are those of OAuth. It has been logged.
  virtual http::Response refuse(const ForeignSignIn& sign_in, const base::Error& error) = 0;
};

}  // namespace segue::interaction
