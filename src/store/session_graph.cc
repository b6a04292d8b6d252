#include "store/session_graph.h"

#include <algorithm>
#include <array>
#include <set>

#include "store/ancestry_columns.h"
#include "store/one_time_state.h"

namespace segue::store::session_graph {
namespace {

// The families that a walk begins with, by the kind of its top; $2 names the top. Each condition has an index.
#define SEGUE_OF_USER "user_id = $2"
#define SEGUE_OF_SESSION "session_id = $2"
#define SEGUE_OF_GRANT "grant_id = $2"
#define SEGUE_OF_FAMILY "family_id = $2"
// What a transfer brought forth below those families. A session that a transfer opened cannot begin another one (contract §1.12),
// so there is no further level.
#define SEGUE_BELOW(condition) \
  "parent_family_id in (select family_id from refresh_token_families where tenant_id = $1 and " condition ")"

// What sessions/live_session.cc and oauth/grants/refresh_exchange.cc ask of what stands above a record. $3 is the time.
#define SEGUE_TRANSFER_ENDED(t)                                                                                        \
  "exists (select 1 from refresh_token_families a where a.tenant_id = $1 and a.family_id = " t                         \
  ".parent_family_id and a.revoked_at is not null and a.revocation_cascades) or exists (select 1 from grants b where " \
  "b.tenant_id = $1 and b.grant_id = " t ".parent_grant_id and b.revoked_at is not null and b.revocation_cascades)"
#define SEGUE_SESSION_ENDED_ABOVE                                                                              \
  "(not exists (select 1 from users u where u.tenant_id = $1 and u.user_id = s.user_id and not u.blocked and " \
  "u.password_epoch = s.password_epoch) or " SEGUE_TRANSFER_ENDED("s") ")"
#define SEGUE_SESSION_LIVES                                                                                      \
  "exists (select 1 from sessions s where s.tenant_id = $1 and s.session_id = f.session_id and s.revoked_at is " \
  "null and s.expires_at > $3 and s.idle_expires_at > $3 and not " SEGUE_SESSION_ENDED_ABOVE ")"
#define SEGUE_FAMILY_ENDED_ABOVE                                                                                     \
  "(g.grant_id is null or g.revoked_at is not null or not exists (select 1 from users u where u.tenant_id = $1 and " \
  "u.user_id = f.user_id) or " SEGUE_TRANSFER_ENDED("f") " or (f.ends_with_session and not " SEGUE_SESSION_LIVES "))"

#define SEGUE_SESSIONS(condition)                                                                                     \
  "select session_id, sid, user_id, parent_family_id, parent_grant_id, transfer_id, created_at, expires_at, "         \
  "idle_expires_at, revoked_at, initial_ip, initial_user_agent, last_ip, last_user_agent, " SEGUE_SESSION_ENDED_ABOVE \
  " from sessions s where tenant_id = $1 and " condition " order by session_id desc limit $3"
#define SEGUE_FAMILIES(condition)                                                                                     \
  "select f.family_id, f.public_id, f.user_id, f.client_id, f.session_id, f.ends_with_session, f.created_at, "        \
  "f.expires_at, f.idle_expires_at, f.revoked_at, f.initial_ip, f.initial_user_agent, f.last_ip, "                    \
  "f.last_user_agent, " SEGUE_FAMILY_ENDED_ABOVE                                                                      \
  ", g.grant_id, g.session_id, g.parent_family_id, g.parent_grant_id, g.transfer_id, g.created_at, "                  \
  "g.revoked_at, " SEGUE_TRANSFER_ENDED(                                                                              \
      "g") " from (select * from refresh_token_families where tenant_id = $1 and " condition                          \
           " order by family_id desc limit $4) f left join grants g on g.tenant_id = $1 and g.grant_id = f.grant_id " \
           "order by f.family_id desc"
#define SEGUE_RELYING_PARTIES(condition)                                                                               \
  "select session_id, client_id, transfer_id, created_at from session_clients where tenant_id = $1 and session_id in " \
  "(select session_id from sessions where tenant_id = $1 and " condition                                               \
  " order by session_id desc limit $3) order by session_id desc, created_at, client_id limit $3"

constexpr sql::Statement kSessionsOfUser{"session_graph.sessions_of_user", SEGUE_SESSIONS("user_id = $2")};
constexpr sql::Statement kFamiliesOfUser{"session_graph.families_of_user", SEGUE_FAMILIES(SEGUE_OF_USER)};
constexpr sql::Statement kPartiesOfUser{"session_graph.parties_of_user", SEGUE_RELYING_PARTIES("user_id = $2")};

constexpr sql::Statement kSession{"session_graph.session", SEGUE_SESSIONS("session_id = $2")};
constexpr sql::Statement kPartiesOfSession{"session_graph.parties_of_session", SEGUE_RELYING_PARTIES("session_id = $2")};

#define SEGUE_LEVELS(Name, name, condition)                                                                                    \
  constexpr sql::Statement kFamiliesOf##Name{"session_graph.families_of_" name, SEGUE_FAMILIES(condition)};                    \
  constexpr sql::Statement kFamiliesBelow##Name{"session_graph.families_below_" name, SEGUE_FAMILIES(SEGUE_BELOW(condition))}; \
  constexpr sql::Statement kSessionsBelow##Name{"session_graph.sessions_below_" name, SEGUE_SESSIONS(SEGUE_BELOW(condition))}; \
  constexpr sql::Statement kPartiesBelow##Name{"session_graph.parties_below_" name,                                            \
                                               SEGUE_RELYING_PARTIES(SEGUE_BELOW(condition))};
SEGUE_LEVELS(Session, "session", SEGUE_OF_SESSION)
SEGUE_LEVELS(Grant, "grant", SEGUE_OF_GRANT)
SEGUE_LEVELS(Family, "family", SEGUE_OF_FAMILY)

// Looks at the newest rows of the tenant only, whoever's they are: $3 is the oldest id, $4 how many.
constexpr sql::Statement kTransfers{"session_graph.transfers", R"sql(
    select session_transfer_token_id, family_id, client_id, transfer_id, state, created_at, expires_at, ip, user_agent,
           coalesce(consumed_by_client_id, '')
      from (select * from session_transfer_tokens where tenant_id = $1 and session_transfer_token_id >= $3
             order by session_transfer_token_id desc limit $4) newest
     where user_id = $2 order by session_transfer_token_id desc)sql"};
constexpr sql::Statement kOldestLookedAt{"session_graph.oldest_transfer_looked_at", R"sql(
    select session_transfer_token_id from session_transfer_tokens where tenant_id = $1 and session_transfer_token_id >= $2
     order by session_transfer_token_id desc limit 1 offset $3)sql"};

std::optional<base::Instant> earlier(std::optional<base::Instant> a, std::optional<base::Instant> b) {
  return a && b ? std::min(a, b) : (a ? a : b);
}

template <class Node>
void read_device(Node& out, const sql::Row& row, int first) {
  out.initial_ip = row.string(first);
  out.initial_user_agent = row.string(first + 1);
  out.last_ip = row.string(first + 2);
  out.last_user_agent = row.string(first + 3);
}

SessionNode read_session(const sql::Row& row) {
  SessionNode out;
  out.session_id = row.row_id(0);
  out.sid = row.string(1);
  out.user_id = row.string(2);
  out.ancestry = read_ancestry(row, 3);
  out.created_at = row.instant(6);
  out.expires_at = std::min(row.instant(7), row.instant(8));
  out.revoked_at = row.maybe_instant(9);
  read_device(out, row, 10);
  out.ended_above = row.boolean(14);
  return out;
}

FamilyNode read_family(const sql::Row& row) {
  FamilyNode out;
  out.family_id = row.row_id(0);
  out.public_id = row.string(1);
  out.user_id = row.string(2);
  out.client_id = row.string(3);
  out.session_id = row.maybe_row_id(4);
  out.ends_with_session = row.boolean(5);
  out.created_at = row.instant(6);
  out.expires_at = earlier(row.maybe_instant(7), row.maybe_instant(8));
  out.revoked_at = row.maybe_instant(9);
  read_device(out, row, 10);
  out.ended_above = row.boolean(14);
  if (!row.null(15)) {
    GrantNode grant;
    grant.grant_id = row.row_id(15);
    grant.session_id = row.maybe_row_id(16);
    grant.ancestry = read_ancestry(row, 17);
    grant.created_at = row.instant(20);
    grant.revoked_at = row.maybe_instant(21);
    grant.ended_above = row.boolean(22);
    out.grant = std::move(grant);
  }
  return out;
}

RelyingPartyNode read_party(const sql::Row& row) { return {row.row_id(0), row.string(1), row.string(2), row.instant(3)}; }

TransferNode read_transfer(const sql::Row& row) {
  TransferNode out;
  out.session_transfer_token_id = row.row_id(0);
  out.family_id = row.row_id(1);
  out.client_id = row.string(2);
  out.transfer_id = row.string(3);
  out.state = one_time_state_from(row.text(4));
  out.created_at = row.instant(5);
  out.expires_at = row.instant(6);
  out.ip = row.string(7);
  out.user_agent = row.string(8);
  out.consumed_by_client_id = row.string(9);
  return out;
}

// Collects rows of one kind, each once, up to the bound.
template <class Node>
class Collected {
 public:
  Collected(std::vector<Node>& into, bool& truncated, int most) : into_(into), truncated_(truncated), most_(most) {}
  template <class Id>
  void add(Node node, Id id) {
    if (!seen_.insert(id).second) return;
    if (into_.size() == static_cast<std::size_t>(most_)) {
      truncated_ = true;
      return;
    }
    into_.push_back(std::move(node));
  }

 private:
  std::vector<Node>& into_;
  bool& truncated_;
  const int most_;
  std::set<base::RowId> seen_;
};

struct Levels {
  const sql::Statement& families;
  const sql::Statement* families_below;
  const sql::Statement& sessions;
  const sql::Statement& parties;
};
Levels levels_of(Top::Kind kind) {
  switch (kind) {
    case Top::Kind::user: break;
    case Top::Kind::session: return {kFamiliesOfSession, &kFamiliesBelowSession, kSessionsBelowSession, kPartiesBelowSession};
    case Top::Kind::grant: return {kFamiliesOfGrant, &kFamiliesBelowGrant, kSessionsBelowGrant, kPartiesBelowGrant};
    case Top::Kind::family: return {kFamiliesOfFamily, &kFamiliesBelowFamily, kSessionsBelowFamily, kPartiesBelowFamily};
  }
  return {kFamiliesOfUser, nullptr, kSessionsOfUser, kPartiesOfUser};
}

void load_transfers(const Reader& r, Records& out, int most, base::Instant now) {
  // Swept a day after their end (store/expired_rows.h).
  const auto oldest = base::IdGenerator::first_at(now - std::chrono::hours(25));
  const auto cut = r.connection.maybe_one(kOldestLookedAt, {r.tenant, oldest, kTransfersLookedAt - 1},
                                          [](const sql::Row& row) { return row.row_id(0); });
  out.transfers_known_from = base::IdGenerator::time_of(cut.value_or(oldest));
  std::set<base::RowId> families, ended;
  std::set<std::string> owners;
  for (const auto& family : out.families) {
    families.insert(family.family_id);
    owners.insert(family.user_id);
    // Unlike a session, a token that was not spent dies with its parent however that ended (oauth/authorize/spend_transfer.cc).
    const bool over = family.revoked_at || family.ended_above || (family.expires_at && *family.expires_at <= now);
    if (over) ended.insert(family.family_id);
  }
  Collected into(out.transfers, out.truncated, most);
  for (const auto& owner : owners) {
    for (auto& token : r.connection.list(kTransfers, {r.tenant, owner, oldest, kTransfersLookedAt}, read_transfer)) {
      if (!families.contains(token.family_id)) continue;
      token.ended_above = ended.contains(token.family_id);
      const auto id = token.session_transfer_token_id;
      into.add(std::move(token), id);
    }
  }
}

}  // namespace

Records load(const Reader& r, const Top& top, int most, base::Instant now) {
  Records out;
  const sql::Param key = top.kind == Top::Kind::user ? sql::Param(top.user_id) : sql::Param(top.id);
  const auto levels = levels_of(top.kind);
  // One more than is shown, to know that there is more.
  Collected sessions(out.sessions, out.truncated, most);
  Collected families(out.families, out.truncated, most);
  const auto add_sessions = [&](const sql::Statement& statement) {
    r.connection.run(statement, std::array<sql::Param, 3>{r.tenant, key, most + 1},
                     [&](const sql::Row& row) { sessions.add(read_session(row), row.row_id(0)); });
  };
  const auto add_families = [&](const sql::Statement& statement) {
    r.connection.run(statement, std::array<sql::Param, 4>{r.tenant, key, now, most + 1},
                     [&](const sql::Row& row) { families.add(read_family(row), row.row_id(0)); });
  };
  const auto add_parties = [&](const sql::Statement& statement) {
    r.connection.run(statement, std::array<sql::Param, 3>{r.tenant, key, most + 1}, [&](const sql::Row& row) {
      if (out.relying_parties.size() < static_cast<std::size_t>(most)) {
        out.relying_parties.push_back(read_party(row));
      } else {
        out.truncated = true;
      }
    });
  };
  if (top.kind == Top::Kind::session) {
    add_sessions(kSession);
    add_parties(kPartiesOfSession);
  }
  add_sessions(levels.sessions);
  add_parties(levels.parties);
  add_families(levels.families);
  if (levels.families_below != nullptr) add_families(*levels.families_below);
  load_transfers(r, out, most, now);
  return out;
}

}  // namespace segue::store::session_graph
