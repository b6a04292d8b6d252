// Refresh tokens and their families (contract §4). A family is one sign-in at one client; rotation adds tokens to it.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/session_graph.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::refresh_tokens {

void insert_family(const Writer& w, const model::RefreshTokenFamily& family);
void insert(const Writer& w, const model::RefreshToken& token, const model::Digest& secret_hash);

struct Found {
  model::RefreshToken token;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId refresh_token_id);
std::optional<model::RefreshTokenFamily> find_family(const Reader& r, base::RowId family_id);
// The family, its row locked for change: rotations of one family follow one another.
std::optional<model::RefreshTokenFamily> lock_family(const Writer& w, base::RowId family_id);

// What a descendant asks of the family that it grew from. Locks the row against revocation until the commit.
struct Standing {
  bool revoked = false;
  bool revocation_cascades = false;
  bool expired = false;
  std::optional<base::Instant> expires_at;
  base::Instant password_epoch{};
};
std::optional<Standing> lock_standing(const Writer& w, base::RowId family_id, base::Instant now);

// Exactly once: issued → consumed, naming the successor. False when it was consumed or revoked before.
bool consume(const Writer& w, base::RowId refresh_token_id, const model::Digest& secret_hash, base::RowId successor_id,
             base::Instant now);
// True while the token was never exchanged.
bool is_unused(const Reader& r, base::RowId refresh_token_id);

struct Exchange {
  std::int64_t token_counter = 0;
  bool rotating = false;
  std::optional<base::Instant> expires_at, idle_expires_at;
  std::string_view ip, user_agent;
  std::optional<std::int64_t> asn;
};
void record_exchange(const Writer& w, base::RowId family_id, const Exchange& exchange, base::Instant now);

// What the Management API shows of a family, unless it is of an online refresh token: one that could be exchanged at `now`, with
// what was written beside it.
struct Shown {
  model::RefreshTokenFamily family;
  json::object metadata;
};
std::optional<Shown> find_shown(const Reader& r, std::string_view public_id, base::Instant now);
// A user's, at one client or (empty) at all, in the order of public_id.
std::vector<Shown> list_shown(const Reader& r, std::string_view user_id, std::string_view client_id, base::Instant now,
                              const Keyset& keyset);
// The same in pages: of a user or (empty) of all, at a client or at all, rotating or not or both.
struct Filter {
  std::string user_id, client_id;
  std::optional<bool> rotating;
};
std::vector<Shown> list_page(const Reader& r, const Filter& filter, base::Instant now, const Offset& offset);
std::int64_t count(const Reader& r, const Filter& filter, base::Instant now);
// Whether the id is of an online refresh token, live or not: they are not shown (contract §4.7).
bool names_online(const Reader& r, std::string_view public_id);
void set_metadata(const Writer& w, base::RowId family_id, const json::object& metadata);
json::object metadata(const Reader& r, base::RowId family_id);  // empty when there is none

// Marks the family once, for every node and every descendant. False when it was revoked before.
bool revoke_family(const Writer& w, base::RowId family_id, bool cascades, base::Instant now);
// What a user holds at a client for an audience (empty: for /userinfo only).
void revoke_families_of(const Writer& w, std::string_view user_id, std::string_view client_id, std::string_view audience,
                        bool cascades, base::Instant now);
// The same, for any audience.
void revoke_families_at(const Writer& w, std::string_view user_id, std::string_view client_id, bool cascades, base::Instant now);
// What the user holds at a client that was issued in a session.
void revoke_families_in(const Writer& w, std::string_view user_id, std::string_view client_id, base::RowId session_id,
                        bool cascades, base::Instant now);
// Those of a user at a client that could be exchanged at `now`, but for the `kept` newest: the oldest first, not many at once.
std::vector<base::RowId> list_beyond(const Reader& r, std::string_view user_id, std::string_view client_id, std::int64_t kept,
                                     base::Instant now);
// What a user holds at a client for an audience and does not rotate, locked in one order; and its end but for one family
// (contract §4.3, when the client begins to rotate).
void lock_non_rotating(const Writer& w, std::string_view user_id, std::string_view client_id, std::string_view audience);
std::int64_t revoke_non_rotating(const Writer& w, const model::RefreshTokenFamily& but_for, bool cascades, base::Instant now);
// Where a user holds families that are not revoked.
std::vector<std::string> list_clients_of_user(const Reader& r, std::string_view user_id);
// The families of a grant that are not revoked: a replayed code revokes what it produced (RFC 6749 §4.1.2).
std::vector<base::RowId> list_families_of_grant(const Reader& r, base::RowId grant_id);

}  // namespace segue::store::refresh_tokens
