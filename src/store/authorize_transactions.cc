#include "store/authorize_transactions.h"

#include "store/ancestry_columns.h"

namespace segue::store::authorize_transactions {
namespace {

constexpr sql::Statement kInsert{"authorize_transactions.insert", R"sql(
    insert into authorize_transactions (tenant_id, transaction_id, secret_hash, binding_hash, client_id, request, forces_login,
        session_transfer_token_id, created_at, expires_at, step, evidence)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))sql"};
constexpr sql::Statement kFind{"authorize_transactions.find", R"sql(
    select transaction_id, secret_hash, binding_hash, client_id, request, forces_login, created_at, expires_at, finished_at,
           step, evidence
      from authorize_transactions where tenant_id = $1 and transaction_id = $2)sql"};
constexpr sql::Statement kAwait{"authorize_transactions.await", R"sql(
    update authorize_transactions set step = $4, evidence = $5
     where tenant_id = $1 and transaction_id = $2 and finished_at is null and expires_at > $6 and step = $3)sql"};
constexpr sql::Statement kAwaitElsewhere{"authorize_transactions.await_elsewhere", R"sql(
    update authorize_transactions set step = $4, evidence = $5, secret_hash = $7
     where tenant_id = $1 and transaction_id = $2 and finished_at is null and expires_at > $6 and step = $3)sql"};
constexpr sql::Statement kClaim{"authorize_transactions.claim", R"sql(
    update authorize_transactions set step = $5
     where tenant_id = $1 and transaction_id = $2 and secret_hash = $3 and step = $4 and finished_at is null
       and expires_at > $6)sql"};
constexpr sql::Statement kFinish{"authorize_transactions.finish", R"sql(
    update authorize_transactions set finished_at = $3
     where tenant_id = $1 and transaction_id = $2 and finished_at is null and expires_at > $3)sql"};

}  // namespace

void insert(const Writer& w, const model::AuthorizeTransaction& t, const model::Digest& secret_hash,
            base::RowId session_transfer_token_id) {
  w.connection.execute(kInsert, {w.tenant, t.transaction_id, secret_hash, t.binding_hash, t.client_id, t.request, t.forces_login,
                                 maybe_id(session_transfer_token_id), t.created_at, t.expires_at, t.step, t.evidence});
}

std::optional<Found> find(const Reader& r, base::RowId transaction_id) {
  return r.connection.maybe_one(kFind, {r.tenant, transaction_id}, [](const sql::Row& row) {
    Found out;
    auto& t = out.transaction;
    t.transaction_id = row.row_id(0);
    out.secret_hash = row.digest(1);
    t.binding_hash = row.digest(2);
    t.client_id = row.string(3);
    t.request = row.string(4);
    t.forces_login = row.boolean(5);
    t.created_at = row.instant(6);
    t.expires_at = row.instant(7);
    t.finished_at = row.maybe_instant(8);
    t.step = row.string(9);
    t.evidence = row.string(10);
    return out;
  });
}

bool await(const Writer& w, base::RowId transaction_id, const Move& move, base::Instant now) {
  return w.connection.execute(kAwait, {w.tenant, transaction_id, move.from, move.to, move.evidence, now}) == 1;
}

bool await_elsewhere(const Writer& w, base::RowId transaction_id, const Move& move, const model::Digest& secret_hash,
                     base::Instant now) {
  return w.connection.execute(kAwaitElsewhere, {w.tenant, transaction_id, move.from, move.to, move.evidence, now, secret_hash}) ==
         1;
}

bool claim(const Writer& w, base::RowId transaction_id, const model::Digest& secret_hash, std::string_view from,
           std::string_view to, base::Instant now) {
  return w.connection.execute(kClaim, {w.tenant, transaction_id, secret_hash, from, to, now}) == 1;
}

bool finish(const Writer& w, base::RowId transaction_id, base::Instant now) {
  return w.connection.execute(kFinish, {w.tenant, transaction_id, now}) == 1;
}

}  // namespace segue::store::authorize_transactions
