#include "backchannel/told.h"

#include "audit/untold.h"
#include "backchannel/logout_message.h"
#include "store/outbox.h"
#include "store/session_clients.h"

namespace segue::backchannel {

std::vector<Telling> tellings_of(const store::Reader& r, const tenancy::Snapshot& tenant, base::Random& random,
                                 const store::descendants::EndedSession& session, std::string_view initiator,
                                 std::string_view trace_id) {
  std::vector<Telling> out;
  for (auto& party : store::session_clients::list_untold(r, session.session_id)) {
    const auto client = tenant.client(party.client_id, &r);
    if (!client || !client->backchannel_logout.is_told_of(initiator)) continue;
    LogoutMessage message{.sid = session.sid,
                          .user_id = session.user_id,
                          .initiator = std::string(initiator),
                          .domain = std::move(party.domain),
                          .jti = random.text(22, base::kAlphanumeric),
                          .trace_id = std::string(trace_id)};
    if (client->backchannel_logout.includes_session_metadata) message.session_metadata = session.metadata;
    out.push_back({.session_id = session.session_id,
                   .client_id = std::move(party.client_id),
                   .payload = to_text(message),
                   .transfer_id = party.transfer_id.empty() ? session.transfer_id : party.transfer_id});
  }
  return out;
}

void give_up_participants(const store::Writer& w, const tenancy::Snapshot& tenant,
                          const store::descendants::EndedSession& session, std::string_view initiator, base::Instant now) {
  audit::Untold untold{.sid = session.sid,
                       .user_id = session.user_id,
                       .initiator = std::string(initiator),
                       .why = "The session ended without its browser.",
                       .client_ids = {},
                       .is_wsfed = true};
  for (auto& participant : store::session_clients::claim_participants(w, session.session_id, now)) {
    const auto client = tenant.client(participant.client_id, &w);
    const bool is_saml = participant.protocol == "samlp";
    if (!client || (is_saml && !model::logout_addon_of(client.get()))) continue;
    untold.is_wsfed = untold.is_wsfed && !is_saml;
    untold.client_ids.push_back(std::move(participant.client_id));
  }
  if (untold.client_ids.empty()) return;
  auto row = audit::untold_event(untold);
  row.transfer_id = session.transfer_id;
  audit::append(w, row, now);
}

void queue(const store::Writer& w, const std::vector<Telling>& tellings, base::Instant now) {
  for (const auto& telling : tellings) {
    if (store::session_clients::claim(w, telling.session_id, telling.client_id, now))
      store::outbox::insert(w, telling.client_id, telling.payload, telling.transfer_id, now);
  }
}

}  // namespace segue::backchannel
