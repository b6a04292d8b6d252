#include "store/password_tickets.h"

#include "base/text.h"

namespace segue::store::password_tickets {
namespace {

constexpr sql::Statement kInsert{"password_tickets.insert", R"sql(
    insert into password_tickets (tenant_id, password_ticket_id, secret_hash, user_id, email_normalized, password_epoch, client_id,
                                  created_at, expires_at, result_url, tells_email, verifies_email)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))sql"};
constexpr sql::Statement kFind{"password_tickets.find", R"sql(
    select password_ticket_id, secret_hash, user_id, email_normalized, password_epoch, client_id, created_at, expires_at, used_at,
           result_url, tells_email, verifies_email
      from password_tickets where tenant_id = $1 and password_ticket_id = $2)sql"};
constexpr sql::Statement kConsume{"password_tickets.consume", R"sql(
    update password_tickets set used_at = $4
     where tenant_id = $1 and password_ticket_id = $2 and secret_hash = $3 and used_at is null and expires_at > $4
       and user_id = $5 and email_normalized = $6 and password_epoch = $7)sql"};
constexpr sql::Statement kEndAll{"password_tickets.end_all_of_user", R"sql(
    update password_tickets set used_at = $3 where tenant_id = $1 and user_id = $2 and used_at is null)sql"};

}  // namespace

void insert(const Writer& w, const Ticket& t, const model::Digest& secret_hash) {
  w.connection.execute(
      kInsert, {w.tenant, t.password_ticket_id, secret_hash, t.user_id, base::ascii_lower(t.email), t.password_epoch, t.client_id,
                t.created_at, t.expires_at, t.result_url, t.tells_email, t.verifies_email});
}

std::optional<Found> find(const Reader& r, base::RowId password_ticket_id) {
  return r.connection.maybe_one(kFind, {r.tenant, password_ticket_id}, [](const sql::Row& row) {
    Found out;
    out.ticket.password_ticket_id = row.row_id(0);
    out.secret_hash = row.digest(1);
    out.ticket.user_id = row.string(2);
    out.ticket.email = row.string(3);
    out.ticket.password_epoch = row.instant(4);
    out.ticket.client_id = row.string(5);
    out.ticket.created_at = row.instant(6);
    out.ticket.expires_at = row.instant(7);
    out.ticket.used_at = row.maybe_instant(8);
    out.ticket.result_url = row.string(9);
    out.ticket.tells_email = row.boolean(10);
    out.ticket.verifies_email = row.boolean(11);
    return out;
  });
}

bool consume(const Writer& w, base::RowId password_ticket_id, const model::Digest& secret_hash, const model::User& user,
             base::Instant now) {
  return w.connection.execute(kConsume, {w.tenant, password_ticket_id, secret_hash, now, user.user_id,
                                         base::ascii_lower(user.email), user.password_epoch}) == 1;
}

void end_all_of_user(const Writer& w, std::string_view user_id, base::Instant now) {
  w.connection.execute(kEndAll, {w.tenant, user_id, now});
}

}  // namespace segue::store::password_tickets
