// The errors of /dbconnections/… (contract §5.5), which have a shape of their own: {name, code, description, statusCode}.
#pragma once
#include <string>

#include "base/error.h"
#include "connections/password_policy.h"
#include "http/call.h"

namespace segue::oauth::database {

http::Response database_face(const base::Error& error, const http::Call& call);

base::Error bad_request(std::string code, std::string description);
inline base::Error invalid_sign_up() { return bad_request("invalid_signup", "Invalid sign up"); }
base::Error too_many_attempts();

// What holds more than a code and a text. Answers, because a face is given no more of an Error.
http::Response password_refused(const connections::PasswordVerdict& verdict);
http::Response public_sign_up_disabled();
http::Response no_connection();
// An Action refused: `message` is meant for the person.
http::Response refused_by_action(const std::string& code, const std::string& message);

}  // namespace segue::oauth::database
