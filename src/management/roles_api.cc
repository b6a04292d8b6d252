#include "management/roles_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "store/roles.h"

namespace segue::management {
namespace roles_api {
namespace {

namespace roles = store::roles;

std::vector<Field> fields(bool name_required) {
  return {enforced({.name = "name",
                    .description = "Name of the role",
                    .required = name_required,
                    .min_length = 1,
                    .max_length = 255,
                    .pattern = Pattern::no_angle_brackets}),
          kept("read by people who administer the tenant",
               {.name = "description", .description = "Description of the role", .max_length = 255})};
}

std::vector<Field> create_fields() {
  constexpr const char* kOfTenant = "roles are the tenant's here; members of an organization are given them there";
  auto out = fields(true);
  out.push_back(refused(R"("tenant")", kOfTenant,
                        {.name = "type", .description = "Whose the role is", .one_of = {"tenant", "organization"}}));
  out.push_back(refused(R"("")", kOfTenant, {.name = "owner_id", .description = "The organization whose the role is"}));
  return out;
}

const Schema kCreateSchema = object_schema("RoleCreate", create_fields());
const Schema kUpdateSchema = object_schema("RoleUpdate", fields(false));

base::Error name_taken() { return conflict("The role already exists", "role_conflict"); }

base::Result<http::Response> list(const Services& services, Invocation& invocation) {
  const auto filter = TRY(FieldFilter::read(invocation.query, {"id", "name", "description", "type"}));
  const auto paging = TRY(read_paging(invocation.query));
  const auto name = json::find_string(invocation.query, "name_filter").value_or("");
  struct Found {
    std::vector<model::Role> roles;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (paging.is_checkpoint) return Found{roles::list_after(r, name, paging.keyset)};
    return Found{roles::list_page(r, name, paging.offset), paging.include_totals ? roles::count(r, name) : 0};
  });
  json::array items;
  std::vector<std::string> keys;
  for (const auto& role : found.roles) {
    items.push_back(filter.apply(role_answer(role)));
    keys.push_back(role.role_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("roles", paging, std::move(items), keys)
                              : page_answer("roles", paging, std::move(items), found.total);
}

base::Result<http::Response> get(const Services& services, Invocation& invocation) {
  const auto role = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return roles::find(r, invocation.call.path_parameter("id")); });
  if (!role) return inexistent_role();
  return json_answer(200, role_answer(*role));
}

base::Result<http::Response> create(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const model::Role role{.role_id = "rol_" + services.random.text(16, base::kAlphanumeric),
                         .name = json::find_string(body, "name").value_or(""),
                         .description = json::find_string(body, "description").value_or(""),
                         .created_at = invocation.now};
  const auto written = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto out = roles::insert(w, role);
    if (out == roles::Written::done) append_change(w, invocation, 200);
    return out;
  });
  if (written == roles::Written::taken) return name_taken();
  return json_answer(200, role_answer(role));
}

base::Result<http::Response> update(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto changed =
      services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::Role> {
        auto role = roles::find_for_change(w, invocation.call.path_parameter("id"));
        if (!role) return inexistent_role();
        role->name = json::find_string(body, "name").value_or(role->name);
        role->description = json::find_string(body, "description").value_or(role->description);
        if (roles::update(w, *role) == roles::Written::taken) return name_taken();
        append_change(w, invocation, 200);
        return std::move(*role);
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, role_answer(*changed));
}

base::Result<http::Response> remove(const Services& services, Invocation& invocation) {
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const bool deleted = roles::delete_one(w, invocation.call.path_parameter("id"));
    if (deleted) append_change(w, invocation, 200);
    return deleted;
  });
  return json_answer(200, json::object{});
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/roles",
                      .id = "get_roles",
                      .scopes = {"read:roles"},
                      .query = list_query({{.name = "name_filter", .description = "Part of the name", .max_length = 255},
                                           {.name = "type", .description = "Type of the roles", .one_of = {"tenant"}}}),
                      .statuses = {200},
                      .summary = "Get roles",
                      .handler = list};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/roles/{id}",
                     .id = "get_roles_by_id",
                     .scopes = {"read:roles"},
                     .statuses = {200, 404},
                     .summary = "Get a role",
                     .handler = get};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/roles",
                        .id = "post_roles",
                        .scopes = {"create:roles"},
                        .body = &kCreateSchema,
                        .statuses = {200, 409},
                        .summary = "Create a role",
                        .handler = create};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/roles/{id}",
                        .id = "patch_roles_by_id",
                        .scopes = {"update:roles"},
                        .body = &kUpdateSchema,
                        .statuses = {200, 404, 409},
                        .summary = "Update a role",
                        .handler = update};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/roles/{id}",
                        .id = "delete_roles_by_id",
                        .scopes = {"delete:roles"},
                        .statuses = {200},
                        .summary = "Delete a role",
                        .handler = remove};

}  // namespace
}  // namespace roles_api

json::object role_answer(const model::Role& role) {
  json::object out{{"id", role.role_id}, {"name", role.name}};
  if (!role.description.empty()) out["description"] = role.description;
  out["type"] = "tenant";
  return out;
}

std::vector<const Operation*> role_operations() {
  using namespace roles_api;
  return {&kList, &kGet, &kCreate, &kUpdate, &kDelete};
}

}  // namespace segue::management
