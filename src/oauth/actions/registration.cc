#include "oauth/actions/registration.h"

#include "oauth/actions/commands.h"
#include "oauth/actions/event.h"
#include "oauth/origin.h"
#include "oauth/shown_parameters.h"

namespace segue::oauth {
namespace {

constexpr std::size_t kMostRegistrationMetadata = 32 * 1024;  // contract §8.3
constexpr std::string_view kDenied = "extensibility_error";
constexpr std::string_view kNoMessage = "The sign-up was refused.";

json::object registration_event(const Registration& r) {
  auto asked = actions_event::request(r.call, r.origin);
  asked["body"] = shown(r.parameters);
  asked.erase("query");
  auto user = r.user.profile;
  user["email"] = r.user.email;
  if (!r.user.username.empty()) user["username"] = r.user.username;
  json::object out{{"client", actions_event::client(r.client)},
                   {"connection", actions_event::connection(r.connection)},
                   {"request", std::move(asked)},
                   {"tenant", actions_event::tenant(r.tenant)},
                   {"user", std::move(user)}};
  if (r.request != nullptr) out["transaction"] = actions_event::transaction(*r.request);
  return out;
}

void set_entry(json::object& changes, const json::array& arguments) {
  if (arguments.size() == 2) changes[text_argument(arguments, 0)] = arguments[1];
}

}  // namespace

RegistrationOutcome registration_outcome(const std::vector<actions::ActionResult>& results) {
  RegistrationOutcome out;
  const auto refuse = [&](std::string code, std::string reason, std::string message) {
    if (message.empty()) message = kNoMessage;
    if (!out.refusal) out.refusal = RegistrationRefusal{std::move(code), std::move(reason), std::move(message)};
  };
  for (const auto& result : results) {
    for (const auto& [method, arguments] : result.commands) {
      const auto first = told_argument(arguments, 0), second = told_argument(arguments, 1);
      if (method == "access.deny") refuse(std::string(kDenied), first, second);
      if (method == "validation.error") refuse(first.empty() ? std::string(kDenied) : first, first + ": " + second, second);
      if (method == "user.setUserMetadata") set_entry(out.user_metadata, arguments);
      if (method == "user.setAppMetadata") set_entry(out.app_metadata, arguments);
    }
  }
  for (const auto* changes : {&out.user_metadata, &out.app_metadata}) {
    if (json::write(*changes).size() > kMostRegistrationMetadata)
      refuse(std::string(kDenied), "Failed to set metadata: it is larger than 32 kB", "");
  }
  return out;
}

RegistrationOutcome run_pre_user_registration(Triggers& triggers, const Registration& r) {
  auto row = event_of(r.call, "", &r.client);
  row.connection = r.connection.name;
  row.connection_id = r.connection.connection_id;
  row.user_name = r.user.email;
  const auto ran =
      triggers.run(r.tenant, {.trigger = kPreUserRegistration, .event = registration_event(r), .row = std::move(row)});
  RegistrationOutcome out;
  if (ran.failure) {
    out.failure = ran.failure;
  } else {
    out = registration_outcome(ran.results);
  }
  out.execution_id = ran.execution_id;
  return out;
}

}  // namespace segue::oauth
