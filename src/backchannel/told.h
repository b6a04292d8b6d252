// Who is told of a session's end: the relying parties that it signed in at, that have a back-channel URL and asked for this kind
// of end (contract §5.3).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "store/descendants.h"
#include "tenancy/snapshot.h"

namespace segue::backchannel {

// One message, made before the transaction that queues it.
struct Telling {
  base::RowId session_id{};
  std::string client_id, payload, transfer_id;
};
std::vector<Telling> tellings_of(const store::Reader& r, const tenancy::Snapshot& tenant, base::Random& random,
                                 const store::descendants::EndedSession& session, std::string_view initiator,
                                 std::string_view trace_id);
// Service providers of other protocols that nobody leads a browser to: SAML and WS-Federation have no back channel here, so the
// tenant's log says which were not told. Once.
void give_up_participants(const store::Writer& w, const tenancy::Snapshot& tenant,
                          const store::descendants::EndedSession& session, std::string_view initiator, base::Instant now);
// In the transaction that marks the session, or later: each relying party once.
void queue(const store::Writer& w, const std::vector<Telling>& tellings, base::Instant now);

}  // namespace segue::backchannel
