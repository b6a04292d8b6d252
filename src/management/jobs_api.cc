#include "management/jobs_api.h"

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/multipart.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/user_answer.h"
#include "store/jobs.h"

namespace segue::management {
namespace jobs_api {
namespace {

namespace jobs = store::jobs;

constexpr std::size_t kLargestFile = 512'000;
constexpr std::int64_t kMostUnfinished = 2;
constexpr auto kLinkLifetime = std::chrono::minutes(1);

base::Error too_many(std::string_view what) {
  return {.kind = ErrorKind::rate_limited,
          .code = "too_many_jobs",
          .description = "There are 2 active " + std::string(what) + " jobs: wait until one of them is finished, and try again"};
}
base::Error no_job() { return not_found("The job does not exist", "inexistent_job"); }

// What the API shows of a job. How it is kept is nobody's business.
json::object answer_of(const model::Job& job) {
  auto out = job.document;
  out.erase("pieces");
  out.erase("exported");
  out["id"] = job.job_id;
  out["type"] = job.kind;
  out["status"] = job.status;
  out["created_at"] = base::to_iso8601(job.created_at);
  return out;
}

model::Job new_job(const Services& services, const Invocation& invocation, std::string kind) {
  model::Job out;
  out.job_id = "job_" + services.random.text(16, base::kAlphanumeric);
  out.kind = std::move(kind);
  out.created_at = out.updated_at = invocation.now;
  return out;
}

base::Outcome store_job(const Services& services, const Invocation& invocation, const model::Job& job, int status,
                        std::string_view what) {
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    if (jobs::count_unfinished(w, job.kind) >= kMostUnfinished) return too_many(what);
    jobs::insert(w, job, invocation.now);
    append_change(w, invocation, status);
    return base::Unit{};
  });
}

// --- Import ---

struct Upload {
  std::string users, connection_id, external_id;
  bool upsert = false, send_completion_email = false;
};

base::Result<bool> read_flag(const http::Part& part) {
  if (part.body == "true" || part.body == "false") return part.body == "true";
  return invalid_body("Payload validation error: 'Expected type boolean but found type string' on property " + part.name + ".");
}

base::Result<Upload> read_upload(const http::Request& request) {
  const auto parts = http::parse_multipart(request.headers.find("content-type").value_or(""), request.body);
  if (!parts.ok()) return invalid_body("Payload validation error: 'Invalid multipart payload format'");
  Upload out;
  bool has_users = false;
  for (const auto& part : *parts) {
    if (part.name == "users") {
      has_users = true;
      if (part.body.size() > kLargestFile) {
        return Error{.kind = ErrorKind::too_large,
                     .code = "",
                     .description = "Payload content length greater than maximum allowed: " + std::to_string(kLargestFile)};
      }
      out.users = part.body;
    } else if (part.name == "connection_id") {
      out.connection_id = part.body;
    } else if (part.name == "external_id") {
      if (part.body.size() > 256 || !base::is_valid_utf8(part.body) || !base::is_free_of_controls(part.body))
        return invalid_body("external_id: at most 256 bytes of text are taken");
      out.external_id = part.body;
    } else if (part.name == "upsert") {
      out.upsert = TRY(read_flag(part));
    } else if (part.name == "send_completion_email") {
      out.send_completion_email = TRY(read_flag(part));
    } else {
      return invalid_body("Payload validation error: 'Additional properties not allowed: " + part.name + "'.");
    }
  }
  if (!has_users) return invalid_body("Must provide 'users' file as multipart part");
  if (out.connection_id.empty()) return invalid_body("Must provide 'connection_id' as multipart part");
  if (base::trim(out.users).empty()) return invalid_body("Users file must not be empty");
  return out;
}

base::Result<http::Response> import_users(const Services& services, Invocation& invocation) {
  auto upload = TRY(read_upload(invocation.call.request));
  const auto connection = invocation.tenant->connection(upload.connection_id);
  if (!connection) return invalid_body("The connection does not exist");
  if (connection->strategy != "auth0") return invalid_body("Connection must be a database connection");
  const auto file = json::parse(upload.users);
  if (!file.ok() || !file->is_array()) return invalid_body("The users file must be a JSON array of users");
  auto job = new_job(services, invocation, "users_import");
  job.progress = "0";
  job.payload = std::move(upload.users);
  job.document = {{"connection_id", connection->connection_id},
                  {"connection", connection->name},
                  {"upsert", upload.upsert},
                  {"send_completion_email", upload.send_completion_email},
                  {"summary", json::object{{"failed", 0}, {"updated", 0}, {"inserted", 0}, {"total", file->get_array().size()}}}};
  if (!upload.external_id.empty()) job.document["external_id"] = upload.external_id;
  TRY(store_job(services, invocation, job, 202, "import users"));
  return json_answer(202, answer_of(job));
}

// --- Export ---

const Schema kExportSchema = object_schema(
    "UsersExport",
    {enforced(
         {.name = "connection_id", .description = "Connection whose users are exported", .min_length = 1, .max_length = 100}),
     enforced({.name = "format", .description = "Format of the file", .one_of = {"json", "csv"}}),
     enforced({.name = "limit",
               .type = Type::integer,
               .description = "How many users at most",
               .minimum = 1,
               .maximum = 1'000'000'000}),
     enforced({.name = "fields",
               .type = Type::array,
               .description = "What of each user",
               .max_length = 100,
               .items = {{.name = "",
                          .type = Type::object,
                          .members = {{.name = "name", .required = true, .min_length = 1, .max_length = 300},
                                      {.name = "export_as", .min_length = 1, .max_length = 300}}}}})});

base::Result<http::Response> export_users(const Services& services, Invocation& invocation) {
  auto job = new_job(services, invocation, "users_export");
  job.document = invocation.body.is_object() ? invocation.body.get_object() : json::object{};
  if (json::find(job.document, "format") == nullptr) job.document["format"] = "json";
  if (const auto id = json::find_string(job.document, "connection_id")) {
    const auto connection = invocation.tenant->connection(*id);
    if (!connection) return invalid_body("connection does not exist");
    job.document["connection"] = connection->name;
  }
  if (const auto* const fields = json::find(job.document, "fields")) {
    for (const auto& each : fields->get_array()) {
      const auto name = json::find_string(each.get_object(), "name").value_or("");
      if (!base::contains(user_answer_fields(), name.substr(0, name.find('.'))))
        return invalid_body("fields: users have no \"" + name + "\"");
    }
  }
  TRY(store_job(services, invocation, job, 200, "export users"));
  return json_answer(200, answer_of(job));
}

// The one-time link is `{job_id}.{secret}`, made anew at each look at a finished export: only the secret's digest is stored.
base::Result<http::Response> get_job(const Services& services, Invocation& invocation) {
  const auto job_id = invocation.call.path_parameter("id");
  const auto job =
      services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) { return jobs::find(r, job_id); });
  if (!job) return no_job();
  auto out = answer_of(*job);
  // The file is personal data: who may only create users is not shown it.
  if (job->kind == "users_export" && job->status == "completed" && invocation.token.allows("read:users")) {
    const auto secret = services.random.text(43, base::kUrlSafe);
    const auto made = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
      return jobs::set_link(w, job_id, crypto::sha256(secret), invocation.now + kLinkLifetime);
    });
    if (made) out["location"] = invocation.tenant->issuer(invocation.call.domain) + "exports/" + job->job_id + "." + secret;
  }
  return json_answer(200, out);
}

base::Result<http::Response> list_errors(const Services& services, Invocation& invocation) {
  const auto job_id = invocation.call.path_parameter("id");
  struct Found {
    std::optional<model::Job> job;
    std::vector<std::string> results;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    Found out{jobs::find(r, job_id), {}};
    if (out.job && out.job->kind == "users_import") out.results = jobs::results(r, job_id);
    return out;
  });
  if (!found.job) return no_job();
  if (found.results.empty()) return http::empty_response(204);
  auto response = http::json_response(200, "[" + base::join(found.results, ",") + "]");
  response.headers.set("cache-control", "no-store");
  return response;
}

const Operation kImport{.method = http::Method::post,
                        .path = "/api/v2/jobs/users-imports",
                        .id = "post_users_imports",
                        .scopes = {"create:users"},
                        .statuses = {202, 413},
                        .summary = "Create import users job",
                        .handler = import_users};
const Operation kExport{.method = http::Method::post,
                        .path = "/api/v2/jobs/users-exports",
                        .id = "post_users_exports",
                        .scopes = {"read:users"},
                        .body = &kExportSchema,
                        .statuses = {200},
                        .summary = "Create export users job",
                        .handler = export_users};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/jobs/{id}",
                     .id = "get_jobs_by_id",
                     .scopes = {"create:users", "read:users"},
                     .statuses = {200, 404},
                     .summary = "Get a job",
                     .handler = get_job};
const Operation kErrors{.method = http::Method::get,
                        .path = "/api/v2/jobs/{id}/errors",
                        .id = "get_errors",
                        .scopes = {"create:users", "read:users"},
                        .statuses = {200, 204, 404},
                        .summary = "Get job error details",
                        .handler = list_errors};

base::Result<http::Response> download(const Services& services, const http::Call& call) {
  const auto handle = call.path_parameter("handle");
  const auto dot = handle.find('.');
  const auto job_id = handle.substr(0, dot);
  const auto secret = dot == std::string_view::npos ? std::string_view() : handle.substr(dot + 1);
  const auto digest = crypto::sha256(secret);
  const auto now = services.clock.now();
  // A guess changes nothing, and takes no writer.
  const auto known = services.tenants.store().read(call.tenant, [&](const store::Reader& r) { return jobs::find(r, job_id); });
  const bool opened =
      known && known->status == "completed" &&
      services.tenants.store().write(call.tenant, [&](const store::Writer& w) { return jobs::use_link(w, job_id, digest, now); });
  if (!opened) return not_found("The link was used or has expired: ask for the job again", "inexistent_job");
  const auto pieces =
      services.tenants.store().read(call.tenant, [&](const store::Reader& r) { return jobs::results(r, job_id); });
  const bool csv = json::find_string(known->document, "format") == "csv";
  http::Response out;
  out.status = 200;
  out.body = base::join(pieces, "");
  out.headers.set("content-type", csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8");
  out.headers.set("content-disposition", "attachment; filename=\"" + std::string(job_id) + (csv ? ".csv" : ".json") + "\"");
  out.headers.set("cache-control", "no-store");
  return out;
}

}  // namespace
}  // namespace jobs_api

std::vector<const Operation*> job_operations() {
  using namespace jobs_api;
  return {&kImport, &kExport, &kGet, &kErrors};
}

void add_export_route(http::Router& router, const Services& services) {
  router.add({.method = http::Method::get,
              .path = "/exports/{handle}",
              .face = management_json,
              .handler = [&services](http::Call& call) { return jobs_api::download(services, call); },
              .summary = "The file of a users export, under a link that works once"});
}

}  // namespace segue::management
