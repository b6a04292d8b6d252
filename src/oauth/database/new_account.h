// A sign-up, whoever brings it: POST /dbconnections/signup (sign_up.h) or the page (authorize/hosted_sign_up.h). The rules, the
// limits, the Actions and the rows of it are here, so that no second way walks around them (design §8.11).
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "connections/accounts.h"
#include "connections/password_policy.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/database/request.h"
#include "oauth/services.h"

namespace segue::oauth::database {

// Whether the connection lets strangers in at all (contract §9.9).
bool takes_sign_ups(const model::Connection& connection);

struct SignUpAttempt {
  const http::Call& call;
  const tenancy::Snapshot& tenant;
  const Place& place;  // both are set
  const DatabaseRequest& sent;
  bool is_open = false;                           // who asks may sign up there
  const AuthorizationRequest* request = nullptr;  // that a page of ours signs up for; null: the API
  // For who is invited: asked in the transaction that stores the user, so that nobody has an account of an invitation that is
  // over.
  std::function<bool(const store::Writer&)> is_still_invited = {};
};

// What the request has found out on the lanes it came through.
struct SignUpProgress {
  bool counted = false;
  std::string password_hash;
};

struct SignUpRefusal {
  enum class Why {
    closed,
    throttled,
    not_valid,      // what was sent can be no user
    weak_password,  // `verdict` says why
    taken,          // `error` says no more than strangers may know
    by_action,      // `error` holds the Action's code, and its message for the person
    failed,         // the Actions did not come to their end
    no_connection,  // it was deleted meanwhile
    not_invited,
  } why;
  base::Error error;
  std::optional<connections::PasswordVerdict> verdict = {};
};

struct NewAccount {
  model::User user;
  json::object described;  // its profile without what is filled in for who says nothing
};

// Exactly one is set.
struct SignUpOutcome {
  std::optional<NewAccount> account = {};
  std::optional<http::Lane> goes_on = {};  // in this lane, with the progress
  std::optional<SignUpRefusal> refusal = {};
};

// Writes the ss row with the user, or an fs row. Runs in on_current().
SignUpOutcome open_account(const Services& services, connections::AccountTriggers& triggers, const SignUpAttempt& attempt,
                           SignUpProgress& progress);

}  // namespace segue::oauth::database
