#include "store/log_streams.h"

namespace segue::store::log_streams {
namespace {

#define SEGUE_STREAM                                                                                                   \
  "log_stream_id, type, status, document, sealed_secrets, delivered_up_to, next_attempt_at, failures, failing_since, " \
  "last_problem, delivered_at, created_at"

constexpr sql::Statement kList{"log_streams.list", "select " SEGUE_STREAM R"sql( from log_streams
     where tenant_id = $1 and type <> 'operator' order by created_at, log_stream_id)sql"};
constexpr sql::Statement kCount{"log_streams.count", R"sql(
    select count(*) from log_streams where tenant_id = $1 and type <> 'operator')sql"};
#define SEGUE_FIND "select " SEGUE_STREAM " from log_streams where tenant_id = $1 and log_stream_id = $2"
constexpr sql::Statement kFind{"log_streams.find", SEGUE_FIND};
constexpr sql::Statement kLock{"log_streams.lock", SEGUE_FIND, SEGUE_FIND " for update"};
#undef SEGUE_FIND
constexpr sql::Statement kInsert{"log_streams.insert", "insert into log_streams (tenant_id, " SEGUE_STREAM R"sql()
    values ($1, $2, $3, $4, $5, $6, $7, $8, 0, null, '', null, $9) on conflict (tenant_id, log_stream_id) do nothing)sql"};
constexpr sql::Statement kUpdate{"log_streams.update", R"sql(
    update log_streams set status = $3, document = $4, sealed_secrets = $5, next_attempt_at = $6, failures = 0, failing_since = null
     where tenant_id = $1 and log_stream_id = $2)sql"};
constexpr sql::Statement kDelete{"log_streams.delete", "delete from log_streams where tenant_id = $1 and log_stream_id = $2"};
constexpr sql::Statement kDeleteLate{"log_streams.delete_late", R"sql(
    delete from late_log_rows where tenant_id = $1 and log_stream_id = $2)sql"};

constexpr sql::Statement kListDue{"log_streams.list_due", R"sql(
    select s.tenant_id, s.log_stream_id from log_streams s left join log_cursors c on c.tenant_id = s.tenant_id
     where s.status = 'active' and s.next_attempt_at <= $1
       and (coalesce(c.indexed_up_to, 0) > s.delivered_up_to
            or exists (select 1 from late_log_rows l where l.tenant_id = s.tenant_id and l.log_stream_id = s.log_stream_id))
     order by s.tenant_id, s.log_stream_id)sql"};
constexpr sql::Statement kTake{"log_streams.take", R"sql(
    update log_streams set next_attempt_at = $4
     where tenant_id = $1 and log_stream_id = $2 and status = 'active' and next_attempt_at <= $3
    returning )sql" SEGUE_STREAM};
#undef SEGUE_STREAM
constexpr sql::Statement kDeliver{"log_streams.deliver", R"sql(
    update log_streams
       set delivered_up_to = case when delivered_up_to < $4 then $4 else delivered_up_to end,
           next_attempt_at = $5, failures = 0, failing_since = null, last_problem = '', delivered_at = $5
     where tenant_id = $1 and log_stream_id = $2 and next_attempt_at = $3)sql"};
constexpr sql::Statement kFail{"log_streams.fail", R"sql(
    update log_streams
       set failures = failures + 1, failing_since = coalesce(failing_since, $6), last_problem = $4, next_attempt_at = $5
     where tenant_id = $1 and log_stream_id = $2 and next_attempt_at = $3)sql"};
constexpr sql::Statement kSuspend{"log_streams.suspend", R"sql(
    update log_streams set status = 'suspended'
     where tenant_id = $1 and log_stream_id = $2 and status = 'active' and next_attempt_at = $3)sql"};

constexpr sql::Statement kListLate{"log_streams.list_late", R"sql(
    select l.log_row_id, r.type, r.transfer_id, r.record from late_log_rows l
      left join logs r on r.tenant_id = l.tenant_id and r.log_row_id = l.log_row_id
     where l.tenant_id = $1 and l.log_stream_id = $2 order by l.log_row_id limit $3)sql"};
constexpr sql::Statement kRemoveLate{"log_streams.remove_late", R"sql(
    delete from late_log_rows where tenant_id = $1 and log_stream_id = $2 and log_row_id = $3)sql"};

Stream read_stream(const sql::Row& row) {
  Stream out;
  out.log_stream_id = row.string(0);
  out.type = row.string(1);
  out.status = row.string(2);
  if (auto document = json::parse(row.text(3)); document.ok() && document->is_object()) out.document = document->get_object();
  out.sealed_secrets = std::string(row.bytes(4));
  out.delivered_up_to = row.row_id(5);
  out.next_attempt_at = row.instant(6);
  out.failures = row.integer(7);
  out.failing_since = row.maybe_instant(8);
  out.last_problem = row.string(9);
  out.delivered_at = row.maybe_instant(10);
  out.created_at = row.instant(11);
  return out;
}

}  // namespace

std::vector<Stream> list(const Reader& r) { return r.connection.list(kList, {r.tenant}, read_stream); }

std::int64_t count(const Reader& r) {
  return r.connection.maybe_one(kCount, {r.tenant}, [](const sql::Row& row) { return row.integer(0); }).value_or(0);
}

std::optional<Stream> find(const Reader& r, std::string_view id) {
  return r.connection.maybe_one(kFind, {r.tenant, id}, read_stream);
}

std::optional<Stream> find_for_change(const Writer& w, std::string_view id) {
  return w.connection.maybe_one(kLock, {w.tenant, id}, read_stream);
}

bool insert(const Writer& w, const Stream& s) {
  return w.connection.execute(kInsert, {w.tenant, s.log_stream_id, s.type, s.status, json::write(s.document),
                                        base::as_bytes(s.sealed_secrets), s.delivered_up_to, s.next_attempt_at, s.created_at}) ==
         1;
}

bool update(const Writer& w, const Stream& s, base::Instant now) {
  return w.connection.execute(
             kUpdate, {w.tenant, s.log_stream_id, s.status, json::write(s.document), base::as_bytes(s.sealed_secrets), now}) == 1;
}

bool delete_one(const Writer& w, std::string_view id) {
  const bool deleted = w.connection.execute(kDelete, {w.tenant, id}) == 1;
  if (deleted) w.connection.execute(kDeleteLate, {w.tenant, id});
  return deleted;
}

std::vector<Due> list_due(sql::Connection& connection, base::Instant now) {
  return connection.list(kListDue, {now}, [](const sql::Row& row) { return Due{base::TenantId(row.integer(0)), row.string(1)}; });
}

std::optional<Stream> take(const Writer& w, std::string_view id, base::Instant now, base::Instant until) {
  return w.connection.maybe_one(kTake, {w.tenant, id, now, until}, read_stream);
}

bool deliver(const Writer& w, std::string_view id, base::Instant until, base::RowId up_to, base::Instant now) {
  return w.connection.execute(kDeliver, {w.tenant, id, until, up_to, now}) == 1;
}

bool fail(const Writer& w, std::string_view id, base::Instant until, std::string_view problem, base::Instant at,
          base::Instant now) {
  return w.connection.execute(kFail, {w.tenant, id, until, problem, at, now}) == 1;
}

bool suspend(const Writer& w, std::string_view id, base::Instant until) {
  return w.connection.execute(kSuspend, {w.tenant, id, until}) == 1;
}

Late list_late(const Reader& r, std::string_view id, int most) {
  Late out;
  r.connection.run(kListLate, std::initializer_list<sql::Param>{r.tenant, id, most}, [&](const sql::Row& row) {
    out.ids.push_back(row.row_id(0));
    if (!row.null(3)) out.rows.push_back({row.row_id(0), row.string(1), row.string(2), row.string(3)});
  });
  return out;
}

void remove_late(const Writer& w, std::string_view id, const std::vector<base::RowId>& ids) {
  for (const auto row : ids) w.connection.execute(kRemoveLate, {w.tenant, id, row});
}

}  // namespace segue::store::log_streams
