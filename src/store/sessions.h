// Browser sessions (contract §2.4, §6.2). The relying parties they signed in at: store/session_clients.h.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/session_graph.h"
#include "store/paging.h"
#include "store/revocations.h"
#include "store/store.h"

namespace segue::store::sessions {

void insert(const Writer& w, const model::Session& session, const model::Digest& secret_hash);

struct Found {
  model::Session session;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId session_id);
// The same, its row locked for change until the commit.
std::optional<Found> lock(const Writer& w, base::RowId session_id);

// What the Management API shows: sessions that are live at `now`, with what was written beside them.
struct Shown {
  model::Session session;
  json::object metadata;
};
std::optional<Shown> find_shown(const Reader& r, std::string_view sid, base::Instant now);
// In the order of sid.
std::vector<Shown> list_shown(const Reader& r, std::string_view user_id, base::Instant now, const Keyset& keyset);
std::vector<std::string> list_clients(const Reader& r, base::RowId session_id);
void set_metadata(const Writer& w, base::RowId session_id, const json::object& metadata);
json::object metadata(const Reader& r, base::RowId session_id);  // empty when there is none
// Whether its cookie outlives the browser.
void set_persistent(const Writer& w, base::RowId session_id, bool persistent);

// How the person was identified, the newest last.
void set_methods(const Writer& w, base::RowId session_id, const std::vector<model::AuthenticationMethod>& methods);

// Resets the idle timer and remembers where the browser is (contract §2.4). Its end may come nearer, never later.
void touch(const Writer& w, const model::Session& session);
// A joined session keeps its sid and its parents and gets a new cookie secret (design §4).
void replace_secret(const Writer& w, base::RowId session_id, const model::Digest& secret_hash);
// Marks it once, and leaves the rest to the background (store/revocations.h). False when it was revoked before.
bool revoke(const Writer& w, base::RowId session_id, base::Instant now,
            std::string_view initiator = revocations::kSessionRevoked);
// Marks it as succeeded by another session of the same user in the same browser, which the relying parties hear nothing of until
// that one ends.
void replace(const Writer& w, base::RowId session_id, base::RowId successor_id, base::Instant now);
// All of a user's that are not revoked yet. How many.
std::int64_t revoke_of_user(const Writer& w, std::string_view user_id, base::Instant now);

}  // namespace segue::store::sessions
