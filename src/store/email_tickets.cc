#include "store/email_tickets.h"

#include "base/text.h"

namespace segue::store::email_tickets {
namespace {

constexpr sql::Statement kInsert{"email_tickets.insert", R"sql(
    insert into email_tickets (tenant_id, email_ticket_id, secret_hash, user_id, email_normalized, client_id, result_url,
                               tells_email, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))sql"};
constexpr sql::Statement kFind{"email_tickets.find", R"sql(
    select email_ticket_id, secret_hash, user_id, email_normalized, client_id, result_url, tells_email, created_at, expires_at,
           used_at
      from email_tickets where tenant_id = $1 and email_ticket_id = $2)sql"};
constexpr sql::Statement kConsume{"email_tickets.consume", R"sql(
    update email_tickets set used_at = $4
     where tenant_id = $1 and email_ticket_id = $2 and secret_hash = $3 and used_at is null and expires_at > $4
       and user_id = $5 and email_normalized = $6)sql"};
constexpr sql::Statement kEndAll{"email_tickets.end_all_of_user", R"sql(
    update email_tickets set used_at = $3 where tenant_id = $1 and user_id = $2 and used_at is null)sql"};

}  // namespace

void insert(const Writer& w, const Ticket& t, const model::Digest& secret_hash) {
  w.connection.execute(kInsert, {w.tenant, t.email_ticket_id, secret_hash, t.user_id, base::ascii_lower(t.email), t.client_id,
                                 t.result_url, t.tells_email, t.created_at, t.expires_at});
}

std::optional<Found> find(const Reader& r, base::RowId email_ticket_id) {
  return r.connection.maybe_one(kFind, {r.tenant, email_ticket_id}, [](const sql::Row& row) {
    Found out;
    out.ticket.email_ticket_id = row.row_id(0);
    out.secret_hash = row.digest(1);
    out.ticket.user_id = row.string(2);
    out.ticket.email = row.string(3);
    out.ticket.client_id = row.string(4);
    out.ticket.result_url = row.string(5);
    out.ticket.tells_email = row.boolean(6);
    out.ticket.created_at = row.instant(7);
    out.ticket.expires_at = row.instant(8);
    out.ticket.used_at = row.maybe_instant(9);
    return out;
  });
}

bool consume(const Writer& w, base::RowId email_ticket_id, const model::Digest& secret_hash, const model::User& user,
             base::Instant now) {
  return w.connection.execute(kConsume,
                              {w.tenant, email_ticket_id, secret_hash, now, user.user_id, base::ascii_lower(user.email)}) == 1;
}

void end_all_of_user(const Writer& w, std::string_view user_id, base::Instant now) {
  w.connection.execute(kEndAll, {w.tenant, user_id, now});
}

}  // namespace segue::store::email_tickets
