// What the page for new people needs of "the authorization request in progress". oauth/ implements it, app/ connects the two.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "interaction/authorization_flow.h"

namespace segue::interaction {

// A suspended authorization request whose person may have no account yet.
struct PendingSignUp {
  PendingLogin request;
  bool asks_username = false;
  std::string password_rules = {};  // a line each
  std::string csrf = {};            // expected in the form; bound to this page, transaction and browser
};

struct NewPerson {
  std::string email, username;
  crypto::Secret password;
};

// Exactly one is set.
struct SignUpAnswer {
  std::optional<http::Response> response = {};
  std::string alert = {};  // what the person may mend on the page
  int status = 400;        // of the page then
};

class SignUpFlow {
 public:
  virtual ~SignUpFlow() = default;
  // Errors as of AuthorizationFlow::pending().
  virtual base::Result<PendingSignUp> pending_sign_up(const http::Call& call, std::string_view state) = 0;
  // Makes the account, and goes on as AuthorizationFlow::complete() does. The answer may be a move to another lane, with what was
  // done so far; called again there. Errors: there is nothing to mend on the page.
  virtual base::Result<SignUpAnswer> sign_up(const http::Call& call, const PendingSignUp& pending, const NewPerson& person) = 0;
};

}  // namespace segue::interaction
