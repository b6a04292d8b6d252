#include "management/job_runner.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/text.h"
#include "management/user_answer.h"
#include "management/user_export.h"
#include "management/user_import.h"
#include "store/connections.h"
#include "store/jobs.h"
#include "store/users.h"

namespace segue::management {
namespace job_runner {
namespace {

namespace jobs = store::jobs;

constexpr auto kLease = std::chrono::minutes(1);  // many times what a step takes
constexpr auto kKept = std::chrono::hours(24);
constexpr std::size_t kImportedAtOnce = 50;
constexpr int kExportedAtOnce = 500;

void count(json::object& document, std::string_view name) {
  auto& summary = document["summary"].is_object() ? document["summary"].get_object() : document["summary"].emplace_object();
  summary[name] = json::find_integer(summary, name).value_or(0) + 1;
}

// One row of an import file, and what it becomes.
struct Row {
  const json::value* text = nullptr;
  base::Result<ImportedUser> read;
};

std::optional<model::User> stored_user(const store::Writer& w, const ImportedUser& imported) {
  std::string user_id = imported.user.user_id;
  if (!imported.names_id) {
    const auto known = store::users::find_by_identifier(w, imported.user.connection_id, imported.user.email);
    if (!known) return std::nullopt;
    user_id = known->user_id;
  }
  auto out = store::users::find_for_change(w, user_id);
  return out && out->connection_id == imported.user.connection_id ? std::move(out) : std::nullopt;
}

// How the row ended: "inserted", "updated", or an error's text.
std::string take_in(const store::Writer& w, const Row& row, bool upsert, base::Instant now) {
  const auto& imported = *row.read;
  if (upsert) {
    if (auto stored = stored_user(w, imported)) {
      const bool was_blocked = stored->blocked;
      update_from_import(*stored, row.text->get_object(), now);
      if (store::users::update(w, *stored) != store::users::Written::done) return "The user could not be updated";
      if (stored->blocked && !was_blocked)
        store::users::end_sessions(w, stored->user_id, now, store::revocations::kAccountDeactivated);
      return "updated";
    }
  }
  return store::users::insert(w, imported.user) == store::users::Written::done ? "inserted" : "The user already exists";
}

void import_row(const store::Writer& w, model::Job& job, const Row& row, std::int64_t position, base::Instant now) {
  const auto refuse = [&](std::string_view code, std::string_view message) {
    count(job.document, "failed");
    jobs::add_result(w, job.job_id, position, json::write(import_error(*row.text, code, message)));
  };
  if (!row.read.ok()) return refuse("INVALID_FORMAT", row.read.error().description);
  const auto ending = take_in(w, row, json::find_bool(job.document, "upsert").value_or(false), now);
  if (ending != "inserted" && ending != "updated") return refuse("DUPLICATED_USER", ending);
  count(job.document, ending);
}

}  // namespace
}  // namespace job_runner

bool JobRunner::work() {
  using namespace job_runner;
  auto& store = tenants_.store();
  const auto now = clock_.now();
  std::optional<jobs::Due> due;
  std::vector<jobs::Due> old;
  store.database().read([&](sql::Connection& connection) {
    due = jobs::next_due(connection, now);
    if (!due) old = jobs::list_older(connection, now - kKept);
  });
  for (const auto& each : old)
    store.write(each.tenant, [&](const store::Writer& w) { return jobs::delete_one(w, each.job_id), true; });
  if (!due) return !old.empty();
  auto job = store.write(due->tenant, [&](const store::Writer& w) { return jobs::take(w, due->job_id, now, now + kLease); });
  if (!job) return true;
  const auto tenant = tenants_.newest(due->tenant);
  while (job->kind == "users_import" ? import_some(*tenant, *job) : export_some(*tenant, *job)) {
  }
  return true;
}

bool JobRunner::fail(model::Job& job, std::string_view why) {
  const auto now = clock_.now();
  const auto before = job.progress;
  job.status = "failed";
  job.document["status_details"] = why;
  tenants_.store().write(job.tenant, [&](const store::Writer& w) {
    if (!job_runner::jobs::begin_step(w, job.job_id, before, before, now)) return false;
    job_runner::jobs::end_step(w, job, now);
    return true;
  });
  return false;
}

bool JobRunner::import_some(const tenancy::Snapshot& tenant, model::Job& job) {
  using namespace job_runner;
  const auto file = json::parse(job.payload);
  const auto connection = tenant.connection(json::find_string(job.document, "connection_id").value_or(""));
  if (!connection) return fail(job, "The connection does not exist");
  if (!file.ok() || !file->is_array()) return fail(job, "The file is no array of users");
  const auto& rows = file->get_array();
  const auto now = clock_.now();
  const auto before = job.progress;
  const auto first = static_cast<std::size_t>(base::parse_integer(before).value_or(0));
  const auto last = std::min(first + kImportedAtOnce, rows.size());
  // Ids are made before the transaction.
  std::vector<Row> some;
  for (auto i = first; i < last; ++i) some.push_back({&rows[i], imported_user(rows[i], *connection, random_, now)});
  const auto document = job.document;
  const bool done = tenants_.store().write(job.tenant, [&](const store::Writer& w) {
    if (!jobs::begin_step(w, job.job_id, before, std::to_string(last), now + kLease)) return false;
    job.document = document;
    job.status = last == rows.size() ? "completed" : "processing";
    // It may have been deleted since.
    if (!store::connections::find(w, connection->connection_id)) {
      job.status = "failed";
    } else {
      for (std::size_t i = 0; i < some.size(); ++i) import_row(w, job, some[i], static_cast<std::int64_t>(first + i), now);
    }
    jobs::end_step(w, job, now);
    return true;
  });
  job.progress = std::to_string(last);
  return done && job.status == "processing";
}

bool JobRunner::export_some(const tenancy::Snapshot& tenant, model::Job& job) {
  using namespace job_runner;
  const auto now = clock_.now();
  const auto format = export_format_from(job.document);
  const auto connection_id = json::find_string(job.document, "connection_id").value_or("");
  const auto limit = json::find_integer(job.document, "limit");
  auto exported = json::find_integer(job.document, "exported").value_or(0);
  const auto before = job.progress;
  const auto users = tenants_.store().read(job.tenant, [&](const store::Reader& r) {
    return store::users::list_after(r, {.after = before, .take = kExportedAtOnce});
  });
  std::string text = before.empty() ? export_head(format) : std::string();
  for (const auto& user : users) {
    if (!connection_id.empty() && user.connection_id != connection_id) continue;
    if (limit && exported >= *limit) break;
    text += export_line(format, user_answer(tenant, user));
    ++exported;
  }
  const bool over = users.size() < kExportedAtOnce || (limit && exported >= *limit);
  const auto after = users.empty() ? before : users.back().user_id;
  const auto position = json::find_integer(job.document, "pieces").value_or(0);
  job.document["pieces"] = position + 1;
  job.document["exported"] = exported;
  job.status = over ? "completed" : "processing";
  const bool done = tenants_.store().write(job.tenant, [&](const store::Writer& w) {
    if (!jobs::begin_step(w, job.job_id, before, after, now + kLease)) return false;
    jobs::add_result(w, job.job_id, position, text);
    jobs::end_step(w, job, now);
    return true;
  });
  job.progress = after;
  return done && !over;
}

}  // namespace segue::management
