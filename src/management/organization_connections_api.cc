#include "management/answers.h"
#include "management/organizations_api.h"
#include "store/connections.h"
#include "store/organizations.h"

namespace segue::management {
namespace organization_connections_api {
namespace {

namespace organizations = store::organizations;

const Schema& create_schema() {
  static const Schema schema = object_schema("OrganizationConnectionCreate", organization_connection_fields());
  return schema;
}
const Schema& update_schema() {
  static const Schema schema = [] {
    auto fields = organization_connection_fields();
    std::erase_if(fields, [](const Field& field) { return field.name == "connection_id"; });
    return object_schema("OrganizationConnectionUpdate", std::move(fields));
  }();
  return schema;
}

base::Error inexistent() { return not_found("The organization connection does not exist", "inexistent_organization_connection"); }

json::object answer_of(const model::OrganizationConnection& c, const std::optional<model::Connection>& connection) {
  json::object out{{"connection_id", c.connection_id},
                   {"assign_membership_on_login", c.assign_membership_on_login},
                   {"show_as_button", c.show_as_button},
                   {"is_signup_enabled", c.is_signup_enabled}};
  if (connection) out["connection"] = json::object{{"name", connection->name}, {"strategy", connection->strategy}};
  return out;
}

base::Result<http::Response> list(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  struct Found {
    std::optional<model::Organization> organization;
    json::array items;
  };
  auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    Found out{organizations::find(r, invocation.call.path_parameter("id")), {}};
    if (!out.organization) return out;
    const auto& all = out.organization->connections;
    const auto first = std::size_t(paging.offset.page) * std::size_t(paging.offset.per_page);
    for (auto i = first; i < all.size() && i < first + std::size_t(paging.offset.per_page); ++i)
      out.items.push_back(answer_of(all[i], store::connections::find(r, all[i].connection_id)));
    return out;
  });
  if (!found.organization) return inexistent_organization();
  return page_answer("enabled_connections", paging, std::move(found.items),
                     static_cast<std::int64_t>(found.organization->connections.size()));
}

base::Result<http::Response> get(const Services& services, Invocation& invocation) {
  const auto& call = invocation.call;
  return services.tenants.store().read(call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    const auto organization = organizations::find(r, call.path_parameter("id"));
    if (!organization) return inexistent_organization();
    const auto* const enabled = organization->connection(call.path_parameter("connectionId"));
    if (enabled == nullptr) return inexistent();
    return json_answer(200, answer_of(*enabled, store::connections::find(r, enabled->connection_id)));
  });
}

base::Result<http::Response> create(const Services& services, Invocation& invocation) {
  const auto wanted = organization_connection_from(invocation.body.get_object());
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    const auto organization = organizations::find_for_change(w, invocation.call.path_parameter("id"));
    if (!organization) return inexistent_organization();
    const auto connection = store::connections::find(w, wanted.connection_id);
    if (!connection) return invalid_body("The specified connection does not exist");
    if (!organizations::enable_connection(w, organization->organization_id, wanted))
      return conflict("The organization connection already exists", "organization_connection_conflict");
    append_change(w, invocation, 201);
    return json_answer(201, answer_of(wanted, connection));
  });
}

base::Result<http::Response> update(const Services& services, Invocation& invocation) {
  const auto& call = invocation.call;
  return services.tenants.change(call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    const auto organization = organizations::find_for_change(w, call.path_parameter("id"));
    if (!organization) return inexistent_organization();
    const auto* const stored = organization->connection(call.path_parameter("connectionId"));
    if (stored == nullptr) return inexistent();
    const auto updated = organization_connection_from(invocation.body.get_object(), *stored);
    organizations::update_connection(w, organization->organization_id, updated);
    append_change(w, invocation, 200);
    return json_answer(200, answer_of(updated, store::connections::find(w, updated.connection_id)));
  });
}

base::Result<http::Response> remove(const Services& services, Invocation& invocation) {
  const auto& call = invocation.call;
  return services.tenants.change(call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    const auto organization = organizations::find_for_change(w, call.path_parameter("id"));
    if (!organization) return inexistent_organization();
    if (organizations::disable_connection(w, organization->organization_id, call.path_parameter("connectionId")))
      append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

const std::string kPath = "/api/v2/organizations/{id}/enabled_connections";
const Operation kList{.method = http::Method::get,
                      .path = kPath,
                      .id = "get_enabled_connections",
                      .scopes = {"read:organization_connections"},
                      .query = list_query({}),
                      .statuses = {200, 404},
                      .summary = "Get connections enabled for an organization",
                      .handler = list};
const Operation kGet{.method = http::Method::get,
                     .path = kPath + "/{connectionId}",
                     .id = "get_enabled_connections_by_connectionId",
                     .scopes = {"read:organization_connections"},
                     .statuses = {200, 404},
                     .summary = "Get an enabled connection for an organization",
                     .handler = get};
const Operation kCreate{.method = http::Method::post,
                        .path = kPath,
                        .id = "post_enabled_connections",
                        .scopes = {"create:organization_connections"},
                        .body = &create_schema(),
                        .statuses = {201, 404, 409},
                        .summary = "Add connections to an organization",
                        .handler = create};
const Operation kUpdate{.method = http::Method::patch,
                        .path = kPath + "/{connectionId}",
                        .id = "patch_enabled_connections_by_connectionId",
                        .scopes = {"update:organization_connections"},
                        .body = &update_schema(),
                        .statuses = {200, 404},
                        .summary = "Update the Connection of an Organization",
                        .handler = update};
const Operation kDelete{.method = http::Method::delete_,
                        .path = kPath + "/{connectionId}",
                        .id = "delete_enabled_connections_by_connectionId",
                        .scopes = {"delete:organization_connections"},
                        .statuses = {204, 404},
                        .summary = "Delete connections from an organization",
                        .handler = remove};

}  // namespace
}  // namespace organization_connections_api

std::vector<Field> organization_connection_fields() {
  const auto flag = [](std::string name, std::string description) {
    return Field{.name = std::move(name), .type = Type::boolean, .description = std::move(description)};
  };
  return {{.name = "connection_id", .description = "ID of the connection", .required = true, .min_length = 1, .max_length = 50},
          flag("assign_membership_on_login", "Whether signing in by this connection gives membership"),
          flag("show_as_button", "Whether the connection is shown as a button"),
          flag("is_signup_enabled", "Whether people may sign up by this connection")};
}

model::OrganizationConnection organization_connection_from(const json::object& body, model::OrganizationConnection stored) {
  stored.connection_id = json::find_string(body, "connection_id").value_or(stored.connection_id);
  stored.assign_membership_on_login =
      json::find_bool(body, "assign_membership_on_login").value_or(stored.assign_membership_on_login);
  stored.show_as_button = json::find_bool(body, "show_as_button").value_or(stored.show_as_button);
  stored.is_signup_enabled = json::find_bool(body, "is_signup_enabled").value_or(stored.is_signup_enabled);
  return stored;
}

std::vector<const Operation*> organization_connection_operations() {
  using namespace organization_connections_api;
  return {&kList, &kGet, &kCreate, &kUpdate, &kDelete};
}

}  // namespace segue::management
