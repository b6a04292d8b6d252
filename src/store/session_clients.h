// Relying-party logins: which clients a session signed in at, and which of them were told of its end (contract §5.3).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/single_logout.h"
#include "store/store.h"

namespace segue::store::session_clients {

// How a relying party hears of the session's end.
struct Hearing {
  std::string_view domain = {};  // where it signed in; empty: at the tenant's canonical domain
  std::optional<base::Instant> look_at =
      {};  // when to look whether the session has expired; absent: it does not want to hear of that
};
// Once per session and client.
void record(const Writer& w, base::RowId session_id, std::string_view client_id, std::string_view transfer_id,
            const Hearing& hearing, base::Instant now);

// One that was not told yet.
struct Untold {
  std::string client_id, transfer_id, domain;
};
std::vector<Untold> list_untold(const Reader& r, base::RowId session_id);
// Exactly once: false when its message was queued before.
bool claim(const Writer& w, base::RowId session_id, std::string_view client_id, base::Instant now);

// Sessions to look at, with what is known of them.
struct Look {
  base::RowId session_id{};
  std::string client_id;
  base::Instant expires_at{}, idle_expires_at{};
  bool revoked = false;
};
std::vector<Look> list_looks(const Reader& r, base::Instant now, std::int64_t most);
// Later, or (nothing) never again.
void set_look(const Writer& w, base::RowId session_id, std::string_view client_id, std::optional<base::Instant> look_at);

// Service providers of other protocols. Writes under which names one knows the person and the session, which may change with each
// sign-in; its login was recorded before. False: it was not.
bool name(const Writer& w, base::RowId session_id, const model::SessionParticipant& participant);
std::optional<model::SessionParticipant> find_participant(const Reader& r, base::RowId session_id, std::string_view client_id);
// The session that a client knows by this index.
std::optional<base::RowId> find_session(const Reader& r, std::string_view client_id, std::string_view session_index);
bool has_participants(const Reader& r, base::RowId session_id);
// Those that nobody has set out to tell of the session's end: each once, in the order of client_id.
std::vector<model::SessionParticipant> claim_participants(const Writer& w, base::RowId session_id, base::Instant now);

}  // namespace segue::store::session_clients
