#include "oauth/end_session.h"

#include "base/text.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "sessions/live_session.h"
#include "store/connections.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& item : list) out.emplace_back(item);
  return out;
}

}  // namespace

std::vector<std::string> logout_urls_of(const tenancy::Snapshot& tenant, const model::Client* client) {
  return client != nullptr ? client->allowed_logout_urls : json::find_strings(tenant.tenant().settings, "allowed_logout_urls");
}

LogoutTarget logout_target(std::vector<std::string> allowed, const std::optional<std::string>& asked) {
  LogoutTarget out;
  out.allowed = std::move(allowed);
  out.asked = asked.value_or("");
  if (asked) out.redirect = verify_redirect(out.allowed, *asked);
  return out;
}

base::Error refuse_target(const Services& services, const http::Call& call, const model::Client* client,
                          const LogoutTarget& target, std::string_view parameter) {
  auto row = event_of(call, "flo", client);
  row.description = "The " + std::string(parameter) + " parameter is not in the list of allowed logout URLs.";
  row.details = json::object{{"return_to", base::shortened(target.asked, 512)},
                             {"allowed_logout_url", texts(target.allowed)},
                             {"initiated_by", "rp"},
                             {"protocol", target.protocol}};
  services.failures.push(call.tenant, std::move(row));
  return invalid_request("The " + std::string(parameter) + " address is not among the allowed logout URLs" +
                         std::string(client != nullptr ? " of this application." : "."));
}

std::vector<model::Session> lock_live_sessions(const store::Writer& w, const std::vector<tenancy::PresentedHandle>& cookies,
                                               base::Instant now) {
  std::vector<model::Session> out;
  for (const auto& cookie : cookies) {
    if (auto session = sessions::lock_live(w, cookie, now)) out.push_back(std::move(*session));
  }
  return out;
}

void end_session(const store::Writer& w, const model::Session& session, audit::Event row, const LogoutTarget& target,
                 base::Instant now) {
  store::sessions::revoke(w, session.session_id, now, store::revocations::kRpLogout);
  if (const auto user = store::users::find(w, session.user_id)) set_user(row, *user, nullptr);
  row.user_id = session.user_id;
  const auto connection = store::connections::find(w, session.connection_id);
  set_connection(row, connection ? &*connection : nullptr);
  row.transfer_id = session.ancestry.transfer_id;
  row.details = json::object{{"session_id", session.sid}, {"initiated_by", "rp"}, {"protocol", target.protocol}};
  if (target.redirect) {
    row.details["return_to"] = target.redirect->uri();
    row.details["allowed_logout_url"] = texts(target.allowed);
  }
  audit::append(w, row, now);
}

}  // namespace segue::oauth
