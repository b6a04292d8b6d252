#include "store/authorization_codes.h"

#include "store/ancestry_columns.h"
#include "store/one_time_state.h"

namespace segue::store::authorization_codes {
namespace {

constexpr sql::Statement kInsert{"authorization_codes.insert", R"sql(
    insert into authorization_codes (tenant_id, authorization_code_id, secret_hash, client_id, user_id, connection_id, organization_id,
        session_id, redirect_uri, scope, audience, nonce, code_challenge, auth_time, wants_auth_time, allows_refresh_token,
        refresh_token_ends_with_session, parent_family_id, parent_grant_id, transfer_id, state, created_at, expires_at, dpop_jkt,
        device_code_id, session_transfer_token_id, effects)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'issued', $21, $22, $23,
        $24, $25, $26))sql"};
constexpr sql::Statement kFind{"authorization_codes.find", R"sql(
    select authorization_code_id, secret_hash, client_id, user_id, connection_id, organization_id, session_id, redirect_uri, scope,
           audience, nonce, code_challenge, auth_time, wants_auth_time, allows_refresh_token, refresh_token_ends_with_session,
           parent_family_id, parent_grant_id, transfer_id, state, created_at, expires_at, grant_id, dpop_jkt, device_code_id,
           session_transfer_token_id, effects
      from authorization_codes where tenant_id = $1 and authorization_code_id = $2)sql"};
constexpr sql::Statement kConsume{"authorization_codes.consume", R"sql(
    update authorization_codes set state = 'consumed', consumed_at = $4, grant_id = $5
     where tenant_id = $1 and authorization_code_id = $2 and secret_hash = $3 and state = 'issued' and expires_at > $4)sql"};

}  // namespace

void insert(const Writer& w, const model::AuthorizationCode& c, const model::Digest& secret_hash) {
  w.connection.execute(kInsert, {w.tenant,
                                 c.authorization_code_id,
                                 secret_hash,
                                 c.client_id,
                                 c.user_id,
                                 c.connection_id,
                                 c.organization_id,
                                 c.session_id,
                                 c.redirect_uri,
                                 c.scope,
                                 c.audience,
                                 c.nonce,
                                 c.code_challenge,
                                 c.auth_time,
                                 c.wants_auth_time,
                                 c.allows_refresh_token,
                                 c.refresh_token_ends_with_session,
                                 maybe_id(c.ancestry.parent_family_id),
                                 maybe_id(c.ancestry.parent_grant_id),
                                 c.ancestry.transfer_id,
                                 c.created_at,
                                 c.expires_at,
                                 c.dpop_jkt,
                                 maybe_id(c.device_code_id),
                                 maybe_id(c.joined_by),
                                 c.effects});
}

std::optional<Found> find(const Reader& r, base::RowId authorization_code_id) {
  return r.connection.maybe_one(kFind, {r.tenant, authorization_code_id}, [](const sql::Row& row) {
    Found out;
    auto& c = out.code;
    c.authorization_code_id = row.row_id(0);
    out.secret_hash = row.digest(1);
    c.client_id = row.string(2);
    c.user_id = row.string(3);
    c.connection_id = row.string(4);
    c.organization_id = row.string(5);
    c.session_id = row.row_id(6);
    c.redirect_uri = row.string(7);
    c.scope = row.string(8);
    c.audience = row.string(9);
    c.nonce = row.string(10);
    c.code_challenge = row.string(11);
    c.auth_time = row.instant(12);
    c.wants_auth_time = row.boolean(13);
    c.allows_refresh_token = row.boolean(14);
    c.refresh_token_ends_with_session = row.boolean(15);
    c.ancestry = read_ancestry(row, 16);
    out.state = one_time_state_from(row.text(19));
    c.created_at = row.instant(20);
    c.expires_at = row.instant(21);
    out.grant_id = row.row_id(22);
    c.dpop_jkt = row.string(23);
    c.device_code_id = row.row_id(24);
    c.joined_by = row.row_id(25);
    c.effects = row.string(26);
    return out;
  });
}

bool consume(const Writer& w, base::RowId authorization_code_id, const model::Digest& secret_hash, base::RowId grant_id,
             base::Instant now) {
  return w.connection.execute(kConsume, {w.tenant, authorization_code_id, secret_hash, now, maybe_id(grant_id)}) == 1;
}

}  // namespace segue::store::authorization_codes
