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

std::vector<Field> newer_fields() {
  auto out = organization_connection_fields();
  out.push_back(refused("", "a connection of an organization has no name of its own here",
                        {.name = "organization_connection_name", .description = "Its name there", .nullable = true}));
  out.push_back(refused(R"("none")", "nobody but administrators manages organizations here",
                        {.name = "organization_access_level", .description = "Who may manage it", .nullable = true}));
  out.push_back(refused("true", "remove the connection from the organization instead",
                        {.name = "is_enabled", .type = Type::boolean, .description = "Whether it is used", .nullable = true}));
  return out;
}
const Schema& newer_create_schema() {
  static const Schema schema = object_schema("OrganizationConnectionAdd", newer_fields());
  return schema;
}
const Schema& newer_update_schema() {
  static const Schema schema = [] {
    auto fields = newer_fields();
    std::erase_if(fields, [](const Field& field) { return field.name == "connection_id"; });
    return object_schema("OrganizationConnectionChange", std::move(fields));
  }();
  return schema;
}

bool is_newer(const Invocation& invocation) {
  return invocation.operation.path.starts_with("/api/v2/organizations/{id}/connections");
}

base::Error inexistent() { return not_found("The organization connection does not exist", "inexistent_organization_connection"); }

json::object answer_of(const Invocation& invocation, const model::OrganizationConnection& c,
                       const std::optional<model::Connection>& connection) {
  json::object out{{"connection_id", c.connection_id},
                   {"assign_membership_on_login", c.assign_membership_on_login},
                   {"show_as_button", c.show_as_button},
                   {"is_signup_enabled", c.is_signup_enabled}};
  if (is_newer(invocation)) out["is_enabled"] = true;
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
      out.items.push_back(answer_of(invocation, all[i], store::connections::find(r, all[i].connection_id)));
    return out;
  });
  if (!found.organization) return inexistent_organization();
  return page_answer(is_newer(invocation) ? "connections" : "enabled_connections", paging, std::move(found.items),
                     static_cast<std::int64_t>(found.organization->connections.size()));
}

base::Result<http::Response> get(const Services& services, Invocation& invocation) {
  const auto& call = invocation.call;
  return services.tenants.store().read(call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    const auto organization = organizations::find(r, call.path_parameter("id"));
    if (!organization) return inexistent_organization();
    const auto* const enabled = organization->connection(call.path_parameter("connectionId"));
    if (enabled == nullptr) return inexistent();
    return json_answer(200, answer_of(invocation, *enabled, store::connections::find(r, enabled->connection_id)));
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
    return json_answer(201, answer_of(invocation, wanted, connection));
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
    if (updated == *stored)
      return json_answer(200, answer_of(invocation, updated, store::connections::find(w, updated.connection_id)));
    organizations::update_connection(w, organization->organization_id, updated);
    append_change(w, invocation, 200);
    return json_answer(200, answer_of(invocation, updated, store::connections::find(w, updated.connection_id)));
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

// Contract §9.12 has two paths for them; the newer one is what the Deploy CLI asks for, the older one what Terraform does.
std::vector<Operation> operations_at(const std::string& name, const std::string& singular) {
  const auto path = "/api/v2/organizations/{id}/" + name;
  const auto with_id = path + "/{connectionId}";
  const bool newer = name == "connections";
  return {{.method = http::Method::get,
           .path = path,
           .id = "get_" + singular + "s",
           .scopes = {"read:organization_connections"},
           .query = list_query(newer ? std::vector<Field>{{.name = "is_enabled", .type = Type::boolean}} : std::vector<Field>{}),
           .statuses = {200, 404},
           .summary = "Get connections enabled for an organization",
           .handler = list},
          {.method = http::Method::get,
           .path = with_id,
           .id = "get_" + singular + "s_by_connectionId",
           .scopes = {"read:organization_connections"},
           .statuses = {200, 404},
           .summary = "Get an enabled connection for an organization",
           .handler = get},
          {.method = http::Method::post,
           .path = path,
           .id = "post_" + singular + "s",
           .scopes = {"create:organization_connections"},
           .body = newer ? &newer_create_schema() : &create_schema(),
           .statuses = {201, 404, 409},
           .summary = "Add connections to an organization",
           .handler = create},
          {.method = http::Method::patch,
           .path = with_id,
           .id = "patch_" + singular + "s_by_connectionId",
           .scopes = {"update:organization_connections"},
           .body = newer ? &newer_update_schema() : &update_schema(),
           .statuses = {200, 404},
           .summary = "Update the Connection of an Organization",
           .handler = update},
          {.method = http::Method::delete_,
           .path = with_id,
           .id = "delete_" + singular + "s_by_connectionId",
           .scopes = {"delete:organization_connections"},
           .statuses = {204, 404},
           .summary = "Delete connections from an organization",
           .handler = remove}};
}
const std::vector<Operation>& all_operations() {
  static const auto operations = [] {
    auto out = operations_at("enabled_connections", "enabled_connection");
    for (auto& operation : operations_at("connections", "organization_connection")) out.push_back(std::move(operation));
    return out;
  }();
  return operations;
}

}  // namespace
}  // namespace organization_connections_api

std::vector<Field> organization_connection_fields() {
  const auto flag = [](std::string name, std::string description) {
    return Field{.name = std::move(name), .type = Type::boolean, .description = std::move(description)};
  };
  return {
      enforced(
          {.name = "connection_id", .description = "ID of the connection", .required = true, .min_length = 1, .max_length = 50}),
      enforced(flag("assign_membership_on_login", "Whether signing in by this connection gives membership")),
      kept("the pages show no buttons of connections", flag("show_as_button", "Whether the connection is shown as a button")),
      enforced(flag("is_signup_enabled", "Whether people may sign up by this connection"))};
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
  std::vector<const Operation*> out;
  for (const auto& operation : organization_connections_api::all_operations()) out.push_back(&operation);
  return out;
}

}  // namespace segue::management
