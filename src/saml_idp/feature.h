// The identity provider of SAML 2.0 and WS-Federation as one object: its endpoints, and the protocols that the one sign-in speaks
// for it.
#pragma once
#include <memory>

#include "http/router.h"
#include "saml_idp/services.h"

namespace segue::saml_idp {

// What app/ has; the rest of Services is the feature's own.
struct Foundation {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  base::Random& random;
  audit::FailureQueue& failures;
  interaction::AuthorizationFlow& flow;
};

class Feature {
 public:
  explicit Feature(const Foundation& foundation);
  ~Feature();
  void add_routes(http::Router& router);
  interaction::ForeignProtocol& saml();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::saml_idp
