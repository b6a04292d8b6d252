#include "management/log_streams_api.h"

#include "base/text.h"
#include "logstreams/secrets.h"
#include "logstreams/turn.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/log_stream_rules.h"
#include "store/log_streams.h"

namespace segue::management {
namespace log_streams_api {
namespace {

namespace streams = store::log_streams;
using streams::Stream;

constexpr std::int64_t kMostStreams = 20;

const Schema kCreateSchema = object_schema("LogStreamCreate", log_stream_create_fields());
const Schema kUpdateSchema = object_schema("LogStreamUpdate", log_stream_update_fields());

Error inexistent_log_stream() { return not_found("The log stream does not exist.", ""); }

json::object with_secrets(const Services& services, base::TenantId tenant, const Stream& stream) {
  json::object sink;
  if (const auto* const stored = json::find_object(stream.document, "sink")) sink = *stored;
  const auto secrets = logstreams::open_secrets(services.key_file, tenant, stream.log_stream_id, stream.sealed_secrets);
  if (!secrets.ok()) return sink;
  for (const auto& secret : *secrets) sink[secret.key()] = secret.value();
  return sink;
}

json::object answer_of(const Services& services, base::TenantId tenant, const Stream& stream) {
  auto out = stream.document;
  out["sink"] = with_secrets(services, tenant, stream);
  out["status"] = stream.status;
  out["type"] = stream.type;
  out["id"] = stream.log_stream_id;
  return in_order_of(kUpdateSchema.root, std::move(out));
}

// Takes what came into the stored document; null takes a member away.
void merge(json::object& document, const json::object& body) {
  for (const auto* const name : {"name", "isPriority", "filters", "pii_config", "sink"}) {
    const auto* const value = json::find(body, name);
    if (value != nullptr) document[name] = *value;
  }
  if (const auto* const pii = json::find(document, "pii_config"); pii != nullptr && pii->is_null()) document.erase("pii_config");
  const auto set_default = [&](const char* name, json::value value) {
    const auto* const given = json::find(document, name);
    if (given == nullptr || given->is_null()) document[name] = std::move(value);
  };
  set_default("isPriority", false);
  set_default("filters", json::array{});
}

// The sink as it is stored: what is null is not there, what has a default is.
json::object complete_sink(json::object sink) {
  for (const auto* const name : {"httpAuthorization", "httpCustomHeaders"}) {
    if (const auto* const value = json::find(sink, name); value != nullptr && value->is_null()) sink.erase(name);
  }
  if (!sink.contains("httpContentType")) sink["httpContentType"] = "application/json";
  if (!sink.contains("httpContentFormat")) sink["httpContentFormat"] = "JSONLINES";
  return sink;
}

// The stream's sink becomes this one.
void set_sink(const Services& services, base::TenantId tenant, Stream& stream, json::object sink) {
  sink = complete_sink(std::move(sink));
  const auto secrets = logstreams::take_secrets(sink);
  stream.sealed_secrets = logstreams::seal_secrets(services.key_file, services.random, tenant, stream.log_stream_id, secrets);
  stream.document["sink"] = std::move(sink);
}

bool has_secret(const std::vector<Stream>& found) {
  for (const auto& stream : found) {
    if (!stream.sealed_secrets.empty()) return true;
  }
  return false;
}

std::optional<Stream> find(const Services& services, const Invocation& invocation) {
  auto found = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return streams::find(r, invocation.call.path_parameter("id")); });
  if (found && found->type == streams::kOperator) return std::nullopt;
  return found;
}

base::Result<http::Response> list_log_streams(const Services& services, Invocation& invocation) {
  const auto found =
      services.tenants.store().read(invocation.call.tenant, [](const store::Reader& r) { return streams::list(r); });
  json::array out;
  for (const auto& stream : found) out.push_back(answer_of(services, invocation.call.tenant, stream));
  if (has_secret(found)) append_secret_read(services, invocation);
  return json_answer(200, std::move(out));
}

base::Result<http::Response> get_log_stream(const Services& services, Invocation& invocation) {
  const auto found = find(services, invocation);
  if (!found) return inexistent_log_stream();
  if (has_secret({*found})) append_secret_read(services, invocation);
  return json_answer(200, answer_of(services, invocation.call.tenant, *found));
}

base::Result<http::Response> create_log_stream(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto& sink = body.at("sink").get_object();
  Stream stream;
  stream.type = json::find_string(body, "type").value_or("");
  TRY(check_log_stream(sink, services.allow_private_urls));
  stream.log_stream_id = "lst_" + services.random.text(16, base::kAlphanumeric);
  stream.created_at = stream.next_attempt_at = invocation.now;
  stream.delivered_up_to = base::IdGenerator::first_at(invocation.now);
  if (const auto from = json::find_string(body, "startFrom")) {
    const auto at = base::from_iso8601(*from);
    if (!at) return invalid_body("startFrom: a date and time of ISO 8601 is needed, such as 2024-01-31T12:00:00.000Z");
    stream.delivered_up_to = base::IdGenerator::first_at(*at);
  }
  stream.document["name"] = stream.type;
  merge(stream.document, body);
  set_sink(services, invocation.call.tenant, stream, sink);
  const auto created = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    if (streams::count(w) >= kMostStreams)
      return conflict("You have reached the maximum number of log streams for your account", "log_streams_limit");
    streams::insert(w, stream);
    append_change(w, invocation, 200);
    return base::Unit{};
  });
  if (!created.ok()) return created.error();
  return json_answer(200, answer_of(services, invocation.call.tenant, stream));
}

base::Result<http::Response> update_log_stream(const Services& services, Invocation& invocation) {
  const auto tenant = invocation.call.tenant;
  const auto seen = find(services, invocation);
  if (!seen) return inexistent_log_stream();
  const auto& body = invocation.body.get_object();
  const auto* const sink = json::find_object(body, "sink");
  // Sealed before the transaction; a sink comes whole, so what is stored does not matter to it.
  Stream sealed{.log_stream_id = seen->log_stream_id};
  if (sink != nullptr) {
    TRY(check_log_stream(*sink, services.allow_private_urls));
    set_sink(services, tenant, sealed, *sink);
  }
  const bool same_secrets = sink != nullptr && with_secrets(services, tenant, sealed) == with_secrets(services, tenant, *seen);
  const auto updated = services.tenants.store().write(tenant, [&](const store::Writer& w) -> std::optional<Stream> {
    auto stream = streams::find_for_change(w, seen->log_stream_id);
    if (!stream) return std::nullopt;
    const auto before = *stream;
    merge(stream->document, body);
    if (sink != nullptr) {
      stream->document["sink"] = sealed.document["sink"];
      // Sealed anew it would look like another secret.
      if (!same_secrets || stream->sealed_secrets != seen->sealed_secrets) stream->sealed_secrets = sealed.sealed_secrets;
    }
    if (auto status = json::find_string(body, "status")) stream->status = std::move(*status);
    if (stream->document == before.document && stream->sealed_secrets == before.sealed_secrets && stream->status == before.status)
      return stream;
    streams::update(w, *stream, invocation.now);
    append_change(w, invocation, 200);
    return stream;
  });
  if (!updated) return inexistent_log_stream();
  return json_answer(200, answer_of(services, tenant, *updated));
}

base::Result<http::Response> delete_log_stream(const Services& services, Invocation& invocation) {
  if (!find(services, invocation)) return inexistent_log_stream();
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const bool deleted = streams::delete_one(w, invocation.call.path_parameter("id"));
    if (deleted) append_change(w, invocation, 204);
    return deleted;
  });
  return http::empty_response(204);
}

// Segue's own: what Auth0 shows on its dashboard only (contract §7.3 "Health").
base::Result<http::Response> get_health(const Services& services, Invocation& invocation) {
  const auto found = find(services, invocation);
  if (!found) return inexistent_log_stream();
  const bool fails = found->failures >= logstreams::kFailuresThatCount;
  return json_answer(200, json::object{{"status", found->status},
                                       {"health", fails ? "error" : "ok"},
                                       {"attempts", found->failures},
                                       {"error", found->last_problem},
                                       {"failing_since", time_or_null(found->failing_since)},
                                       {"next_attempt_at", time_or_null(found->next_attempt_at)},
                                       {"delivered_at", time_or_null(found->delivered_at)},
                                       {"delivered_up_to", store::logs::log_id_of(found->delivered_up_to)}});
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/log-streams",
                      .id = "get_log-streams",
                      .scopes = {"read:log_streams"},
                      .statuses = {200},
                      .summary = "Get log streams",
                      .handler = list_log_streams};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/log-streams/{id}",
                     .id = "get_log-streams_by_id",
                     .scopes = {"read:log_streams"},
                     .statuses = {200, 404},
                     .summary = "Get log stream by ID",
                     .handler = get_log_stream};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/log-streams",
                        .id = "post_log-streams",
                        .scopes = {"create:log_streams"},
                        .body = &kCreateSchema,
                        .statuses = {200, 409},
                        .summary = "Create a log stream",
                        .handler = create_log_stream};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/log-streams/{id}",
                        .id = "patch_log-streams_by_id",
                        .scopes = {"update:log_streams"},
                        .body = &kUpdateSchema,
                        .statuses = {200, 404},
                        .summary = "Update a log stream",
                        .handler = update_log_stream};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/log-streams/{id}",
                        .id = "delete_log-streams_by_id",
                        .scopes = {"delete:log_streams"},
                        .statuses = {204, 404},
                        .summary = "Delete a log stream",
                        .handler = delete_log_stream};
const Operation kHealth{.method = http::Method::get,
                        .path = "/api/v2/segue/log-streams/{id}/health",
                        .id = "get_log-stream_health",
                        .scopes = {"read:log_streams"},
                        .statuses = {200, 404},
                        .summary = "Get the health of a log stream",
                        .handler = get_health};

}  // namespace
}  // namespace log_streams_api

std::vector<const Operation*> log_stream_operations() {
  using namespace log_streams_api;
  return {&kList, &kGet, &kCreate, &kUpdate, &kDelete, &kHealth};
}

}  // namespace segue::management
