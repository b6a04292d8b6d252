#include "management/device_credentials_api.h"

#include "management/answers.h"
#include "management/errors.h"
#include "management/revocation.h"
#include "store/refresh_tokens.h"

namespace segue::management {
namespace device_credentials_api {
namespace {

namespace rts = store::refresh_tokens;

constexpr const char *kPublicKey = "public_key", *kNonRotating = "refresh_token", *kRotating = "rotating_refresh_token";

const std::vector<std::string>& answer_fields() {
  static const std::vector<std::string> names = {"id", "device_name", "type", "user_id", "client_id"};
  return names;
}

// `device_id` is of public keys, which are not served here.
json::object answer_of(const model::RefreshTokenFamily& f) {
  return {{"id", f.public_id},
          {"device_name", f.initial_user_agent},
          {"type", f.rotating ? kRotating : kNonRotating},
          {"user_id", f.user_id},
          {"client_id", f.client_id}};
}

// Whoever asks for a page and for no type gets one type; without a page all (contract §6.1).
std::string asked_type(const json::object& query) {
  const auto type = json::find_string(query, "type");
  if (type) return *type;
  const bool paged = query.contains("page") || query.contains("per_page") || query.contains("include_totals");
  return paged ? kNonRotating : "";
}

base::Result<http::Response> list(const Services& services, Invocation& invocation) {
  const auto filter = TRY(FieldFilter::read(invocation.query, answer_fields()));
  const auto paging = TRY(read_paging(invocation.query));
  if (paging.is_checkpoint)
    return invalid_query("Query validation error: 'Device credentials are paged with page and per_page'.");
  const auto text = [&](std::string_view name) { return json::find_string(invocation.query, name).value_or(""); };
  const auto type = asked_type(invocation.query);
  if (type == kPublicKey) return page_answer("device_credentials", paging, {}, 0);
  const rts::Filter wanted{text("user_id"), text("client_id"), type.empty() ? std::nullopt : std::optional(type == kRotating)};
  struct Found {
    std::vector<rts::Shown> shown;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return Found{rts::list_page(r, wanted, invocation.now, paging.offset),
                 paging.include_totals ? rts::count(r, wanted, invocation.now) : 0};
  });
  json::array items;
  for (const auto& each : found.shown) items.push_back(filter.apply(answer_of(each.family)));
  return page_answer("device_credentials", paging, std::move(items), found.total);
}

// 204 whether or not there was one: what was asked for is so.
base::Result<http::Response> delete_one(const Services& services, Invocation& invocation) {
  const bool online = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto id = invocation.call.path_parameter("id");
    if (rts::names_online(w, id)) return true;
    const auto ended = revoke_refresh_token(w, id, invocation.now);
    if (ended) append_change(w, invocation, 204, ended->ancestry.transfer_id);
    return false;
  });
  if (online) return online_refresh_token();
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/device-credentials",
                      .id = "get_device-credentials",
                      .scopes = {"read:device_credentials"},
                      .query = list_query({{.name = "user_id", .description = "Whose credentials"},
                                           {.name = "client_id", .description = "At which client"},
                                           {.name = "type",
                                            .description = "Which credentials; refresh_token where a page is asked for",
                                            .one_of = {kPublicKey, kNonRotating, kRotating}}}),
                      .statuses = {200},
                      .summary = "Retrieve device credentials",
                      .handler = list};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/device-credentials/{id}",
                        .id = "delete_device-credentials_by_id",
                        .scopes = {"delete:device_credentials"},
                        .statuses = {204},
                        .summary = "Delete a device credential",
                        .handler = delete_one};

}  // namespace
}  // namespace device_credentials_api

std::vector<const Operation*> device_credential_operations() {
  using namespace device_credentials_api;
  return {&kList, &kDelete};
}

}  // namespace segue::management
