// The OpenID provider as one object: its endpoints, their routes, and the flow that the login pages continue.
#pragma once
#include <memory>

#include "connections/accounts.h"
#include "http/router.h"
#include "interaction/authorization_flow.h"
#include "interaction/sign_out.h"
#include "interaction/sign_up_flow.h"
#include "oauth/services.h"

namespace segue::oauth {

class DeferredRuns;

class Feature {
 public:
  explicit Feature(const Services& services);
  ~Feature();
  // /authorize, /oauth/token, /userinfo, /v2/logout, discovery and keys: see routes.cc.
  void add_routes(http::Router& router);
  interaction::AuthorizationFlow& authorization_flow();
  interaction::SignUpFlow& sign_up_flow();
  // A further protocol, by the name that its requests have (interaction/foreign_protocol.h); before the first request.
  void speak(std::string_view name, interaction::ForeignProtocol& protocol);
  // Signing out as other protocols ask for it.
  interaction::SignOut& sign_out();
  // Who is told of new users and passwords.
  connections::AccountTriggers& account_triggers();
  // Actions that run beside the requests (actions/deferred_runs.h).
  DeferredRuns& deferred_runs();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::oauth
