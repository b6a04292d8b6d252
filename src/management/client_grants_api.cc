#include "management/client_grants_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "store/client_grants.h"
#include "store/clients.h"
#include "store/resource_servers.h"

namespace segue::management {
namespace client_grants_api {
namespace {

using Fields = std::vector<Field>;

Fields shared_fields(bool nullable) {
  return {enforced({.name = "scope",
                    .type = Type::array,
                    .description = "Scopes the client may ask for",
                    .nullable = nullable,
                    .unique_items = true,
                    .items = {{.name = "", .description = "Scope", .min_length = 1, .max_length = 280}}}),
          enforced("require is refused", {.name = "organization_usage",
                                          .description = "How organizations are used",
                                          .nullable = nullable,
                                          .one_of = {"deny", "allow", "require"}}),
          enforced({.name = "allow_any_organization",
                    .type = Type::boolean,
                    .description = "Whether any organization is allowed",
                    .nullable = nullable}),
          refused("[]", "rich authorization requests are not served here",
                  {.name = "authorization_details_types",
                   .type = Type::array,
                   .description = "Types of authorization details",
                   .items = {{.name = "", .max_length = 255}}}),
          enforced({.name = "allow_all_scopes",
                    .type = Type::boolean,
                    .description = "Whether every scope of the API is granted",
                    .nullable = nullable})};
}

Schema create_schema() {
  auto fields = shared_fields(false);
  fields.push_back(enforced({.name = "client_id", .description = "Client ID", .format = Format::client_id}));
  fields.push_back(enforced(
      {.name = "audience", .description = "Identifier of the API", .required = true, .min_length = 1, .max_length = 600}));
  fields.push_back(enforced({.name = "subject_type", .description = "Whose access is granted", .one_of = {"client", "user"}}));
  fields.push_back(
      refused("", "a grant is for one client here",
              {.name = "default_for", .description = "Kind of clients the grant is for", .one_of = {"third_party_clients"}}));
  return object_schema("ClientGrantCreate", std::move(fields));
}

const Schema kCreateSchema = create_schema();
const Schema kUpdateSchema = object_schema("ClientGrantUpdate", shared_fields(true));

json::object answer_of(const model::ClientGrant& client_grant) {
  auto out = in_order_of(kCreateSchema.root, client_grant.document);
  out["id"] = client_grant.client_grant_id;
  return out;
}

// Judges the grant as it would be stored, against its API.
base::Outcome check_client_grant(const json::object& document, const model::ResourceServer& resource_server) {
  if (json::find_string(document, "organization_usage") == "require") {
    return invalid_body(
        "organization_usage \"require\" is refused: a client asks for a token for an organization by the parameter organization, "
        "and may leave it out");
  }
  const auto scopes = json::find_strings(document, "scope");
  if (json::find_bool(document, "allow_all_scopes").value_or(false) && !scopes.empty()) {
    return invalid_body("allow_all_scopes true and scope exclude each other");
  }
  for (const auto& scope : scopes) {
    if (!base::contains(resource_server.scopes, scope)) {
      return invalid_body("Scope \"" + scope + "\" is not defined on the resource server " + resource_server.identifier);
    }
  }
  return base::Unit{};
}

base::Result<http::Response> list_client_grants(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto text = [&](std::string_view name) { return json::find_string(invocation.query, name).value_or(""); };
  const store::client_grants::Filter filter{text("client_id"), text("audience"), text("subject_type")};
  struct Found {
    std::vector<model::ClientGrant> client_grants;
    std::int64_t total = 0;
  };
  // No grant here is a default, or for any organization.
  const bool matches_nothing = json::find(invocation.query, "default_for") != nullptr;
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (matches_nothing) return Found{};
    if (paging.is_checkpoint) return Found{store::client_grants::list_after(r, filter, paging.keyset)};
    return Found{store::client_grants::list_page(r, filter, paging.offset),
                 paging.include_totals ? store::client_grants::count(r, filter) : 0};
  });
  json::array items;
  std::vector<std::string> keys;
  for (const auto& client_grant : found.client_grants) {
    items.push_back(answer_of(client_grant));
    keys.push_back(client_grant.client_grant_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("client_grants", paging, std::move(items), keys)
                              : page_answer("client_grants", paging, std::move(items), found.total);
}

base::Result<http::Response> get_client_grant(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::client_grants::find(r, invocation.call.path_parameter("id"));
  });
  if (!found) return inexistent_client_grant();
  return json_answer(200, answer_of(*found));
}

base::Result<http::Response> create_client_grant(const Services& services, Invocation& invocation) {
  auto document = invocation.body.get_object();
  if (json::find(document, "client_id") == nullptr)
    return invalid_body("Payload validation error: 'Missing required property: client_id'.");
  if (json::find(document, "scope") == nullptr) document["scope"] = json::array{};
  if (json::find(document, "subject_type") == nullptr) document["subject_type"] = "client";
  auto client_grant =
      model::client_grant_from_document("cgr_" + services.random.text(16, base::kAlphanumeric), std::move(document));
  client_grant.created_at = invocation.now;
  const auto created = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    if (!store::clients::find(w, client_grant.client_id)) return inexistent_client();
    const auto resource_server = store::resource_servers::find_by_identifier(w, client_grant.audience);
    if (!resource_server) return inexistent_resource_server();
    TRY(check_client_grant(client_grant.document, *resource_server));
    if (!store::client_grants::insert(w, client_grant)) {
      return conflict("A client grant for this client, audience and subject type already exists", "client_grant_conflict");
    }
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  if (!created.ok()) return created.error();
  return json_answer(201, answer_of(client_grant));
}

base::Result<http::Response> update_client_grant(const Services& services, Invocation& invocation) {
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::ClientGrant> {
        auto stored = store::client_grants::find_for_change(w, invocation.call.path_parameter("id"));
        if (!stored) return inexistent_client_grant();
        const auto resource_server = store::resource_servers::find_by_identifier(w, stored->audience);
        if (!resource_server) return inexistent_resource_server();
        auto document = stored->document;
        merge_patch(document, invocation.body.get_object(), 1);
        if (json::find(document, "scope") == nullptr) document["scope"] = json::array{};
        TRY(check_client_grant(document, *resource_server));
        if (document == stored->document) return std::move(*stored);
        auto updated = model::client_grant_from_document(stored->client_grant_id, std::move(document));
        updated.created_at = stored->created_at;
        store::client_grants::update(w, updated);
        append_change(w, invocation, 200);
        return updated;
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, answer_of(*changed));
}

base::Result<http::Response> delete_client_grant(const Services& services, Invocation& invocation) {
  services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    const bool deleted = store::client_grants::delete_one(w, invocation.call.path_parameter("id"));
    if (deleted) append_change(w, invocation, 204);
    return deleted;
  });
  return http::empty_response(204);
}

const Operation kList{
    .method = http::Method::get,
    .path = "/api/v2/client-grants",
    .id = "get_client_grants",
    .scopes = {"read:client_grants"},
    .query = list_query({{.name = "audience", .description = "Identifier of the API"},
                         {.name = "client_id", .description = "Client ID"},
                         {.name = "subject_type", .description = "Whose access is granted", .one_of = {"client", "user"}},
                         {.name = "allow_any_organization", .type = Type::boolean, .description = "Organization filter"},
                         {.name = "default_for", .description = "Kind of clients", .one_of = {"third_party_clients"}}}),
    .statuses = {200},
    .summary = "Get client grants",
    .handler = list_client_grants};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/client-grants/{id}",
                     .id = "get_client_grants_by_id",
                     .scopes = {"read:client_grants"},
                     .statuses = {200, 404},
                     .summary = "Get a client grant",
                     .handler = get_client_grant};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/client-grants",
                        .id = "post_client_grants",
                        .scopes = {"create:client_grants"},
                        .body = &kCreateSchema,
                        .statuses = {201, 404, 409},
                        .summary = "Create a client grant",
                        .handler = create_client_grant};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/client-grants/{id}",
                        .id = "patch_client_grants_by_id",
                        .scopes = {"update:client_grants"},
                        .body = &kUpdateSchema,
                        .statuses = {200, 404},
                        .summary = "Update a client grant",
                        .handler = update_client_grant};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/client-grants/{id}",
                        .id = "delete_client_grants_by_id",
                        .scopes = {"delete:client_grants"},
                        .statuses = {204},
                        .summary = "Delete a client grant",
                        .handler = delete_client_grant};

}  // namespace
}  // namespace client_grants_api

std::vector<const Operation*> client_grant_operations() {
  using namespace client_grants_api;
  return {&kList, &kGet, &kCreate, &kUpdate, &kDelete};
}

}  // namespace segue::management
