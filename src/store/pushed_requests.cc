#include "store/pushed_requests.h"

#include "store/ancestry_columns.h"

namespace segue::store::pushed_requests {
namespace {

constexpr sql::Statement kInsert{"pushed_requests.insert", R"sql(
    insert into pushed_requests (tenant_id, pushed_request_id, secret_hash, client_id, parameters, carries_transfer,
        session_transfer_token_id, session_transfer_token_hash, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))sql"};
constexpr sql::Statement kFind{"pushed_requests.find", R"sql(
    select pushed_request_id, secret_hash, client_id, parameters, carries_transfer, session_transfer_token_id,
           session_transfer_token_hash, created_at, expires_at, consumed_at
      from pushed_requests where tenant_id = $1 and pushed_request_id = $2)sql"};
constexpr sql::Statement kConsume{"pushed_requests.consume", R"sql(
    update pushed_requests set consumed_at = $5
     where tenant_id = $1 and pushed_request_id = $2 and secret_hash = $3 and client_id = $4 and consumed_at is null
       and expires_at > $5)sql"};

}  // namespace

void insert(const Writer& w, const model::PushedRequest& p, const model::Digest& secret_hash) {
  const auto transfer = p.transfer.value_or(model::PushedTransfer{});
  w.connection.execute(kInsert, {w.tenant, p.pushed_request_id, secret_hash, p.client_id, p.parameters, p.transfer.has_value(),
                                 maybe_id(transfer.session_transfer_token_id), transfer.secret_hash, p.created_at, p.expires_at});
}

std::optional<Found> find(const Reader& r, base::RowId pushed_request_id) {
  return r.connection.maybe_one(kFind, {r.tenant, pushed_request_id}, [](const sql::Row& row) {
    Found out;
    auto& p = out.request;
    p.pushed_request_id = row.row_id(0);
    out.secret_hash = row.digest(1);
    p.client_id = row.string(2);
    p.parameters = row.string(3);
    if (row.boolean(4)) p.transfer = model::PushedTransfer{row.row_id(5), row.digest(6)};
    p.created_at = row.instant(7);
    p.expires_at = row.instant(8);
    p.consumed_at = row.maybe_instant(9);
    return out;
  });
}

bool consume(const Writer& w, base::RowId pushed_request_id, const model::Digest& secret_hash, std::string_view client_id,
             base::Instant now) {
  return w.connection.execute(kConsume, {w.tenant, pushed_request_id, secret_hash, client_id, now}) == 1;
}

}  // namespace segue::store::pushed_requests
