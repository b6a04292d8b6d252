#include "oauth/end_session.h"

#include "base/text.h"
#include "http/speculative.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "sessions/end_session.h"
#include "sessions/logout_walk.h"
#include "sessions/session_cookie.h"

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

SignedOut sign_out(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant, const model::Client* client,
                   const LogoutTarget& target, const std::string& redirect_to, Admits admits) {
  const auto cookies = sessions::presented_sessions(tenant.keys(), call.request);
  const auto walk = sessions::prepare_walk(tenant, services.random, call.request);
  SignedOut out;
  out.done = true;
  // A browser with the cookie of a walk may stand still in one.
  if (cookies.empty() && !walk.before) return out;
  const auto now = services.clock.now();
  auto row = event_of(call, "slo", client);
  row.details = json::object{{"initiated_by", "rp"}, {"protocol", target.protocol}};
  if (target.redirect) {
    row.details["return_to"] = target.redirect->uri();
    row.details["allowed_logout_url"] = texts(target.allowed);
  }
  bool leads_on = false;
  out.done = services.tenants.write_on(tenant, [&](const store::Writer& w) {
    leads_on = false;
    const auto live = sessions::lock_live_sessions(w, cookies, now);
    if (!admits(live)) return false;
    for (const auto& session : live) sessions::end_session(w, session, row, now);
    auto over = sessions::expired_sessions(w, cookies, now);
    over.insert(over.begin(), live.begin(), live.end());
    leads_on = sessions::begin_walk(w, tenant, walk,
                                    {.sessions = over,
                                     .end = {.redirect_to = redirect_to, .client_id = {}, .request_id = {}},
                                     .knows = target.client_knows && client != nullptr ? client->client_id : std::string(),
                                     .protocol = target.protocol,
                                     .row = row,
                                     .leads = http::is_top_level_navigation(call.request)},
                                    now)
                   .leads_on;
    return true;
  });
  if (leads_on) out.walk = sessions::lead_on(walk);
  return out;
}

}  // namespace segue::oauth
