#include "saml_idp/logout/ending.h"

#include "assertions/key_ring.h"
#include "interaction/pages.h"
#include "saml_idp/logout/messages.h"
#include "saml_messages/names.h"

namespace segue::saml_idp {

std::optional<http::Response> answer_who_began(const Services& services, const tenancy::Snapshot& tenant,
                                               const model::LogoutEnd& end, bool all_told) {
  const auto now = services.clock.now();
  const auto party = party_of(tenant, end.client_id);
  const auto key = services.keys.signing_key(tenant, now);
  if (!party.ok() || party->addon.logout_callback.empty() || !key.ok()) return std::nullopt;
  // SAML core §3.7.3.2: the session has ended; the second code says that not everybody confirmed it.
  saml_messages::Status status{.code = std::string(saml_messages::status::kSuccess)};
  if (!all_told) status.sub_code = saml_messages::status::kPartialLogout;
  return send_logout_response({.tenant = tenant, .key = **key, .now = now}, *party,
                              {.id = new_message_id(services.random),
                               .in_response_to = end.request_id,
                               .status = std::move(status),
                               .relay_state = end.relay_state,
                               .by_post = end.by_post});
}

http::Response end_logout(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                          const model::LogoutEnd& end, bool all_told) {
  if (end.client_id.empty()) return end.redirect_to.empty() ? signed_out_page(call) : http::redirect_response(end.redirect_to);
  auto answer = answer_who_began(services, tenant, end, all_told);
  return answer ? std::move(*answer) : signed_out_page(call);
}

http::Response signed_out_page(const http::Call& call, const std::string& leads_to) {
  return interaction::pages::message_page(200, "You are signed out", "You can close this page.", call.request_id,
                                          {.href = leads_to, .label = "Continue"});
}

}  // namespace segue::saml_idp
