#include "store/jobs.h"

#include "store/document.h"

namespace segue::store::jobs {
namespace {

constexpr sql::Statement kInsert{"jobs.insert", R"sql(
    insert into jobs (tenant_id, job_id, kind, status, document, payload, progress, lease_until, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8))sql"};
constexpr sql::Statement kFind{"jobs.find", R"sql(
    select job_id, kind, status, document, '' as payload, progress, created_at, updated_at from jobs
     where tenant_id = $1 and job_id = $2)sql"};
constexpr sql::Statement kCountUnfinished{"jobs.count_unfinished", R"sql(
    select count(*) from jobs where tenant_id = $1 and kind = $2 and lease_until is not null)sql"};
constexpr sql::Statement kNextDue{"jobs.next_due", R"sql(
    select tenant_id, job_id from jobs where lease_until <= $1 order by lease_until limit 1)sql"};
constexpr sql::Statement kTake{"jobs.take", R"sql(
    update jobs set status = 'processing', lease_until = $4 where tenant_id = $1 and job_id = $2 and lease_until <= $3
 returning job_id, kind, status, document, payload, progress, created_at, updated_at)sql"};
constexpr sql::Statement kBeginStep{"jobs.begin_step", R"sql(
    update jobs set progress = $4, lease_until = $5
     where tenant_id = $1 and job_id = $2 and progress = $3 and lease_until is not null)sql"};
constexpr sql::Statement kEndStep{"jobs.end_step", R"sql(
    update jobs set status = $3, document = $4, updated_at = $5 where tenant_id = $1 and job_id = $2)sql"};
constexpr sql::Statement kFinish{"jobs.finish", R"sql(
    update jobs set status = $3, document = $4, updated_at = $5, payload = '', lease_until = null
     where tenant_id = $1 and job_id = $2)sql"};
constexpr sql::Statement kAddResult{"job_results.add", R"sql(
    insert into job_results (tenant_id, job_id, position, content) values ($1, $2, $3, $4))sql"};
constexpr sql::Statement kResults{"job_results.list", R"sql(
    select content from job_results where tenant_id = $1 and job_id = $2 order by position)sql"};
constexpr sql::Statement kSetLink{"jobs.set_link", R"sql(
    update jobs set link_hash = $3, link_expires_at = $4 where tenant_id = $1 and job_id = $2 and status = 'completed')sql"};
constexpr sql::Statement kUseLink{"jobs.use_link", R"sql(
    update jobs set link_hash = null, link_expires_at = null
     where tenant_id = $1 and job_id = $2 and link_hash = $3 and link_expires_at > $4)sql"};
constexpr sql::Statement kListOlder{"jobs.list_older",
                                    "select tenant_id, job_id from jobs where created_at < $1 order by created_at limit $2"};
constexpr sql::Statement kDelete{"jobs.delete", "delete from jobs where tenant_id = $1 and job_id = $2"};
constexpr sql::Statement kDeleteResults{"job_results.delete", "delete from job_results where tenant_id = $1 and job_id = $2"};

model::Job read_job(const sql::Row& row) {
  model::Job out;
  out.job_id = row.string(0);
  out.kind = row.string(1);
  out.status = row.string(2);
  out.document = document_of(row.text(3));
  out.payload = row.string(4);
  out.progress = row.string(5);
  out.created_at = row.instant(6);
  out.updated_at = row.instant(7);
  return out;
}

Due read_due(const sql::Row& row) { return {base::TenantId(row.integer(0)), row.string(1)}; }

std::optional<model::Job> of_tenant(std::optional<model::Job> job, base::TenantId tenant) {
  if (job) job->tenant = tenant;
  return job;
}

}  // namespace

void insert(const Writer& w, const model::Job& job, base::Instant now) {
  w.connection.execute(kInsert,
                       {w.tenant, job.job_id, job.kind, job.status, json::write(job.document), job.payload, job.progress, now});
}

std::optional<model::Job> find(const Reader& r, std::string_view job_id) {
  return of_tenant(r.connection.maybe_one(kFind, {r.tenant, job_id}, read_job), r.tenant);
}

std::int64_t count_unfinished(const Reader& r, std::string_view kind) {
  return *r.connection.maybe_one(kCountUnfinished, {r.tenant, kind}, [](const sql::Row& row) { return row.integer(0); });
}

std::optional<Due> next_due(sql::Connection& connection, base::Instant now) {
  return connection.maybe_one(kNextDue, {now}, read_due);
}

std::optional<model::Job> take(const Writer& w, std::string_view job_id, base::Instant now, base::Instant until) {
  return of_tenant(w.connection.maybe_one(kTake, {w.tenant, job_id, now, until}, read_job), w.tenant);
}

bool begin_step(const Writer& w, std::string_view job_id, std::string_view before, std::string_view after, base::Instant until) {
  return w.connection.execute(kBeginStep, {w.tenant, job_id, before, after, until}) == 1;
}

void end_step(const Writer& w, const model::Job& job, base::Instant now) {
  const bool over = job.status == "completed" || job.status == "failed";
  w.connection.execute(over ? kFinish : kEndStep, {w.tenant, job.job_id, job.status, json::write(job.document), now});
}

void add_result(const Writer& w, std::string_view job_id, std::int64_t position, std::string_view content) {
  w.connection.execute(kAddResult, {w.tenant, job_id, position, content});
}

std::vector<std::string> results(const Reader& r, std::string_view job_id) {
  return r.connection.list(kResults, {r.tenant, job_id}, [](const sql::Row& row) { return row.string(0); });
}

bool set_link(const Writer& w, std::string_view job_id, const model::Digest& secret_hash, base::Instant expires_at) {
  return w.connection.execute(kSetLink, {w.tenant, job_id, secret_hash, expires_at}) == 1;
}

bool use_link(const Writer& w, std::string_view job_id, const model::Digest& secret_hash, base::Instant now) {
  return w.connection.execute(kUseLink, {w.tenant, job_id, secret_hash, now}) == 1;
}

std::vector<Due> list_older(sql::Connection& connection, base::Instant before) {
  constexpr std::int64_t kSome = 20;
  return connection.list(kListOlder, {before, kSome}, read_due);
}

void delete_one(const Writer& w, std::string_view job_id) {
  w.connection.execute(kDeleteResults, {w.tenant, job_id});
  w.connection.execute(kDelete, {w.tenant, job_id});
}

}  // namespace segue::store::jobs
