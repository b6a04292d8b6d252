// The credential core for database connections: who a user name and a password belong to. The one place that checks a password.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "audit/event.h"
#include "audit/failure_queue.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/password.h"
#include "crypto/secret.h"
#include "model/directory.h"
#include "protection/brute_force.h"
#include "tenancy/tenants.h"

namespace segue::connections {

struct PasswordAttempt {
  base::TenantId tenant{};
  std::shared_ptr<const model::Connection> connection;
  std::string identifier;  // e-mail or user name, as typed
  crypto::Secret password;
  std::string address;  // the end user's, for the limits; empty: unknown
  audit::Event
      event;  // client, hostname, user agent and the like, filled by the caller, for fp, fu, f, limit_wc and limit_mu rows
};

// A well-formed hash of this cost whose tag belongs to no known password: verifying it takes what verifying a user's takes, and
// making it takes nothing.
std::string make_decoy_hash(const crypto::PasswordCost& cost);

class PasswordLogin {
 public:
  PasswordLogin(tenancy::Tenants& tenants, protection::BruteForce& brute_force, audit::FailureQueue& failures,
                const base::Clock& clock, crypto::PasswordCost cost);

  // Only on the hashing lane. Costs one hash whether or not the user exists. Errors (contract §3.3):
  //   invalid_grant 403 "Wrong email or password."   too_many_attempts 429   unauthorized 403 "user is blocked" (right password
  //   only)
  // Returns whom the password signs in: of an identity that is linked to a user, that user.
  // Writes fp, fu, f, limit_wc, limit_mu rows itself. A right password under an old hash is hashed anew.
  base::Result<model::User> authenticate(const PasswordAttempt& attempt);
  // How a new password is stored. Only on the hashing lane.
  std::string hash(const crypto::Secret& password) const { return crypto::hash_password(password, cost_); }

 private:
  tenancy::Tenants& tenants_;
  protection::BruteForce& brute_force_;
  audit::FailureQueue& failures_;
  const base::Clock& clock_;
  crypto::PasswordCost cost_;
  std::string decoy_hash_;  // verified when there is no such user, so that time tells nothing
};

}  // namespace segue::connections
