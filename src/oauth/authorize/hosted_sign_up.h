// The sign-up page's side of a suspended authorization request: an account by the rules of /dbconnections/signup, then the
// sign-in that the request waits for.
#pragma once
#include "connections/accounts.h"
#include "interaction/sign_up_flow.h"
#include "oauth/database/new_account.h"
#include "oauth/services.h"

namespace segue::oauth {

class HostedSignUp final : public interaction::SignUpFlow {
 public:
  HostedSignUp(const Services& services, interaction::AuthorizationFlow& sign_in, connections::AccountTriggers& triggers)
      : services_(services), sign_in_(sign_in), triggers_(triggers) {}

  base::Result<interaction::PendingSignUp> pending_sign_up(const http::Call& call, std::string_view state) override;
  base::Result<interaction::SignUpAnswer> sign_up(const http::Call& call, const interaction::PendingSignUp& pending,
                                                  const interaction::NewPerson& person) override;

 private:
  base::Result<database::SignUpOutcome> open(const http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                             const interaction::PendingSignUp& pending, const interaction::NewPerson& person,
                                             database::SignUpProgress& progress);

  Services services_;
  interaction::AuthorizationFlow& sign_in_;
  connections::AccountTriggers& triggers_;
};

}  // namespace segue::oauth
