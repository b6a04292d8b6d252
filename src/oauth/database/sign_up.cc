#include "oauth/database/sign_up.h"

#include "base/text.h"
#include "oauth/database/errors.h"
#include "oauth/database/new_account.h"
#include "oauth/origin.h"

namespace segue::oauth::database {
namespace {

base::Result<http::Response> answer_of(const SignUpRefusal& refusal) {
  using Why = SignUpRefusal::Why;
  switch (refusal.why) {
    case Why::closed: return public_sign_up_disabled();
    case Why::no_connection: return no_connection();
    case Why::weak_password: return password_refused(*refusal.verdict);
    case Why::by_action: return refused_by_action(refusal.error.code, refusal.error.description);
    default: return refusal.error;
  }
}

// As it was sent: what an Action put into app_metadata is nobody's business.
http::Response answer_of(const NewAccount& account) {
  const auto& user = account.user;
  json::object answer{{"_id", user.user_id.substr(user.user_id.find('|') + 1)}, {"email", user.email}, {"email_verified", false}};
  if (!user.username.empty()) answer["username"] = user.username;
  for (const auto* name : {"given_name", "family_name", "name", "nickname", "picture", "user_metadata"}) {
    if (const auto* const value = json::find(account.described, name)) answer[name] = *value;
  }
  auto response = http::json_response(200, json::write(answer));
  response.headers.set("cache-control", "no-store");
  return response;
}

// Before it is known where somebody wants to sign up.
void log_misplaced(const Services& services, const http::Call& call, const http::Parameters& sent, const model::Client* client,
                   std::string why) {
  auto row = event_of(call, "fs", client);
  if (client != nullptr) row.user_name = base::shortened(sent.find("email").value_or(""), 256);
  row.description = std::move(why);
  services.failures.push(call.tenant, std::move(row));
}

}  // namespace

base::Result<http::Response> sign_up(const Services& services, connections::AccountTriggers& triggers, http::Call& call) {
  const auto sent = TRY(read_request(call.request));
  const auto* const before = std::any_cast<SignUpProgress>(&call.request.carried);
  auto progress = before == nullptr ? SignUpProgress{} : *before;
  return services.tenants.on_current(
      call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) -> base::Result<http::Response> {
        const auto place = find_place(*tenant, sent.parameters);
        if (!place.ok()) {
          log_misplaced(services, call, sent.parameters, nullptr, place.error().description);
          return place.error();
        }
        if (!place->connection) {
          log_misplaced(services, call, sent.parameters, place->client.get(), "No such connection");
          return no_connection();
        }
        const auto outcome = open_account(
            services, triggers,
            {.call = call, .tenant = *tenant, .place = *place, .sent = sent, .is_open = takes_sign_ups(*place->connection)},
            progress);
        if (outcome.goes_on) return http::continue_on(*outcome.goes_on, progress);
        if (outcome.refusal) return answer_of(*outcome.refusal);
        return answer_of(*outcome.account);
      });
}

}  // namespace segue::oauth::database
