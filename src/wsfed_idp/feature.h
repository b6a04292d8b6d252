// The identity provider of WS-Federation as one object: its endpoints, and the protocol that the one sign-in speaks for it.
#pragma once
#include <memory>

#include "http/router.h"
#include "wsfed_idp/services.h"

namespace segue::wsfed_idp {

// What app/ has; the rest of Services is the feature's own.
struct Foundation {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  base::Random& random;
  audit::FailureQueue& failures;
  interaction::AuthorizationFlow& flow;
  interaction::SignOut& sign_out;
};

class Feature {
 public:
  explicit Feature(const Foundation& foundation);
  ~Feature();
  void add_routes(http::Router& router);
  interaction::ForeignProtocol& protocol();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::wsfed_idp
