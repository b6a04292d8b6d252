#include "management/refresh_tokens_api.h"

#include <algorithm>

#include "base/text.h"
#include "management/answers.h"
#include "management/device_answer.h"
#include "management/errors.h"
#include "management/revocation.h"
#include "management/session_metadata.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "store/users.h"
#include "tenancy/user_scopes.h"

namespace segue::management {
namespace refresh_tokens_api {
namespace {

namespace rts = store::refresh_tokens;

constexpr std::size_t kMostIds = 100;

base::Error inexistent_refresh_token() { return not_found("The refresh token does not exist.", "inexistent_refresh_token"); }

// contract §4.7
constexpr const char* kNotOnline = "API doesn't support Online Refresh Tokens";
// Why nothing is shown under an id.
base::Error unshown(const store::Reader& r, std::string_view public_id) {
  return rts::names_online(r, public_id) ? not_supported(kNotOnline) : inexistent_refresh_token();
}

const std::vector<std::string>& answer_fields() {
  static const std::vector<std::string> names = {"id",         "user_id",           "created_at",       "idle_expires_at",
                                                 "expires_at", "last_exchanged_at", "device",           "client_id",
                                                 "session_id", "rotating",          "resource_servers", "refresh_token_metadata"};
  return names;
}

// What it reaches: the API it was issued for, and those of the client's policies that need no consent (contract §4.6).
json::array resource_servers_of(const tenancy::Snapshot& tenant, const store::Reader& r, const model::RefreshTokenFamily& f) {
  json::array out;
  const auto add = [&](std::string_view audience, const std::string& scopes) {
    out.push_back(json::object{{"audience", audience}, {"scopes", scopes}});
  };
  const auto client = tenant.client(f.client_id, &r);
  const auto added = [&](std::string_view audience) {
    auto grant = client ? tenancy::policy_grant(tenant, *client, audience, r) : std::nullopt;
    return grant && grant->api->skip_consent_for_verifiable_first_party_clients ? grant->scopes : std::vector<std::string>{};
  };
  if (!f.audience.empty()) {
    auto scopes = base::split(f.scope, ' ');
    for (auto& scope : added(f.audience)) {
      if (!base::contains(scopes, scope)) scopes.push_back(std::move(scope));
    }
    add(f.audience, base::join(scopes, " "));
  }
  if (!client) return out;
  for (const auto& policy : client->refresh_token.policies) {
    if (policy.audience == f.audience) continue;
    if (const auto scopes = added(policy.audience); !scopes.empty()) add(policy.audience, base::join(scopes, " "));
  }
  return out;
}

json::object answer_of(const tenancy::Snapshot& tenant, const store::Reader& r, const rts::Shown& shown) {
  const auto& f = shown.family;
  const auto session = f.session_id ? store::sessions::find(r, *f.session_id) : std::nullopt;
  return {{"id", f.public_id},
          {"user_id", f.user_id},
          {"created_at", base::to_iso8601(f.created_at)},
          {"idle_expires_at", time_or_null(f.idle_expires_at)},
          {"expires_at", time_or_null(f.expires_at)},
          {"last_exchanged_at", base::to_iso8601(f.last_exchanged_at)},
          {"device", device_answer({.ip = f.initial_ip, .asn = f.initial_asn, .user_agent = f.initial_user_agent, .geoip = {}},
                                   {.ip = f.last_ip, .asn = f.last_asn, .user_agent = f.last_user_agent, .geoip = {}})},
          {"client_id", f.client_id},
          {"session_id", session ? json::value(session->session.sid) : json::value(nullptr)},
          {"rotating", f.rotating},
          {"resource_servers", resource_servers_of(tenant, r, f)},
          {"refresh_token_metadata", shown.metadata.empty() ? json::value(nullptr) : json::value(shown.metadata)}};
}

// Nothing when the user is unknown.
struct Page {
  json::array items;
  std::vector<std::string> keys;
};
std::optional<Page> read_page(const Services& services, Invocation& invocation, const Paging& paging, std::string_view user_id,
                              std::string_view client_id) {
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> std::optional<Page> {
    if (!store::users::find(r, user_id)) return std::nullopt;
    Page out;
    for (const auto& shown : rts::list_shown(r, user_id, client_id, invocation.now, paging.keyset)) {
      out.keys.push_back(shown.family.public_id);
      out.items.push_back(answer_of(*invocation.tenant, r, shown));
    }
    return out;
  });
}

base::Result<http::Response> list(const Services& services, Invocation& invocation) {
  const auto filter = TRY(FieldFilter::read(invocation.query, answer_fields()));
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = json::find_string(invocation.query, "user_id").value_or("");
  if (user_id.empty()) return invalid_query("Missing required 'user_id' parameter.");
  auto page = read_page(services, invocation, paging, user_id, json::find_string(invocation.query, "client_id").value_or(""));
  if (!page) return inexistent_user();
  for (auto& item : page->items) item = filter.apply(std::move(item.get_object()));
  return checkpoint_answer("refresh_tokens", paging, std::move(page->items), page->keys);
}

base::Result<http::Response> list_of_user(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  auto page = read_page(services, invocation, paging, invocation.call.path_parameter("id"), "");
  if (!page) return inexistent_user();
  return checkpoint_answer("tokens", paging, std::move(page->items), page->keys);
}

base::Result<http::Response> get(const Services& services, Invocation& invocation) {
  const auto answer =
      services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<json::object> {
        const auto id = invocation.call.path_parameter("id");
        const auto found = rts::find_shown(r, id, invocation.now);
        if (!found) return unshown(r, id);
        return answer_of(*invocation.tenant, r, *found);
      });
  if (!answer.ok()) return answer.error();
  return json_answer(200, *answer);
}

base::Result<http::Response> update(const Services& services, Invocation& invocation) {
  auto metadata = TRY(read_metadata(invocation.body.get_object(), "refresh_token_metadata"));
  const auto updated =
      services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<rts::Shown> {
        const auto id = invocation.call.path_parameter("id");
        auto found = rts::find_shown(w, id, invocation.now);
        if (!found) return unshown(w, id);
        rts::set_metadata(w, found->family.family_id, metadata);
        append_change(w, invocation, 200);
        found->metadata = metadata;
        return std::move(*found);
      });
  if (!updated.ok()) return updated.error();
  return json_answer(200, services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return answer_of(*invocation.tenant, r, *updated);
  }));
}

// 202 whether or not there was one: what was asked for is so.
base::Result<http::Response> delete_one(const Services& services, Invocation& invocation) {
  const bool online = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto id = invocation.call.path_parameter("id");
    if (rts::names_online(w, id)) return true;
    const auto ended = revoke_refresh_token(w, id, invocation.now);
    if (ended) append_change(w, invocation, 202, ended->ancestry.transfer_id);
    return false;
  });
  if (online) return online_refresh_token();
  return http::empty_response(202);
}

base::Result<http::Response> delete_of_user(const Services& services, Invocation& invocation) {
  const bool exists = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto user_id = invocation.call.path_parameter("id");
    // Locked first: no exchange and no sign-in of theirs is half-way through.
    if (!store::users::find_for_change(w, user_id)) return false;
    for (const auto& client_id : rts::list_clients_of_user(w, user_id))
      rts::revoke_families_at(w, user_id, client_id, revocation_cascades_at(w, client_id), invocation.now);
    append_change(w, invocation, 202);
    return true;
  });
  if (!exists) return inexistent_user();
  return http::empty_response(202);
}

// contract §6.1: some ids, or a user, or a user at a client, or that for one audience.
struct Selection {
  std::vector<std::string> ids;
  std::string user_id, client_id, audience;
};
base::Result<Selection> read_selection(const json::object& body) {
  const auto text = [&](std::string_view name) { return json::find_string(body, name).value_or(""); };
  Selection out{json::find_strings(body, "ids"), text("user_id"), text("client_id"), text("audience")};
  const bool by_ids = !out.ids.empty() && out.user_id.empty() && out.client_id.empty() && out.audience.empty();
  const bool by_user = out.ids.empty() && !out.user_id.empty() && (out.audience.empty() || !out.client_id.empty());
  if (!by_ids && !by_user) return invalid_body("Invalid combination of parameters.");
  return out;
}

void revoke_selected(const store::Writer& w, const Selection& selection, base::Instant now) {
  for (const auto& id : selection.ids) revoke_refresh_token(w, id, now);
  if (selection.user_id.empty()) return;
  store::users::find_for_change(w, selection.user_id);
  auto client_ids = rts::list_clients_of_user(w, selection.user_id);
  if (!selection.client_id.empty()) client_ids = {selection.client_id};
  for (const auto& client_id : client_ids) {
    const bool cascades = revocation_cascades_at(w, client_id);
    if (selection.audience.empty()) {
      rts::revoke_families_at(w, selection.user_id, client_id, cascades, now);
    } else {
      rts::revoke_families_of(w, selection.user_id, client_id, selection.audience, cascades, now);
    }
  }
}

base::Result<http::Response> revoke(const Services& services, Invocation& invocation) {
  auto selection = TRY(read_selection(invocation.body.get_object()));
  // In one order everywhere: two requests with the same ids must not wait for each other.
  std::sort(selection.ids.begin(), selection.ids.end());
  const bool done = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    for (const auto& id : selection.ids) {
      if (rts::names_online(w, id)) return false;
    }
    revoke_selected(w, selection, invocation.now);
    append_change(w, invocation, 202);
    return true;
  });
  if (!done) return online_refresh_token();
  return http::empty_response(202);
}

const Schema& update_schema() {
  static const Schema schema = metadata_body("RefreshTokenUpdate", "refresh_token_metadata");
  return schema;
}
const Schema& revoke_schema() {
  static const Schema schema =
      object_schema("RefreshTokensRevoke",
                    {enforced({.name = "ids",
                               .type = Type::array,
                               .description = "Refresh tokens to revoke",
                               .min_length = 1,
                               .max_length = kMostIds,
                               .items = {{.name = "", .min_length = 1, .max_length = 30}}}),
                     enforced({.name = "user_id", .description = "Whose refresh tokens", .min_length = 1, .max_length = 300}),
                     enforced({.name = "client_id", .description = "At which client", .min_length = 1, .max_length = 64}),
                     enforced({.name = "audience", .description = "For which API", .min_length = 1, .max_length = 600})});
  return schema;
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/refresh-tokens",
                      .id = "get_refresh_tokens",
                      .scopes = {"read:refresh_tokens"},
                      .query =
                          [] {
                            auto own = field_filter_query();
                            own.push_back({.name = "user_id", .description = "Whose refresh tokens"});
                            own.push_back({.name = "client_id", .description = "At which client"});
                            return keyset_query(std::move(own));
                          }(),
                      .statuses = {200, 404},
                      .summary = "Get refresh tokens",
                      .handler = list};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/refresh-tokens/{id}",
                     .id = "get_refresh_token",
                     .scopes = {"read:refresh_tokens"},
                     .statuses = {200, 404},
                     .summary = "Get a refresh token",
                     .handler = get};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/refresh-tokens/{id}",
                        .id = "patch_refresh-tokens_by_id",
                        .scopes = {"update:refresh_tokens"},
                        .body = &update_schema(),
                        .statuses = {200, 404},
                        .summary = "Update a refresh token",
                        .handler = update};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/refresh-tokens/{id}",
                        .id = "delete_refresh_token",
                        .scopes = {"delete:refresh_tokens"},
                        .statuses = {202},
                        .summary = "Delete a refresh token",
                        .handler = delete_one};
const Operation kRevoke{.method = http::Method::post,
                        .path = "/api/v2/refresh-tokens/revoke",
                        .id = "revoke_refresh_tokens",
                        .scopes = {"delete:refresh_tokens"},
                        .body = &revoke_schema(),
                        .statuses = {202},
                        .summary = "Revoke refresh tokens",
                        .handler = revoke};
const Operation kOfUser{.method = http::Method::get,
                        .path = "/api/v2/users/{id}/refresh-tokens",
                        .id = "get_refresh_tokens_for_user",
                        .scopes = {"read:refresh_tokens"},
                        .query = keyset_of_user_query(),
                        .statuses = {200, 404},
                        .summary = "Get refresh tokens for a user",
                        .handler = list_of_user};
const Operation kDeleteOfUser{.method = http::Method::delete_,
                              .path = "/api/v2/users/{id}/refresh-tokens",
                              .id = "delete_refresh_tokens_for_user",
                              .scopes = {"delete:refresh_tokens"},
                              .statuses = {202, 404},
                              .summary = "Delete refresh tokens for a user",
                              .handler = delete_of_user};

}  // namespace
}  // namespace refresh_tokens_api

std::vector<const Operation*> refresh_token_operations() {
  using namespace refresh_tokens_api;
  return {&kList, &kGet, &kUpdate, &kDelete, &kRevoke, &kOfUser, &kDeleteOfUser};
}

}  // namespace segue::management
