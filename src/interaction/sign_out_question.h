// "Sign out?": what the person is asked where whoever asks for a sign-out has not shown that it may (contract §5.3).
#pragma once
#include <string>

#include "base/result.h"
#include "http/call.h"
#include "http/parameters.h"
#include "tenancy/snapshot.h"

namespace segue::interaction {

struct SignOutQuestion {
  std::string action;           // path of the form
  http::Parameters asked;       // what its yes brings along
  std::string redirect_origin;  // of where it ends; empty: at a page
};
http::Response ask_to_sign_out(const http::Call& call, const tenancy::Snapshot& tenant, const SignOutQuestion& question);
// The form is the yes to this question, from our own page, in a browser with the same sessions.
base::Outcome check_yes(const http::Call& call, const tenancy::Snapshot& tenant, const SignOutQuestion& question,
                        const http::Parameters& form);

}  // namespace segue::interaction
