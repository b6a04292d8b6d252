#include "store/session_transfer_tokens.h"

#include "store/one_time_state.h"

namespace segue::store::session_transfer_tokens {
namespace {

constexpr sql::Statement kInsert{"session_transfer_tokens.insert", R"sql(
    insert into session_transfer_tokens (tenant_id, session_transfer_token_id, secret_hash, family_id, grant_id, client_id, user_id,
        connection_id, organization_id, scope, ip, asn, user_agent, geoip, auth_time, methods, transfer_id, state, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'issued', $18, $19))sql"};
constexpr sql::Statement kFind{"session_transfer_tokens.find", R"sql(
    select session_transfer_token_id, secret_hash, family_id, grant_id, client_id, user_id, connection_id, organization_id, scope, ip,
           asn, user_agent, geoip, auth_time, methods, transfer_id, state, created_at, expires_at, consumed_at
      from session_transfer_tokens where tenant_id = $1 and session_transfer_token_id = $2)sql"};
constexpr sql::Statement kConsume{"session_transfer_tokens.consume", R"sql(
    update session_transfer_tokens set state = 'consumed', consumed_at = $5, consumed_by_client_id = $4
     where tenant_id = $1 and session_transfer_token_id = $2 and secret_hash = $3 and state = 'issued' and expires_at > $5)sql"};
constexpr sql::Statement kState{"session_transfer_tokens.state", R"sql(
    select state from session_transfer_tokens where tenant_id = $1 and session_transfer_token_id = $2)sql"};

}  // namespace

void insert(const Writer& w, const model::SessionTransferToken& t, const model::Digest& secret_hash) {
  w.connection.execute(
      kInsert, {w.tenant, t.session_transfer_token_id, secret_hash, t.family_id, t.grant_id, t.client_id, t.user_id,
                t.connection_id, t.organization_id, t.scope, t.origin.ip, t.origin.asn, t.origin.user_agent,
                json::write(t.origin.geoip), t.auth_time, model::to_text(t.methods), t.transfer_id, t.created_at, t.expires_at});
}

std::optional<Found> find(const Reader& r, base::RowId id) {
  return r.connection.maybe_one(kFind, {r.tenant, id}, [](const sql::Row& row) {
    Found out;
    auto& t = out.token;
    t.session_transfer_token_id = row.row_id(0);
    out.secret_hash = row.digest(1);
    t.family_id = row.row_id(2);
    t.grant_id = row.row_id(3);
    t.client_id = row.string(4);
    t.user_id = row.string(5);
    t.connection_id = row.string(6);
    t.organization_id = row.string(7);
    t.scope = row.string(8);
    t.origin.ip = row.string(9);
    t.origin.asn = row.maybe_integer(10);
    t.origin.user_agent = row.string(11);
    if (row.text(12) == "{}") {
      // No city database: nothing to parse.
    } else if (auto geoip = json::parse(row.text(12)); geoip.ok() && geoip->is_object())
      t.origin.geoip = geoip->get_object();
    t.auth_time = row.instant(13);
    t.methods = model::authentication_methods_from(row.text(14));
    t.transfer_id = row.string(15);
    t.state = one_time_state_from(row.text(16));
    t.created_at = row.instant(17);
    t.expires_at = row.instant(18);
    t.consumed_at = row.maybe_instant(19);
    return out;
  });
}

bool consume(const Writer& w, base::RowId id, const model::Digest& secret_hash, std::string_view client_id, base::Instant now) {
  return w.connection.execute(kConsume, {w.tenant, id, secret_hash, client_id, now}) == 1;
}

bool is_revoked(const Reader& r, base::RowId id) {
  const auto state =
      r.connection.maybe_one(kState, {r.tenant, id}, [](const sql::Row& row) { return one_time_state_from(row.text(0)); });
  return state.value_or(model::OneTimeState::revoked) == model::OneTimeState::revoked;
}

}  // namespace segue::store::session_transfer_tokens
