#include "management/organizations_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "store/connections.h"
#include "store/organizations.h"

namespace segue::management {
namespace organizations_api {
namespace {

using Fields = std::vector<Field>;
namespace organizations = store::organizations;

constexpr std::size_t kMostConnections = 10;  // at creation

Fields shared_fields() {
  return {
      enforced({.name = "name",
                .description = "The name of this organization",
                .min_length = 1,
                .max_length = 50,
                .format = Format::organization_name}),
      enforced({.name = "display_name", .description = "Friendly name of this organization", .min_length = 1, .max_length = 255}),
      kept("the pages have one look here",
           {.name = "branding",
            .type = Type::object,
            .description = "Theme of the sign-in pages",
            .members = {{.name = "logo_url",
                         .description = "URL of the logo",
                         .nullable = true,
                         .format = Format::strict_https_uri_or_null},
                        {.name = "colors",
                         .type = Type::object,
                         .description = "Colors",
                         .members = {{.name = "primary", .description = "Color of buttons and links", .required = true},
                                     {.name = "page_background", .description = "Color of the page", .required = true}}}}}),
      enforced({.name = "metadata",
                .type = Type::object,
                .description = "Metadata of the organization",
                .max_length = 25,
                .open = true}),
      refused("false", "every client of the tenant may be used in an organization here",
              {.name = "is_app_entitlement_active",
               .type = Type::boolean,
               .description = "Whether members need an entitlement to a client"}),
      refused(R"("allow")", "third-party clients are not kept out of an organization here",
              {.name = "third_party_client_access",
               .description = "Whether third-party clients may be used",
               .one_of = {"allow", "block"}}),
      refused("{}", "the feature is not served here",
              {.name = "token_quota", .type = Type::object, .description = "Token quota", .nullable = true, .open = true})};
}

Fields create_fields() {
  auto out = shared_fields();
  out.front().required = true;
  out.push_back(enforced({.name = "enabled_connections",
                          .type = Type::array,
                          .description = "Connections enabled for the organization",
                          .max_length = kMostConnections,
                          .items = {{.name = "", .type = Type::object, .members = organization_connection_fields()}}}));
  return out;
}

const Schema& create_schema() {
  static const Schema schema = object_schema("OrganizationCreate", create_fields());
  return schema;
}
const Schema& update_schema() {
  static const Schema schema = object_schema("OrganizationUpdate", shared_fields());
  return schema;
}

// Strings of at most 255 characters, as in a client's metadata.
base::Outcome check_metadata(const json::object& document) {
  const auto* const metadata = json::find_object(document, "metadata");
  if (metadata == nullptr) return base::Unit{};
  for (const auto& member : *metadata) {
    const auto* const text = member.value().if_string();
    if (text == nullptr || text->size() > 255 || member.key().size() > 255)
      return invalid_body("metadata: values are strings of at most 255 characters: " + std::string(member.key()));
  }
  return base::Unit{};
}

base::Error name_is_taken() { return conflict("An organization with this name already exists", "organization_conflict"); }

base::Result<http::Response> list_organizations(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  struct Found {
    std::vector<model::Organization> organizations;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (paging.is_checkpoint) return Found{organizations::list_after(r, paging.keyset)};
    return Found{organizations::list_page(r, paging.offset), paging.include_totals ? organizations::count(r) : 0};
  });
  json::array items;
  std::vector<std::string> keys;
  for (const auto& organization : found.organizations) {
    items.push_back(organization_answer(organization));
    keys.push_back(organization.organization_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("organizations", paging, std::move(items), keys)
                              : page_answer("organizations", paging, std::move(items), found.total);
}

base::Result<http::Response> get_organization(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return organizations::find(r, invocation.call.path_parameter("id"));
  });
  if (!found) return inexistent_organization();
  return json_answer(200, organization_answer(*found));
}

base::Result<http::Response> get_by_name(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return organizations::find_by_name(r, base::ascii_lower(invocation.call.path_parameter("name")));
  });
  if (!found) return inexistent_organization();
  return json_answer(200, organization_answer(*found));
}

base::Result<http::Response> create_organization(const Services& services, Invocation& invocation) {
  model::Organization organization;
  merge_patch(organization.document, invocation.body.get_object(), 3);
  TRY(check_metadata(organization.document));
  organization.name = json::find_string(organization.document, "name").value_or("");
  if (const auto* const enabled = json::find(organization.document, "enabled_connections")) {
    for (const auto& item : enabled->get_array())
      organization.connections.push_back(organization_connection_from(item.get_object()));
  }
  organization.document.erase("enabled_connections");
  organization.organization_id = "org_" + services.random.text(16, base::kAlphanumeric);
  organization.created_at = organization.updated_at = invocation.now;
  const auto created = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    for (const auto& connection : organization.connections) {
      if (!store::connections::find(w, connection.connection_id)) return invalid_body("The specified connection does not exist");
    }
    if (organizations::insert(w, organization) == organizations::Written::taken) return name_is_taken();
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  if (!created.ok()) return created.error();
  auto answer = organization_answer(organization);
  if (!organization.connections.empty()) {
    json::array enabled;
    for (const auto& c : organization.connections) {
      enabled.push_back(json::object{{"connection_id", c.connection_id},
                                     {"assign_membership_on_login", c.assign_membership_on_login},
                                     {"show_as_button", c.show_as_button},
                                     {"is_signup_enabled", c.is_signup_enabled}});
    }
    answer["enabled_connections"] = std::move(enabled);
  }
  return json_answer(201, answer);
}

base::Result<http::Response> update_organization(const Services& services, Invocation& invocation) {
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::Organization> {
        auto organization = organizations::find_for_change(w, invocation.call.path_parameter("id"));
        if (!organization) return inexistent_organization();
        merge_patch(organization->document, invocation.body.get_object(), 1);
        TRY(check_metadata(organization->document));
        organization->name = json::find_string(organization->document, "name").value_or("");
        organization->updated_at = invocation.now;
        if (organizations::update(w, *organization) == organizations::Written::taken) return name_is_taken();
        append_change(w, invocation, 200);
        return std::move(*organization);
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, organization_answer(*changed));
}

base::Result<http::Response> delete_organization(const Services& services, Invocation& invocation) {
  const bool deleted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    const bool done = organizations::delete_one(w, invocation.call.path_parameter("id"));
    if (done) append_change(w, invocation, 204);
    return done;
  });
  if (!deleted) return inexistent_organization();
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/organizations",
                      .id = "get_organizations",
                      .scopes = {"read:organizations", "read:organizations_summary"},
                      .query = list_query({}),
                      .statuses = {200},
                      .summary = "Get organizations",
                      .handler = list_organizations};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/organizations/{id}",
                     .id = "get_organizations_by_id",
                     .scopes = {"read:organizations", "read:organizations_summary"},
                     .statuses = {200, 404},
                     .summary = "Get organization",
                     .handler = get_organization};
const Operation kGetByName{.method = http::Method::get,
                           .path = "/api/v2/organizations/name/{name}",
                           .id = "get_name_by_name",
                           .scopes = {"read:organizations"},
                           .statuses = {200, 404},
                           .summary = "Get organization by name",
                           .handler = get_by_name};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/organizations",
                        .id = "post_organizations",
                        .scopes = {"create:organizations"},
                        .body = &create_schema(),
                        .statuses = {201, 409},
                        .summary = "Create an Organization",
                        .handler = create_organization};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/organizations/{id}",
                        .id = "patch_organizations_by_id",
                        .scopes = {"update:organizations"},
                        .body = &update_schema(),
                        .statuses = {200, 404, 409},
                        .summary = "Modify an Organization",
                        .handler = update_organization};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/organizations/{id}",
                        .id = "delete_organizations_by_id",
                        .scopes = {"delete:organizations"},
                        .statuses = {204, 404},
                        .summary = "Delete organization",
                        .handler = delete_organization};

}  // namespace
}  // namespace organizations_api

json::object organization_answer(const model::Organization& organization) {
  auto out = in_order_of(organizations_api::create_schema().root, organization.document);
  out["id"] = organization.organization_id;
  return out;
}

std::vector<const Operation*> organization_operations() {
  using namespace organizations_api;
  return {&kList, &kGetByName, &kGet, &kCreate, &kUpdate, &kDelete};
}

}  // namespace segue::management
