#include "store/expired_rows.h"

#include <array>

namespace segue::store::expired_rows {
namespace {

struct Table {
  std::string_view name;
  sql::Statement find, sweep;
};
// Ids are ordered by time: none that has expired is younger than the bound, so both statements walk the oldest end of the primary
// key and need no index of their own.
#define SEGUE_EXPIRED(id) " where tenant_id = $1 and " id " < $2 and expires_at <= $3 "
#define SEGUE_TABLE(name, id)                                                                                                  \
  {                                                                                                                            \
    name, {name ".find_expired", "select 1 from " name SEGUE_EXPIRED(id) "limit 1"}, {                                         \
      name ".sweep_expired",                                                                                                   \
          "delete from " name " where tenant_id = $1 and " id " in (select " id " from " name SEGUE_EXPIRED(id) "order by " id \
                                                                                                                " limit $4)"   \
    }                                                                                                                          \
  }
constexpr std::array<Table, 9> kTables{{
    SEGUE_TABLE("pushed_requests", "pushed_request_id"),
    SEGUE_TABLE("authorize_transactions", "transaction_id"),
    SEGUE_TABLE("authorization_codes", "authorization_code_id"),
    SEGUE_TABLE("session_transfer_tokens", "session_transfer_token_id"),
    SEGUE_TABLE("device_codes", "device_code_id"),
    SEGUE_TABLE("password_tickets", "password_ticket_id"),
    SEGUE_TABLE("email_tickets", "email_ticket_id"),
    SEGUE_TABLE("invitations", "invitation_row_id"),
    SEGUE_TABLE("logout_walks", "logout_walk_id"),
}};
#undef SEGUE_TABLE
#undef SEGUE_EXPIRED

}  // namespace

std::optional<std::size_t> find_table(const Reader& r, base::Instant now) {
  const auto before = now - kRemembered;
  for (std::size_t k = 0; k < kTables.size(); ++k) {
    if (r.connection.execute(kTables[k].find, {r.tenant, base::IdGenerator::first_at(before), before}) > 0) return k;
  }
  return std::nullopt;
}

std::string_view name_of(std::size_t table) { return kTables.at(table).name; }

std::int64_t sweep(const Writer& w, std::size_t table, base::Instant now, int most) {
  const auto before = now - kRemembered;
  return w.connection.execute(kTables.at(table).sweep, {w.tenant, base::IdGenerator::first_at(before), before, most});
}

}  // namespace segue::store::expired_rows
