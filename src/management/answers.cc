#include "management/answers.h"

#include <algorithm>

#include "audit/event.h"
#include "base/bytes.h"
#include "base/text.h"
#include "management/errors.h"

namespace segue::management {
namespace {

constexpr int kMostPerPage = 100;
constexpr int kDefaultPerPage = 50;

}  // namespace

audit::Event event_of(const Invocation& invocation, std::string type, int status) {
  const auto& call = invocation.call;
  audit::Event event;
  event.type = std::move(type);
  event.description = invocation.operation.summary;
  event.client_id = invocation.token.client_id;
  event.client_name = invocation.client_name;
  event.ip = call.caller_address;
  event.client_ip = call.request.peer_address;
  event.user_agent = std::string(call.user_agent());
  // A machine's subject is its client; only a person has a user id.
  if (!invocation.token.subject.ends_with("@clients")) event.user_id = invocation.token.subject;
  event.hostname = call.domain;
  event.audience = invocation.tenant->management_audience();
  event.scope = invocation.token.scope;
  event.auth0_client = std::string(call.request.headers.find("auth0-client").value_or(""));
  json::object credentials{{"scopes", json::to_array(base::split(invocation.token.scope, ' '))}};
  json::object request{
      {"method", base::ascii_lower(http::to_text(call.request.method))},
      {"path", call.request.path},
      {"channel", "api"},
      {"ip", call.caller_address},
      {"userAgent", call.user_agent()},
      {"auth", json::object{{"credentials", std::move(credentials)}, {"strategy", "jwt"}, {"user", json::object{}}}}};
  event.details["request"] = std::move(request);
  event.details["response"] = json::object{{"statusCode", status}};
  return event;
}

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::value time_or_null(const std::optional<base::Instant>& time) {
  return time ? json::value(base::to_iso8601(*time)) : json::value(nullptr);
}

http::Response json_answer(int status, const json::value& body) {
  auto response = http::json_response(status, json::write(body));
  // Clients, users and secrets are nobody else's: no cache keeps them.
  response.headers.set("cache-control", "no-store");
  return response;
}

std::vector<Field> field_filter_query() {
  return {{.name = "fields",
           .type = Type::array,
           .description = "Comma-separated fields to include or exclude",
           .items = {{.name = ""}}},
          {.name = "include_fields", .type = Type::boolean, .description = "Whether `fields` are included or excluded"}};
}

std::vector<Field> keyset_query(std::vector<Field> own) {
  own.push_back({.name = "from", .type = Type::string, .description = "Checkpoint to continue from", .max_length = 1000});
  own.push_back({.name = "take",
                 .type = Type::integer,
                 .description = "Results per checkpoint page",
                 .minimum = 1,
                 .maximum = kMostPerPage});
  return own;
}

std::vector<Field> keyset_of_user_query() {
  return keyset_query({{.name = "include_totals", .type = Type::boolean, .description = "Accepted; no total is counted"},
                       {.name = "per_page",
                        .type = Type::integer,
                        .description = "As `take`, which counts where both are sent",
                        .minimum = 1,
                        .maximum = kMostPerPage}});
}

std::vector<Field> unpaged_query() {
  return {{.name = "per_page",
           .type = Type::integer,
           .description = "Accepted; the answer is whole",
           .minimum = 0,
           .maximum = kMostPerPage},
          {.name = "include_totals", .type = Type::boolean, .description = "Accepted; the answer is an array"}};
}

std::vector<Field> list_query(std::vector<Field> own) {
  for (auto& field : field_filter_query()) own.push_back(std::move(field));
  own.push_back(
      {.name = "page", .type = Type::integer, .description = "Page index, zero based", .minimum = 0, .maximum = 1000000});
  own.push_back(
      {.name = "per_page", .type = Type::integer, .description = "Results per page", .minimum = 0, .maximum = kMostPerPage});
  own.push_back({.name = "include_totals", .type = Type::boolean, .description = "Whether the total is returned with the page"});
  return keyset_query(std::move(own));
}

base::Result<FieldFilter> FieldFilter::read(const json::object& query, const std::vector<std::string>& known,
                                            std::string_view always) {
  FieldFilter out;
  out.always_ = always;
  for (auto& name : json::find_strings(query, "fields")) {
    const auto trimmed = std::string(base::trim(name));
    // `identities.connection` asks for a part; we answer with the whole.
    const auto root = trimmed.substr(0, trimmed.find('.'));
    if (!base::contains(known, root)) {
      return invalid_query("Query validation error: 'No enum match for: \"" + trimmed +
                           "\"' on property fields (Comma-separated fields to include or exclude).");
    }
    out.names_.push_back(root);
  }
  out.include_ = json::find_bool(query, "include_fields").value_or(true);
  return out;
}

bool FieldFilter::keeps(std::string_view name) const {
  return names_.empty() || name == always_ || base::contains(names_, name) == include_;
}

json::object FieldFilter::apply(json::object o) const {
  if (names_.empty()) return o;
  json::object out;
  for (auto& member : o) {
    if (keeps({member.key().data(), member.key().size()})) out[member.key()] = std::move(member.value());
  }
  return out;
}

base::Result<Paging> read_paging(const json::object& query) {
  Paging out;
  out.include_totals = json::find_bool(query, "include_totals").value_or(false);
  out.is_checkpoint = json::find(query, "take") != nullptr || json::find(query, "from") != nullptr;
  if (const auto from = json::find_string(query, "from")) {
    auto after = base::from_base64url(*from);
    if (!after || !base::is_valid_utf8(*after) || !base::is_free_of_controls(*after)) {
      return invalid_query("Query validation error: 'Object didn't pass validation for format checkpoint: " + *from +
                           "' on property from (Checkpoint to continue from).");
    }
    out.keyset.after = std::move(*after);
  }
  out.keyset.take =
      static_cast<int>(
          json::find_integer(query, "take").value_or(json::find_integer(query, "per_page").value_or(kDefaultPerPage))) +
      1;
  out.offset.page = static_cast<int>(json::find_integer(query, "page").value_or(0));
  out.offset.per_page = static_cast<int>(json::find_integer(query, "per_page").value_or(kDefaultPerPage));
  return out;
}

http::Response checkpoint_answer(std::string_view list_name, const Paging& paging, json::array items,
                                 const std::vector<std::string>& keys) {
  json::object out;
  const auto shown = static_cast<std::size_t>(paging.keyset.take - 1);
  if (items.size() > shown) {
    items.resize(shown);
    out["next"] = base::base64url(keys[shown - 1]);
  }
  out[list_name] = std::move(items);
  return json_answer(200, out);
}

http::Response page_answer(std::string_view list_name, const Paging& paging, json::array items, std::int64_t total) {
  if (!paging.include_totals) return json_answer(200, items);
  json::object out;
  out["start"] = std::int64_t{paging.offset.page} * paging.offset.per_page;
  out["limit"] = paging.offset.per_page;
  out["length"] = items.size();
  out["total"] = total;
  out[list_name] = std::move(items);
  return json_answer(200, out);
}

void merge_patch(json::object& target, const json::object& patch, int depth) {
  for (const auto& [key, v] : patch) {
    if (v.is_null()) {
      target.erase(key);
    } else if (depth > 1 && v.is_object()) {
      auto& member = target[key];
      if (!member.is_object()) member.emplace_object();
      merge_patch(member.get_object(), v.get_object(), depth - 1);
    } else {
      target[key] = v;
    }
  }
}

void append_change(const store::Writer& w, const Invocation& invocation, int status, std::string_view transfer_id) {
  auto event = event_of(invocation, "sapi", status);
  event.transfer_id = transfer_id;
  audit::append(w, event, invocation.now);
}

void append_warning(const store::Writer& w, const Invocation& invocation, std::string_view warning) {
  auto event = event_of(invocation, "w", 200);
  event.description = warning;
  audit::append(w, event, invocation.now);
}

void append_secret_read(const Services& services, const Invocation& invocation) {
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    audit::append(w, event_of(invocation, "mgmt_api_read", 200), invocation.now);
    return base::Unit{};
  });
}

}  // namespace segue::management
