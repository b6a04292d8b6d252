#include <algorithm>

#include "store/session_graph.h"

namespace segue::store::session_graph {
namespace {

constexpr sql::Statement kPlaceOfSession{"session_graph.place_of_session", R"sql(
    select session_id, user_id, parent_family_id, transfer_id from sessions where tenant_id = $1 and session_id = $2)sql"};
constexpr sql::Statement kPlaceOfSid{"session_graph.place_of_sid", R"sql(
    select session_id, user_id, parent_family_id, transfer_id from sessions where tenant_id = $1 and sid = $2)sql"};
constexpr sql::Statement kPlaceOfFamily{"session_graph.place_of_family", R"sql(
    select family_id, user_id, parent_family_id, transfer_id, grant_id, session_id from refresh_token_families
     where tenant_id = $1 and family_id = $2)sql"};
constexpr sql::Statement kPlaceOfPublicId{"session_graph.place_of_public_id", R"sql(
    select family_id, user_id, parent_family_id, transfer_id, grant_id, session_id from refresh_token_families
     where tenant_id = $1 and public_id = $2)sql"};
constexpr sql::Statement kOwnerOfGrant{"session_graph.owner_of_grant", R"sql(
    select user_id, transfer_id from grants where tenant_id = $1 and grant_id = $2)sql"};

struct Place {
  base::RowId id{};
  std::string user_id;
  base::RowId parent_family_id{};
  std::string transfer_id;
  base::RowId grant_id{}, session_id{};  // of families
};
std::optional<Place> find_place(const Reader& r, const sql::Statement& statement, sql::Param key) {
  const bool family = &statement == &kPlaceOfFamily || &statement == &kPlaceOfPublicId;
  return r.connection.maybe_one(statement, {r.tenant, key}, [&](const sql::Row& row) {
    Place out{row.row_id(0), row.string(1), row.row_id(2), row.string(3)};
    if (family) {
      out.grant_id = row.row_id(4);
      out.session_id = row.row_id(5);
    }
    return out;
  });
}

void climb_family(const Reader& r, const Place& family, std::vector<Top>& tops, int steps);

// The graph is a few levels deep; the count is a guard against rows that nobody wrote.
constexpr int kMostSteps = 8;

void add_top(std::vector<Top>& tops, Top top) {
  if (std::find(tops.begin(), tops.end(), top) == tops.end()) tops.push_back(std::move(top));
}

void climb_session(const Reader& r, const Place& session, std::vector<Top>& tops, int steps) {
  const auto parent = session.parent_family_id == base::RowId{} || steps == 0
                          ? std::nullopt
                          : find_place(r, kPlaceOfFamily, session.parent_family_id);
  if (parent) return climb_family(r, *parent, tops, steps - 1);
  add_top(tops, {.kind = Top::Kind::session, .user_id = {}, .id = session.id});
}

void climb_family(const Reader& r, const Place& family, std::vector<Top>& tops, int steps) {
  const auto session =
      family.session_id == base::RowId{} || steps == 0 ? std::nullopt : find_place(r, kPlaceOfSession, family.session_id);
  if (session) {
    climb_session(r, *session, tops, steps - 1);
  } else {
    add_top(tops, {.kind = Top::Kind::grant, .user_id = {}, .id = family.grant_id});
  }
  if (family.parent_family_id == base::RowId{} || steps == 0) return;
  if (session && session->transfer_id == family.transfer_id) return;  // the session grew from the same transfer
  if (const auto parent = find_place(r, kPlaceOfFamily, family.parent_family_id)) climb_family(r, *parent, tops, steps - 1);
}

}  // namespace

std::vector<Top> tops_of_session(const Reader& r, std::string_view sid) {
  std::vector<Top> out;
  if (const auto place = find_place(r, kPlaceOfSid, sid)) climb_session(r, *place, out, kMostSteps);
  return out;
}

std::vector<Top> tops_of_family(const Reader& r, std::string_view public_id) {
  std::vector<Top> out;
  if (const auto place = find_place(r, kPlaceOfPublicId, public_id)) climb_family(r, *place, out, kMostSteps);
  return out;
}

std::optional<Owner> owner_of_session(const Reader& r, base::RowId session_id) {
  const auto place = find_place(r, kPlaceOfSession, session_id);
  return place ? std::optional(Owner{place->user_id, place->transfer_id}) : std::nullopt;
}

std::optional<Owner> owner_of_grant(const Reader& r, base::RowId grant_id) {
  return r.connection.maybe_one(kOwnerOfGrant, {r.tenant, grant_id}, [](const sql::Row& row) {
    return Owner{row.string(0), row.string(1)};
  });
}

std::optional<Owner> owner_of_family(const Reader& r, base::RowId family_id) {
  const auto place = find_place(r, kPlaceOfFamily, family_id);
  return place ? std::optional(Owner{place->user_id, place->transfer_id}) : std::nullopt;
}

}  // namespace segue::store::session_graph
