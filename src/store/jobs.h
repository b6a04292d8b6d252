// Jobs of the Management API and what they leave. A node takes a job up for a while; each step of it is conditional on the step
// before, so that a job which two nodes believe to have is done once, and one whose node died goes on where it stood.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/job.h"
#include "model/session_graph.h"
#include "store/store.h"

namespace segue::store::jobs {

void insert(const Writer& w, const model::Job& job, base::Instant now);    // due at once
std::optional<model::Job> find(const Reader& r, std::string_view job_id);  // without its payload
std::int64_t count_unfinished(const Reader& r, std::string_view kind);

struct Due {
  base::TenantId tenant{};
  std::string job_id;
};
// Of the whole database: one that nobody works on.
std::optional<Due> next_due(sql::Connection& connection, base::Instant now);
// Nothing: somebody else took it first.
std::optional<model::Job> take(const Writer& w, std::string_view job_id, base::Instant now, base::Instant until);
// The first statement of a step: it takes the job from `before` to `after`. False: another node has done it, or the job is over.
bool begin_step(const Writer& w, std::string_view job_id, std::string_view before, std::string_view after, base::Instant until);
// How the job stands behind the step. One that is over keeps its results only.
void end_step(const Writer& w, const model::Job& job, base::Instant now);

void add_result(const Writer& w, std::string_view job_id, std::int64_t position, std::string_view content);
std::vector<std::string> results(const Reader& r, std::string_view job_id);

// A link that opens a finished job's results once.
bool set_link(const Writer& w, std::string_view job_id, const model::Digest& secret_hash, base::Instant expires_at);
bool use_link(const Writer& w, std::string_view job_id, const model::Digest& secret_hash, base::Instant now);

// Begun before `before`; a few, of the whole database. And the removal of one with its results.
std::vector<Due> list_older(sql::Connection& connection, base::Instant before);
void delete_one(const Writer& w, std::string_view job_id);

}  // namespace segue::store::jobs
