#include "management/clients_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/authorization.h"
#include "management/backchannel_logout_rules.h"
#include "management/client_fields.h"
#include "management/client_keys.h"
#include "management/client_rules.h"
#include "management/connection_answer.h"
#include "management/errors.h"
#include "store/client_credentials.h"
#include "store/clients.h"
#include "store/connections.h"

namespace segue::management {
namespace clients_api {
namespace {

// contract §9.6: the members of nested objects merge one by one; so do those of session_transfer.delegation.
constexpr int kMergeDepth = 3;
constexpr std::size_t kShortestHs256Secret = 32;  // RFC 7518 §3.2: as long as the hash

// What an answer may show of a client besides its settings.
struct View {
  bool secret = false;
  bool signing_keys = false;
  bool only_summary = false;  // the token holds no scope but read:client_summary
  bool names_tenant = true;   // the live answer to POST has neither `tenant` nor `global`
};

View view_for(const Invocation& invocation) {
  const bool keys = invocation.token.allows("read:client_keys");
  const bool full =
      keys || allows_any(invocation.token, {"read:clients", "read:client_credentials", "update:clients", "update:client_keys"});
  return {.secret = keys, .signing_keys = keys, .only_summary = !full};
}

// contract §1.2: absent until something sets it, and then whole. `delegation` stays absent until it is set.
json::object shown_session_transfer(const json::object& stored) {
  json::object out{{"can_create_session_transfer_token", false},
                   {"enforce_cascade_revocation", true},
                   {"allowed_authentication_methods", json::array{}},
                   {"enforce_device_binding", "ip"},
                   {"allow_refresh_token", false},
                   {"enforce_online_refresh_tokens", true}};
  for (const auto& member : stored) out[member.key()] = member.value();
  if (const auto* const delegation = json::find_object(stored, "delegation")) {
    json::object whole{{"allow_delegated_access", false}, {"enforce_device_binding", "ip"}};
    for (const auto& member : *delegation) whole[member.key()] = member.value();
    out["delegation"] = std::move(whole);
  }
  return out;
}

json::array signing_keys(const tenancy::Snapshot& tenant) {
  json::array out;
  for (const auto& key : tenant.keys().signing) {
    if (key.state == tenancy::KeyState::current && key.key.algorithm() == crypto::SignatureAlgorithm::RS256)
      out.push_back(json::object{{"cert", key.certificate}});
  }
  return out;
}

json::object answer_of(const Services& services, const Invocation& invocation, const model::Client& client, const View& view) {
  json::object out;
  if (view.names_tenant) {
    out["tenant"] = invocation.tenant->tenant().name;
    out["global"] = client.is_global;
  }
  for (auto& member : in_order_of(client_create_schema().root, client.document)) {
    if (view.only_summary) {
      const std::string_view name(member.key().data(), member.key().size());
      if (name != "name" && name != "app_type" && name != "logo_uri" && name != "description") continue;
    }
    if (member.key() == "global") continue;
    out[member.key()] = std::move(member.value());
  }
  if (const auto* const transfer = json::find_object(out, "session_transfer"))
    out["session_transfer"] = shown_session_transfer(*transfer);
  out["client_id"] = client.client_id;
  // A client that proves itself by its keys shows no secret, as on the live service; it has it again when it goes back to one.
  if (view.secret && !client.sealed_client_secret.empty() && !out.contains("client_authentication_methods")) {
    const auto context = tenancy::seal_context(invocation.call.tenant, "client_secret", client.client_id);
    if (const auto secret = services.key_file.open(client.sealed_client_secret, context); secret.ok()) {
      out["client_secret"] = secret->reveal();
    }
  }
  if (view.signing_keys) out["signing_keys"] = signing_keys(*invocation.tenant);
  return out;
}

// Sealing happens before the transaction: write closures hold SQL only (design §3).
std::string sealed(const Services& services, const Invocation& invocation, std::string_view client_id, std::string_view secret) {
  return services.key_file.seal(services.random, secret,
                                tenancy::seal_context(invocation.call.tenant, "client_secret", client_id));
}

base::Result<http::Response> list_clients(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, client_answer_fields()));
  const auto paging = TRY(read_paging(invocation.query));
  for (const auto* name : {"q", "external_client_id"}) {
    if (json::find(invocation.query, name) != nullptr) {
      return invalid_query("Query validation error: 'Searching clients is not served here' on property " + std::string(name) +
                           ".");
    }
  }
  store::clients::Filter filter;
  // The global client is hidden unless it is asked for (contract §9.6).
  filter.is_global = json::find_bool(invocation.query, "is_global").value_or(false);
  filter.is_first_party = json::find_bool(invocation.query, "is_first_party");
  filter.app_types = json::find_strings(invocation.query, "app_type");

  struct Found {
    std::vector<model::Client> clients;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (paging.is_checkpoint) return Found{store::clients::list_after(r, filter, paging.keyset)};
    return Found{store::clients::list_page(r, filter, paging.offset),
                 paging.include_totals ? store::clients::count(r, filter) : 0};
  });
  auto view = view_for(invocation);
  view.secret = view.secret && filter_fields.keeps("client_secret");
  view.signing_keys = view.signing_keys && filter_fields.keeps("signing_keys");
  json::array items;
  std::vector<std::string> keys;
  for (const auto& client : found.clients) {
    items.push_back(filter_fields.apply(answer_of(services, invocation, client, view)));
    keys.push_back(client.client_id);
  }
  if (view.secret && !items.empty()) append_secret_read(services, invocation);
  return paging.is_checkpoint ? checkpoint_answer("clients", paging, std::move(items), keys)
                              : page_answer("clients", paging, std::move(items), found.total);
}

base::Result<http::Response> get_client(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, client_answer_fields()));
  const auto client = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::clients::find(r, invocation.call.path_parameter("id"));
  });
  if (!client) return inexistent_client();
  auto view = view_for(invocation);
  view.secret = view.secret && filter_fields.keeps("client_secret");
  if (view.secret) append_secret_read(services, invocation);
  return json_answer(200, filter_fields.apply(answer_of(services, invocation, *client, view)));
}

base::Result<http::Response> create_client(const Services& services, Invocation& invocation) {
  json::object document;
  const auto body = TRY(with_current_logout_name(invocation.body.get_object()));
  merge_patch(document, body, kMergeDepth);  // nulls leave nothing
  TRY(exclude_other_method(document, document));
  add_client_defaults(document);
  TRY(check_client(document, services.allow_private_urls));
  const bool first_party = json::find_bool(document, "is_first_party").value_or(true);
  const auto client_id = (first_party ? "" : "tpc_") + services.random.text(32, base::kAlphanumeric);
  const auto credentials = TRY(take_credentials(document, client_id, services.random, invocation.now));
  auto client = model::client_from_document(client_id, std::move(document));
  TRY(check_policy_audiences(client, invocation.tenant->management_audience()));
  // Public clients get one too: they may become confidential, and the live service shows one.
  client.sealed_client_secret = sealed(services, invocation, client.client_id, services.random.text(64, base::kUrlSafe));
  client.created_at = client.updated_at = invocation.now;
  const bool inserted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    if (!store::clients::insert(w, client)) return false;
    for (const auto& credential : credentials) store::client_credentials::insert(w, credential);
    append_change(w, invocation, 201);
    return true;
  });
  if (!inserted) throw base::Bug("a random client_id was taken");
  return json_answer(201, answer_of(services, invocation, client, {.secret = true, .signing_keys = true, .names_tenant = false}));
}

struct NewSecret {
  std::size_t length = 0;
  std::string sealed;
};

base::Result<model::Client> updated_client(const Services& services, const Invocation& invocation,
                                           const std::optional<NewSecret>& new_secret, model::Client stored) {
  auto patch = TRY(with_current_logout_name(invocation.body.get_object()));
  patch.erase("client_secret");
  auto document = std::move(stored.document);
  if (auto* const refresh = patch.if_contains("refresh_token"); refresh != nullptr && refresh->is_object()) {
    auto* const old = document.if_contains("refresh_token");
    const bool begins_to_expire = json::find_string(refresh->get_object(), "expiration_type") == "expiring" && old != nullptr &&
                                  old->is_object() && json::find_string(old->get_object(), "expiration_type") != "expiring";
    // "infinite" was the default of tokens that do not expire; whoever asks for expiry and says no more wants it to happen.
    for (const auto* name : {"infinite_token_lifetime", "infinite_idle_token_lifetime"}) {
      if (begins_to_expire) old->get_object().erase(name);
    }
  }
  merge_patch(document, patch, kMergeDepth);
  TRY(exclude_other_method(document, patch));
  complete_refresh_token(document);
  TRY(check_client(document, services.allow_private_urls));
  auto client = model::client_from_document(stored.client_id, std::move(document));
  TRY(check_policy_audiences(client, invocation.tenant->management_audience()));
  client.sealed_client_secret = std::move(stored.sealed_client_secret);
  client.created_at = stored.created_at;
  client.updated_at = invocation.now;
  if (new_secret) {
    if (client.id_token_signed_response_alg == "HS256" && new_secret->length < kShortestHs256Secret) {
      return invalid_body("client_secret: HS256 needs at least 32 characters");
    }
    client.sealed_client_secret = new_secret->sealed;
  }
  return client;
}

base::Result<http::Response> update_client(const Services& services, Invocation& invocation) {
  if (json::find(invocation.body.get_object(), "client_secret") != nullptr && !invocation.token.allows("update:client_keys")) {
    return insufficient_scope("update:client_keys");
  }
  if (!allows_any(invocation.token, {"update:clients"})) {
    // The other scopes of this operation allow their own fields only.
    const bool keys = invocation.token.allows("update:client_credentials");
    for (const auto& member : invocation.body.get_object()) {
      if (keys && (member.key() == "client_authentication_methods" || member.key() == "signed_request_object")) continue;
      if (member.key() != "client_secret") return insufficient_scope("update:clients");
    }
  }
  const auto client_id = invocation.call.path_parameter("id");
  std::optional<NewSecret> new_secret;
  if (const auto text = json::find_string(invocation.body.get_object(), "client_secret")) {
    new_secret = NewSecret{text->size(), sealed(services, invocation, client_id, *text)};
  }
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::Client> {
        auto stored = store::clients::find_for_change(w, client_id);
        if (!stored) return inexistent_client();
        const auto before = stored->document;
        auto client = TRY(updated_client(services, invocation, new_secret, *stored));
        TRY(check_named_credentials(w, client));
        if (client.document == before && !new_secret) return std::move(*stored);  // tools send what stands there
        store::clients::update(w, client);
        append_change(w, invocation, 200);
        return client;
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, answer_of(services, invocation, *changed, view_for(invocation)));
}

base::Result<http::Response> rotate_secret(const Services& services, Invocation& invocation) {
  const auto client_id = invocation.call.path_parameter("id");
  const auto secret = sealed(services, invocation, client_id, services.random.text(64, base::kUrlSafe));
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::Client> {
        auto client = store::clients::find_for_change(w, client_id);
        if (!client) return inexistent_client();
        client->sealed_client_secret = secret;
        client->updated_at = invocation.now;
        store::clients::update(w, *client);
        append_change(w, invocation, 200);
        return std::move(*client);
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, answer_of(services, invocation, *changed, {.secret = true, .signing_keys = true}));
}

base::Result<http::Response> delete_client(const Services& services, Invocation& invocation) {
  const auto deleted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    const auto client_id = invocation.call.path_parameter("id");
    const auto client = store::clients::find_for_change(w, client_id);
    if (!client) return base::Unit{};
    if (client->is_global) return invalid_body("Global client cannot be deleted");
    store::clients::delete_one(w, client_id);
    append_change(w, invocation, 204);
    return base::Unit{};
  });
  if (!deleted.ok()) return deleted.error();
  return http::empty_response(204);
}

base::Result<http::Response> list_client_connections(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, connection_answer_fields(), "id"));
  auto paging = TRY(read_paging(invocation.query));
  paging.is_checkpoint = true;  // the only shape of this list
  struct Found {
    bool client_exists = false;
    std::vector<model::Connection> connections;
  };
  const auto client_id = invocation.call.path_parameter("id");
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (!store::clients::find(r, client_id)) return Found{};
    return Found{true, store::connections::list_of_client(r, client_id)};
  });
  if (!found.client_exists) return inexistent_client();
  const auto strategies = json::find_strings(invocation.query, "strategy");
  json::array items;
  std::vector<std::string> keys;
  for (const auto& connection : found.connections) {
    if (!strategies.empty() && !base::contains(strategies, connection.strategy)) continue;
    if (connection.connection_id <= paging.keyset.after || static_cast<int>(items.size()) == paging.keyset.take) continue;
    items.push_back(filter_fields.apply(connection_answer(connection)));
    keys.push_back(connection.connection_id);
  }
  return checkpoint_answer("connections", paging, std::move(items), keys);
}

const std::vector<std::string> kReadScopes = {"read:clients", "read:client_keys", "read:client_credentials",
                                              "read:client_summary"};

const Operation kList{
    .method = http::Method::get,
    .path = "/api/v2/clients",
    .id = "get_clients",
    .scopes = kReadScopes,
    .query = list_query({{.name = "is_global", .type = Type::boolean, .description = "Filter by the global client"},
                         {.name = "is_first_party", .type = Type::boolean, .description = "Filter by first-party clients"},
                         {.name = "app_type", .type = Type::array, .description = "Comma-separated application types"},
                         {.name = "external_client_id", .description = "Filter by external client ID"},
                         {.name = "q", .description = "Search"}}),
    .statuses = {200},
    .summary = "Get clients",
    .handler = list_clients};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/clients/{id}",
                     .id = "get_clients_by_id",
                     .scopes = kReadScopes,
                     .query = field_filter_query(),
                     .statuses = {200, 404},
                     .summary = "Get a client by ID",
                     .handler = get_client};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/clients",
                        .id = "post_clients",
                        .scopes = {"create:clients"},
                        .body = &client_create_schema(),
                        .statuses = {201, 409},
                        .summary = "Create a client",
                        .handler = create_client};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/clients/{id}",
                        .id = "patch_clients_by_id",
                        .scopes = {"update:clients", "update:client_keys", "update:client_credentials",
                                   "update:client_token_vault_privileged_access"},
                        .body = &client_update_schema(),
                        .statuses = {200, 404},
                        .summary = "Update a client",
                        .handler = update_client};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/clients/{id}",
                        .id = "delete_clients_by_id",
                        .scopes = {"delete:clients"},
                        .statuses = {204},
                        .summary = "Delete a client",
                        .handler = delete_client};
const Operation kRotate{.method = http::Method::post,
                        .path = "/api/v2/clients/{id}/rotate-secret",
                        .id = "post_rotate_secret",
                        .scopes = {"update:client_keys"},
                        .statuses = {200, 404},
                        .summary = "Rotate a client secret",
                        .handler = rotate_secret};
const Operation kConnections{
    .method = http::Method::get,
    .path = "/api/v2/clients/{id}/connections",
    .id = "get_client_connections",
    .scopes = {"read:connections", "read:clients", "read:client_summary"},
    .query = list_query({{.name = "strategy", .type = Type::array, .description = "Strategies to keep"}}),
    .statuses = {200, 404},
    .summary = "Get enabled connections of a client",
    .handler = list_client_connections};

}  // namespace
}  // namespace clients_api

std::vector<const Operation*> client_operations() {
  using namespace clients_api;
  return {&kList, &kGet, &kCreate, &kUpdate, &kDelete, &kRotate, &kConnections};
}

}  // namespace segue::management
