#include "store/device_codes.h"

namespace segue::store::device_codes {
namespace {

constexpr sql::Statement kInsert{"device_codes.insert", R"sql(
    insert into device_codes (tenant_id, device_code_id, secret_hash, user_code_hash, client_id, scope, audience, state,
        interval_seconds, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $10)
    on conflict do nothing)sql"};
#define SEGUE_DEVICE_CODE                                                                                           \
  "select device_code_id, client_id, scope, audience, state, interval_seconds, authorization_code_id, created_at, " \
  "expires_at, secret_hash from device_codes where tenant_id = $1 and "
constexpr sql::Statement kFind{"device_codes.find", SEGUE_DEVICE_CODE "device_code_id = $2"};
constexpr sql::Statement kFindByUserCode{"device_codes.find_by_user_code", SEGUE_DEVICE_CODE "user_code_hash = $2"};
#undef SEGUE_DEVICE_CODE
constexpr sql::Statement kApprove{"device_codes.approve", R"sql(
    update device_codes set state = 'approved', authorization_code_id = $3
     where tenant_id = $1 and device_code_id = $2 and state = 'pending' and expires_at > $4)sql"};
constexpr sql::Statement kDeny{"device_codes.deny", R"sql(
    update device_codes set state = 'denied'
     where tenant_id = $1 and device_code_id = $2 and state = 'pending' and expires_at > $3)sql"};
constexpr sql::Statement kConsume{"device_codes.consume", R"sql(
    update device_codes set state = 'consumed'
     where tenant_id = $1 and device_code_id = $2 and secret_hash = $3 and state = 'approved' and expires_at > $4)sql"};
constexpr sql::Statement kExpire{"device_codes.expire", R"sql(
    update device_codes set state = 'expired'
     where tenant_id = $1 and device_code_id = $2 and state in ('pending', 'approved'))sql"};
constexpr sql::Statement kPoll{"device_codes.poll", R"sql(
    update device_codes set last_polled_at = $3
     where tenant_id = $1 and device_code_id = $2
       and (last_polled_at is null or last_polled_at + interval_seconds * 1000000 <= $3))sql"};
constexpr sql::Statement kSlowDown{"device_codes.slow_down", R"sql(
    update device_codes set last_polled_at = $3,
           interval_seconds = case when interval_seconds + $4 > $5 then $5 else interval_seconds + $4 end
     where tenant_id = $1 and device_code_id = $2)sql"};

model::DeviceState state_from(std::string_view text) {
  using enum model::DeviceState;
  return text == "pending"    ? pending
         : text == "approved" ? approved
         : text == "denied"   ? denied
         : text == "consumed" ? consumed
                              : expired;
}

Found read_found(const sql::Row& row) {
  Found out;
  auto& d = out.device;
  d.device_code_id = row.row_id(0);
  d.client_id = row.string(1);
  d.scope = row.string(2);
  d.audience = row.string(3);
  d.state = state_from(row.text(4));
  d.interval_seconds = row.integer(5);
  d.authorization_code_id = row.row_id(6);
  d.created_at = row.instant(7);
  d.expires_at = row.instant(8);
  out.secret_hash = row.digest(9);
  return out;
}

}  // namespace

bool insert(const Writer& w, const model::DeviceCode& d, const model::Digest& secret_hash, const model::Digest& user_code_hash) {
  return w.connection.execute(kInsert, {w.tenant, d.device_code_id, secret_hash, user_code_hash, d.client_id, d.scope, d.audience,
                                        d.interval_seconds, d.created_at, d.expires_at}) == 1;
}

std::optional<Found> find(const Reader& r, base::RowId device_code_id) {
  return r.connection.maybe_one(kFind, {r.tenant, device_code_id}, read_found);
}

std::optional<model::DeviceCode> find_by_user_code(const Reader& r, const model::Digest& user_code_hash) {
  return r.connection.maybe_one(kFindByUserCode, {r.tenant, user_code_hash},
                                [](const sql::Row& row) { return read_found(row).device; });
}

bool approve(const Writer& w, base::RowId device_code_id, base::RowId authorization_code_id, base::Instant now) {
  return w.connection.execute(kApprove, {w.tenant, device_code_id, authorization_code_id, now}) == 1;
}

bool deny(const Writer& w, base::RowId device_code_id, base::Instant now) {
  return w.connection.execute(kDeny, {w.tenant, device_code_id, now}) == 1;
}

bool consume(const Writer& w, base::RowId device_code_id, const model::Digest& secret_hash, base::Instant now) {
  return w.connection.execute(kConsume, {w.tenant, device_code_id, secret_hash, now}) == 1;
}

bool expire(const Writer& w, base::RowId device_code_id) {
  return w.connection.execute(kExpire, {w.tenant, device_code_id}) == 1;
}

bool poll(const Writer& w, base::RowId device_code_id, std::int64_t step, std::int64_t longest, base::Instant now) {
  if (w.connection.execute(kPoll, {w.tenant, device_code_id, now}) == 1) return true;
  w.connection.execute(kSlowDown, {w.tenant, device_code_id, now, step, longest});
  return false;
}

}  // namespace segue::store::device_codes
