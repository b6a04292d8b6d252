// The pre-user-registration trigger: Actions that may refuse a sign-up, or add to the user's metadata (contract §8.6).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "http/parameters.h"
#include "oauth/actions/triggers.h"
#include "oauth/authorize/authorization_request.h"

namespace segue::oauth {

struct Registration {
  const http::Call& call;
  const tenancy::Snapshot& tenant;
  const model::Client& client;
  const model::Connection& connection;
  const model::User& user;  // as it would be stored
  const http::Parameters& parameters;
  model::RequestOrigin origin;
  const AuthorizationRequest* request = nullptr;  // that a page of ours signs up for
};

struct RegistrationRefusal {
  std::string code;     // "extensibility_error", or the Action's own
  std::string reason;   // for the log
  std::string message;  // for the person
};

struct RegistrationOutcome {
  std::optional<SignInRefusal> failure;  // the Actions did not come to their end
  std::optional<RegistrationRefusal> refusal;
  json::object user_metadata, app_metadata;  // to be merged; null removes
  std::string execution_id;
};

RegistrationOutcome run_pre_user_registration(Triggers& triggers, const Registration& registration);
// What the commands come to. Pure.
RegistrationOutcome registration_outcome(const std::vector<actions::ActionResult>& results);

}  // namespace segue::oauth
