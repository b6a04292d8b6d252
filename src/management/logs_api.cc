#include "management/logs_api.h"

#include "audit/shown_record.h"
#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/log_query.h"
#include "management/operation.h"
#include "store/logs.h"

namespace segue::management {
namespace logs_api {
namespace {

constexpr int kDefaultPage = 50;  // contract §7.2

// The members that a record can have (contract §7.1).
const std::vector<std::string>& record_members() {
  static const std::vector<std::string> kMembers = {"date",
                                                    "type",
                                                    "description",
                                                    "connection",
                                                    "connection_id",
                                                    "client_id",
                                                    "client_name",
                                                    "ip",
                                                    "client_ip",
                                                    "user_agent",
                                                    "details",
                                                    "hostname",
                                                    "user_id",
                                                    "user_name",
                                                    "audience",
                                                    "scope",
                                                    "organization_id",
                                                    "organization_name",
                                                    "strategy",
                                                    "strategy_type",
                                                    "identity_user_id",
                                                    "auth0_client",
                                                    "log_id",
                                                    "tenant_name",
                                                    "_id",
                                                    "isMobile",
                                                    "id",
                                                    "$event_schema",
                                                    "location_info",
                                                    "references",
                                                    "security_context",
                                                    "environment_name",
                                                    "session_connection",
                                                    "transfer_id"};
  return kMembers;
}

json::array records_of(const Invocation& invocation, const FieldFilter& filter, const std::vector<store::logs::Found>& rows) {
  json::array out;
  for (const auto& row : rows)
    out.push_back(filter.apply(audit::shown_record(row.record, row.log_id, invocation.tenant->tenant().name)));
  return out;
}

base::Result<store::logs::Order> order_of(const json::object& query) {
  const auto sort = json::find_string(query, "sort");
  if (!sort || *sort == "date:-1" || *sort == "log_id:-1") return store::logs::Order::newest_first;
  if (*sort == "date:1" || *sort == "log_id:1") return store::logs::Order::oldest_first;
  return invalid_query(
      "Query validation error: 'Logs are sorted by date:1 or date:-1 only' on property sort (Field to sort by).");
}

// Everything since a checkpoint. Its other parameters are ignored (contract §7.2).
base::Result<http::Response> list_after(const Services& services, const Invocation& invocation) {
  const auto from = json::find_string(invocation.query, "from").value_or("");
  const auto take = json::find_integer(invocation.query, "take").value_or(kDefaultPage);
  if (!from.empty() && !store::logs::row_id_of(from)) {
    return invalid_query("Query validation error: 'Not a log id' on property from (Checkpoint to continue from).");
  }
  const auto rows = services.tenants.store().read(invocation.tenant->tenant().id, [&](const store::Reader& r) {
    return store::logs::list_after(r, from, static_cast<int>(take));
  });
  auto response = json_answer(200, records_of(invocation, {}, rows));
  const auto next = rows.empty() ? from : rows.back().log_id;
  // Without any row the first page is the next one, too.
  const auto position = next.empty() ? std::string() : "&from=" + next;
  const auto url = "https://" + invocation.call.domain + "/api/v2/logs?take=" + std::to_string(take) + position;
  response.headers.set("link", "<" + url + ">; rel=\"next\"");
  return response;
}

// One page of what the query asks for, in the answer that the parameters ask for.
base::Result<http::Response> answer_search(const Services& services, const Invocation& invocation, store::logs::Query wanted) {
  const auto& query = invocation.query;
  const auto filter = TRY(FieldFilter::read(query, record_members()));
  wanted.order = TRY(order_of(query));
  const auto page = json::find_integer(query, "page").value_or(0);
  const auto per_page = json::find_integer(query, "per_page").value_or(kDefaultPage);
  if (page * per_page > store::logs::kReachable) {
    return invalid_query("You can only page through the first 1000 records. Use `from` and `take` to read all of them.");
  }
  const auto rows = services.tenants.store().read(invocation.tenant->tenant().id, [&](const store::Reader& r) {
    return store::logs::search(r, wanted, static_cast<int>(page), static_cast<int>(per_page));
  });
  if (!rows) {
    return invalid_query(
        "The query looks at too many log events and finds too few. Narrow it: by a date range, or by type, client_id, user_id, "
        "ip "
        "or transfer_id.");
  }
  auto records = records_of(invocation, filter, *rows);
  if (!json::find_bool(query, "include_totals").value_or(false)) return json_answer(200, std::move(records));
  const auto length = static_cast<std::int64_t>(records.size());
  // `total` counts this page only (contract §7.2).
  return json_answer(
      200,
      json::object{
          {"start", page * per_page}, {"limit", per_page}, {"length", length}, {"total", length}, {"logs", std::move(records)}});
}

base::Result<http::Response> search(const Services& services, const Invocation& invocation) {
  const auto& query = invocation.query;
  // `search` is the older name of `q`.
  const auto q = json::find_string(query, "q").value_or(json::find_string(query, "search").value_or(""));
  return answer_search(services, invocation, TRY(parse_log_query(q)));
}

base::Result<http::Response> list_logs_of_user(const Services& services, Invocation& invocation) {
  using store::logs::Term;
  const Term term{.op = Term::Op::equals, .field = "user_id", .value = std::string(invocation.call.path_parameter("id"))};
  return answer_search(services, invocation, {.any_of = {{term}}});
}

base::Result<http::Response> list_logs(const Services& services, Invocation& invocation) {
  const bool is_checkpoint = json::find(invocation.query, "from") != nullptr || json::find(invocation.query, "take") != nullptr;
  return is_checkpoint ? list_after(services, invocation) : search(services, invocation);
}

base::Result<http::Response> get_log(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(invocation.tenant->tenant().id, [&](const store::Reader& r) {
    return store::logs::find(r, invocation.call.path_parameter("id"));
  });
  if (!found) return not_found("Log not found.", "");
  return json_answer(200, audit::shown_record(found->record, found->log_id, invocation.tenant->tenant().name));
}

const Operation kList{
    .method = http::Method::get,
    .path = "/api/v2/logs",
    .id = "get_logs",
    .scopes = {"read:logs", "read:logs_users"},
    .query = list_query({{.name = "q", .type = Type::string, .description = "Query in Lucene syntax", .max_length = 4096},
                         {.name = "search", .type = Type::string, .description = "Older name of q", .max_length = 4096},
                         {.name = "sort", .type = Type::string, .description = "Field to sort by", .max_length = 64}}),
    .statuses = {200},
    .summary = "Search log events",
    .handler = list_logs};

const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/logs/{id}",
                     .id = "get_logs_by_id",
                     .scopes = {"read:logs", "read:logs_users"},
                     .statuses = {200, 404},
                     .summary = "Get a log event by id",
                     .handler = get_log};

const Operation kListOfUser{
    .method = http::Method::get,
    .path = "/api/v2/users/{id}/logs",
    .id = "get_logs_by_user",
    .scopes = {"read:logs", "read:logs_users"},
    .query = list_query({{.name = "sort", .type = Type::string, .description = "Field to sort by", .max_length = 64}}),
    .statuses = {200},
    .summary = "Get user's log events",
    .handler = list_logs_of_user};

}  // namespace
}  // namespace logs_api

std::vector<const Operation*> log_operations() { return {&logs_api::kList, &logs_api::kGet, &logs_api::kListOfUser}; }

void add_log_routes(http::Router& router, const Services& services) {
  for (const auto* const operation : log_operations()) add_operation(router, services, *operation);
}

}  // namespace segue::management
