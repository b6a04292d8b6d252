#include "store/login_attempts.h"

namespace segue::store::login_attempts {
namespace {

constexpr sql::Statement kFind{"login_attempts.find", R"sql(
    select failures, window_started_at, blocked_until from login_attempts where tenant_id = $1 and counter_key = $2)sql"};
// A counter is over when its block has ended or, without a block, its window. It stops one above the limit, so that taking one
// back still finds the number of attempts that were let through, and a block is never moved.
constexpr sql::Statement kCount{"login_attempts.count_failure", R"sql(
    insert into login_attempts as counter (tenant_id, counter_key, failures, window_started_at, blocked_until)
    values ($1, $2, 1, $3, case when $4 <= 1 then $6 end)
    on conflict (tenant_id, counter_key) do update set
      failures = case when coalesce(counter.blocked_until, counter.window_started_at + $5) <= $3 then 1
                      when counter.failures > $4 then counter.failures
                      else counter.failures + 1 end,
      window_started_at = case when coalesce(counter.blocked_until, counter.window_started_at + $5) <= $3 then $3
                               else counter.window_started_at end,
      blocked_until = case when coalesce(counter.blocked_until, counter.window_started_at + $5) <= $3
                             then case when $4 <= 1 then $6 end
                           when counter.blocked_until is not null then counter.blocked_until
                           when counter.failures + 1 >= $4 then $6 end
    returning failures, window_started_at, blocked_until)sql"};
constexpr sql::Statement kTakePlace{"login_attempts.take_place", R"sql(
    insert into login_attempts as counter (tenant_id, counter_key, failures, window_started_at, blocked_until)
    values ($1, $2, 1, $3, $3 + $4)
    on conflict (tenant_id, counter_key) do update set
      failures = counter.failures + 1,
      window_started_at = $3,
      blocked_until = case when coalesce(counter.blocked_until, $3) > $3 then counter.blocked_until else $3 end + $4
     where coalesce(counter.blocked_until, $3) <= $5
    returning failures, window_started_at, blocked_until)sql"};
constexpr sql::Statement kTakeBack{"login_attempts.take_back", R"sql(
    update login_attempts
       set failures = case when failures > $3 then $3 else failures end - 1, blocked_until = null
     where tenant_id = $1 and counter_key = $2 and failures > 0)sql"};
constexpr sql::Statement kClear{"login_attempts.clear", R"sql(
    delete from login_attempts where tenant_id = $1 and counter_key = $2)sql"};
constexpr sql::Statement kLookForBegunBefore{"login_attempts.look_for_begun_before", R"sql(
    select counter_key, window_started_at <= $2 from login_attempts where tenant_id = $1 and counter_key > $3
     order by counter_key limit $4)sql"};
constexpr sql::Statement kRemoveBegunBefore{"login_attempts.remove_begun_before", R"sql(
    delete from login_attempts where tenant_id = $1 and counter_key = $2 and window_started_at <= $3)sql"};

Counter read_counter(const sql::Row& row) {
  return {.failures = row.integer(0), .window_started_at = row.instant(1), .blocked_until = row.maybe_instant(2)};
}

}  // namespace

std::optional<Counter> find(const Reader& r, std::string_view key) {
  return r.connection.maybe_one(kFind, {r.tenant, key}, read_counter);
}

Counter count_failure(const Writer& w, std::string_view key, std::int64_t limit, base::Duration window, base::Duration block,
                      base::Instant now) {
  return w.connection.maybe_one(kCount, {w.tenant, key, now, limit, window.count(), now + block}, read_counter).value();
}

std::optional<Counter> take_place(const Writer& w, std::string_view key, std::int64_t places, base::Duration rate,
                                  base::Instant now) {
  return w.connection.maybe_one(kTakePlace, {w.tenant, key, now, rate.count(), now + (places - 1) * rate}, read_counter);
}

void take_back(const Writer& w, std::string_view key, std::int64_t limit) {
  w.connection.execute(kTakeBack, {w.tenant, key, limit});
}

void clear(const Writer& w, std::string_view key) { w.connection.execute(kClear, {w.tenant, key}); }

Page look_for_begun_before(const Reader& r, base::Instant begun, std::string_view after, int most) {
  Page out;
  r.connection.run(kLookForBegunBefore, std::array<sql::Param, 4>{r.tenant, begun, after, most}, [&](const sql::Row& row) {
    ++out.looked_at;
    out.last = row.string(0);
    if (row.boolean(1)) out.keys.push_back(out.last);
  });
  return out;
}

std::int64_t remove_begun_before(const Writer& w, std::string_view key, base::Instant begun) {
  return w.connection.execute(kRemoveBegunBefore, {w.tenant, key, begun});
}

}  // namespace segue::store::login_attempts
