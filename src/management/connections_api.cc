#include "management/connections_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/connection_answer.h"
#include "management/connection_rules.h"
#include "management/errors.h"
#include "store/clients.h"
#include "store/connections.h"

namespace segue::management {
namespace connections_api {
namespace {

using Fields = std::vector<Field>;

Fields shared_fields() {
  const auto active = [](const char* only, const char* reason) {
    return refused(only, reason, {.name = "active", .type = Type::boolean, .required = true});
  };
  constexpr const char* kNoFeature = "the feature is not served here";
  return {kept("the pages show no buttons of connections",
               {.name = "display_name", .description = "Name shown to people", .max_length = 128}),
          connection_options_field(),
          enforced({.name = "enabled_clients",
                    .type = Type::array,
                    .description = "Clients that may use the connection",
                    .items = {{.name = "", .description = "Client ID", .format = Format::client_id}}}),
          kept("the pages show no buttons of connections",
               {.name = "is_domain_connection", .type = Type::boolean, .description = "Whether the connection is domain level"}),
          kept("the pages show no buttons of connections",
               {.name = "show_as_button", .type = Type::boolean, .description = "Whether the connection is shown as a button"}),
          enforced({.name = "realms", .type = Type::array, .description = "Realms of the connection", .items = {{.name = ""}}}),
          kept("read by people who administer the tenant", {.name = "metadata",
                                                            .type = Type::object,
                                                            .description = "Metadata of the connection",
                                                            .max_length = 10,
                                                            .open = true}),
          {.name = "authentication",
           .type = Type::object,
           .description = "Use for authentication",
           .members = {active("true", "disable the connection's clients to close it")}},
          {.name = "connected_accounts",
           .type = Type::object,
           .description = "Use for connected accounts",
           .members = {active("false", kNoFeature), kept(kNoFeature, {.name = "cross_app_access", .type = Type::boolean})}},
          {.name = "cross_app_access_resource_app",
           .type = Type::object,
           .description = "Cross app access",
           .members = {refused(R"("disabled")", kNoFeature,
                               {.name = "status", .description = "Whether it is enabled", .one_of = {"enabled", "disabled"}})}},
          {.name = "cross_app_access_requesting_app",
           .type = Type::object,
           .description = "Cross app access",
           .members = {active("false", kNoFeature)}}};
}

Fields create_fields() {
  auto out = shared_fields();
  out.push_back(enforced({.name = "name",
                          .description = "Name of the connection",
                          .required = true,
                          .max_length = 128,
                          .pattern = Pattern::connection_name}));
  out.push_back(refused(R"("auth0")", "the user database is the only kind of connection here",
                        {.name = "strategy",
                         .description = "Identity provider of the connection",
                         .required = true,
                         .min_length = 1,
                         .max_length = 64}));
  return out;
}

const Schema kCreateSchema = object_schema("ConnectionCreate", create_fields());
const Schema kUpdateSchema = object_schema("ConnectionUpdate", shared_fields());
const Schema kClientsSchema{
    "ConnectionClients",
    enforced(
        {.name = "",
         .type = Type::array,
         .min_length = 1,
         .max_length = 50,
         .items = {{.name = "",
                    .type = Type::object,
                    .members = {{.name = "client_id", .description = "Client ID", .required = true, .format = Format::client_id},
                                {.name = "status",
                                 .type = Type::boolean,
                                 .description = "Whether the client is enabled",
                                 .required = true}}}}})};

base::Outcome require_clients(const store::Reader& r, const std::vector<std::string>& client_ids) {
  for (const auto& client_id : client_ids) {
    if (!store::clients::find(r, client_id)) return inexistent_client();
  }
  return base::Unit{};
}

base::Result<http::Response> list_connections(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, connection_answer_fields(), "id"));
  const auto paging = TRY(read_paging(invocation.query));
  const store::connections::Filter filter{json::find_strings(invocation.query, "strategy"),
                                          json::find_string(invocation.query, "name").value_or("")};
  struct Found {
    std::vector<model::Connection> connections;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (paging.is_checkpoint) return Found{store::connections::list_after(r, filter, paging.keyset)};
    return Found{store::connections::list_page(r, filter, paging.offset),
                 paging.include_totals ? store::connections::count(r, filter) : 0};
  });
  json::array items;
  std::vector<std::string> keys;
  for (const auto& connection : found.connections) {
    items.push_back(filter_fields.apply(connection_answer(connection)));
    keys.push_back(connection.connection_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("connections", paging, std::move(items), keys)
                              : page_answer("connections", paging, std::move(items), found.total);
}

base::Result<http::Response> get_connection(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, connection_answer_fields(), "id"));
  const auto connection = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::connections::find(r, invocation.call.path_parameter("id"));
  });
  if (!connection) return inexistent_connection();
  return json_answer(200, filter_fields.apply(connection_answer(*connection)));
}

base::Result<http::Response> create_connection(const Services& services, Invocation& invocation) {
  auto document = invocation.body.get_object();
  model::Connection connection;
  connection.connection_id = "con_" + services.random.text(16, base::kAlphanumeric);
  connection.name = json::find_string(document, "name").value_or("");
  connection.strategy = json::find_string(document, "strategy").value_or("");
  connection.enabled_clients = json::find_strings(document, "enabled_clients");
  for (const auto* name : {"name", "strategy", "enabled_clients"}) document.erase(name);
  add_connection_defaults(document, connection.name);
  TRY(check_connection(document, connection.name));
  connection.document = std::move(document);
  connection.created_at = connection.updated_at = invocation.now;
  const auto created = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    TRY(require_clients(w, connection.enabled_clients));
    if (!store::connections::insert(w, connection))
      return conflict("A connection with the same name already exists", "connection_conflict");
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  if (!created.ok()) return created.error();
  return json_answer(201, connection_answer(connection));
}

base::Result<http::Response> update_connection(const Services& services, Invocation& invocation) {
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::Connection> {
        const auto connection_id = invocation.call.path_parameter("id");
        auto connection = store::connections::find_for_change(w, connection_id);
        if (!connection) return inexistent_connection();
        auto patch = invocation.body.get_object();
        const bool sets_clients = json::find(patch, "enabled_clients") != nullptr;
        const auto wanted = json::find_strings(patch, "enabled_clients");
        patch.erase("enabled_clients");
        const auto before = connection->document;
        for (const auto& member : patch) connection->document[member.key()] = member.value();  // `options` is replaced as a whole
        TRY(check_connection(connection->document, connection->name));
        TRY(require_clients(w, wanted));
        if (connection->document == before && (!sets_clients || wanted == connection->enabled_clients))
          return std::move(*connection);
        connection->updated_at = invocation.now;
        store::connections::update(w, *connection);
        if (sets_clients) {
          for (const auto& client_id : connection->enabled_clients) {
            if (!base::contains(wanted, client_id)) store::connections::disable_client(w, connection_id, client_id);
          }
          for (const auto& client_id : wanted) store::connections::enable_client(w, connection_id, client_id);
          connection->enabled_clients = wanted;
        }
        append_change(w, invocation, 200);
        return std::move(*connection);
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, connection_answer(*changed));
}

base::Result<http::Response> delete_connection(const Services& services, Invocation& invocation) {
  services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    const bool deleted = store::connections::delete_one(w, invocation.call.path_parameter("id"), invocation.now);
    if (deleted) append_change(w, invocation, 204);
    return deleted;
  });
  return http::empty_response(204);
}

base::Result<http::Response> list_connection_clients(const Services& services, Invocation& invocation) {
  auto paging = TRY(read_paging(invocation.query));
  paging.is_checkpoint = true;  // the only shape of this list
  struct Found {
    bool connection_exists = false;
    std::vector<std::string> client_ids;
  };
  const auto connection_id = invocation.call.path_parameter("id");
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (!store::connections::find(r, connection_id)) return Found{};
    return Found{true, store::connections::list_clients(r, connection_id, paging.keyset)};
  });
  if (!found.connection_exists) return inexistent_connection();
  json::array items;
  for (const auto& client_id : found.client_ids) items.push_back(json::object{{"client_id", client_id}});
  return checkpoint_answer("clients", paging, std::move(items), found.client_ids);
}

base::Result<http::Response> update_connection_clients(const Services& services, Invocation& invocation) {
  const auto changed = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    const auto connection_id = invocation.call.path_parameter("id");
    if (!store::connections::find_for_change(w, connection_id)) return inexistent_connection();
    std::vector<std::string> enabled;
    for (const auto& item : invocation.body.get_array()) {
      if (json::find_bool(item.get_object(), "status").value_or(false)) {
        enabled.push_back(json::find_string(item.get_object(), "client_id").value_or(""));
      }
    }
    TRY(require_clients(w, enabled));
    for (const auto& item : invocation.body.get_array()) {
      const auto client_id = json::find_string(item.get_object(), "client_id").value_or("");
      if (base::contains(enabled, client_id)) {
        store::connections::enable_client(w, connection_id, client_id);
      } else {
        store::connections::disable_client(w, connection_id, client_id);
      }
    }
    append_change(w, invocation, 204);
    return base::Unit{};
  });
  if (!changed.ok()) return changed.error();
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/connections",
                      .id = "get_connections",
                      .scopes = {"read:connections"},
                      .query = list_query({{.name = "strategy", .type = Type::array, .description = "Strategies to keep"},
                                           {.name = "name", .description = "Name of the connection"}}),
                      .statuses = {200},
                      .summary = "Get all connections",
                      .handler = list_connections};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/connections/{id}",
                     .id = "get_connections_by_id",
                     .scopes = {"read:connections"},
                     .query = field_filter_query(),
                     .statuses = {200, 404},
                     .summary = "Get a connection",
                     .handler = get_connection};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/connections",
                        .id = "post_connections",
                        .scopes = {"create:connections"},
                        .body = &kCreateSchema,
                        .statuses = {201, 404, 409},
                        .summary = "Create a connection",
                        .handler = create_connection};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/connections/{id}",
                        .id = "patch_connections_by_id",
                        .scopes = {"update:connections"},
                        .body = &kUpdateSchema,
                        .statuses = {200, 404, 409},
                        .summary = "Update a connection",
                        .handler = update_connection};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/connections/{id}",
                        .id = "delete_connections_by_id",
                        .scopes = {"delete:connections"},
                        .statuses = {204},
                        .summary = "Delete a connection",
                        .handler = delete_connection};
const Operation kClients{.method = http::Method::get,
                         .path = "/api/v2/connections/{id}/clients",
                         .id = "get_connection_clients",
                         .scopes = {"read:connections"},
                         .query = list_query({}),
                         .statuses = {200, 404},
                         .summary = "Get enabled clients for a connection",
                         .handler = list_connection_clients};
const Operation kUpdateClients{.method = http::Method::patch,
                               .path = "/api/v2/connections/{id}/clients",
                               .id = "patch_connection_clients",
                               .scopes = {"update:connections"},
                               .body = &kClientsSchema,
                               .statuses = {204, 404},
                               .summary = "Update enabled clients for a connection",
                               .handler = update_connection_clients};

}  // namespace
}  // namespace connections_api

json::object connection_answer(const model::Connection& connection) {
  auto out = in_order_of(connections_api::kCreateSchema.root, connection.document);
  out["id"] = connection.connection_id;
  out["name"] = connection.name;
  out["strategy"] = connection.strategy;
  out["enabled_clients"] = json::to_array(connection.enabled_clients);
  return out;
}

const std::vector<std::string>& connection_answer_fields() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out = {"id", "provisioning_ticket_url"};
    for (const auto& field : connections_api::create_fields()) out.push_back(field.name);
    return out;
  }();
  return names;
}

std::vector<const Operation*> connection_operations() {
  using namespace connections_api;
  return {&kList, &kGet, &kCreate, &kUpdate, &kDelete, &kClients, &kUpdateClients};
}

}  // namespace segue::management
