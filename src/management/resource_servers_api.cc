#include "management/resource_servers_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "store/resource_servers.h"

namespace segue::management {
namespace resource_servers_api {
namespace {

using Fields = std::vector<Field>;

Field policy(std::string name, std::vector<std::string> values) {
  return {.name = std::move(name),
          .type = Type::object,
          .members = {{.name = "policy", .description = "Authorization policy", .one_of = std::move(values)}}};
}

Fields shared_fields() {
  return {
      enforced({.name = "name", .description = "Name of the API", .max_length = 200, .pattern = Pattern::no_angle_brackets}),
      enforced({.name = "scopes",
                .type = Type::array,
                .description = "Scopes of the API",
                .items = {{.name = "",
                           .type = Type::object,
                           .members = {{.name = "value",
                                        .description = "Scope",
                                        .required = true,
                                        .min_length = 1,
                                        .max_length = 280,
                                        .pattern = Pattern::no_white_space},
                                       {.name = "description", .description = "Description of the scope", .max_length = 500}}}}}),
      enforced("access tokens are signed with RS256 or ES256 here", {.name = "signing_alg",
                                                                     .description = "Algorithm that signs access tokens",
                                                                     .one_of = {"HS256", "RS256", "RS512", "PS256", "ES256"}}),
      refused("", "access tokens are signed with RS256 or ES256 here",
              {.name = "signing_secret", .description = "Secret of HS256", .min_length = 16}),
      enforced({.name = "allow_offline_access", .type = Type::boolean, .description = "Whether refresh tokens may be issued"}),
      enforced(
          {.name = "allow_online_access", .type = Type::boolean, .description = "Whether online refresh tokens may be issued"}),
      enforced({.name = "allow_online_access_with_ephemeral_sessions",
                .type = Type::boolean,
                .description = "The same in ephemeral sessions"}),
      enforced({.name = "token_lifetime",
                .type = Type::integer,
                .description = "Seconds of life of an access token",
                .minimum = 0,
                .maximum = 2592000}),
      enforced({.name = "token_lifetime_for_web",
                .type = Type::integer,
                .description = "Seconds of life of an access token from a browser flow",
                .minimum = 0,
                .maximum = 2592000}),
      enforced({.name = "token_dialect",
                .description = "Dialect of access tokens",
                .one_of = {"access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"}}),
      enforced({.name = "skip_consent_for_verifiable_first_party_clients",
                .type = Type::boolean,
                .description = "Whether first-party clients skip consent"}),
      enforced(
          {.name = "enforce_policies", .type = Type::boolean, .description = "Whether role-based access control is enforced"}),
      refused("", "it is not enforced here",
              {.name = "token_encryption",
               .type = Type::object,
               .description = "Encryption of access tokens",
               .nullable = true,
               .open = true}),
      refused("", "it is not enforced here",
              {.name = "consent_policy",
               .description = "Consent policy",
               .nullable = true,
               .one_of = {"transactional-authorization-with-mfa"}}),
      refused("[]", "rich authorization requests are not served here",
              {.name = "authorization_details",
               .type = Type::array,
               .description = "Rich authorization request types",
               .nullable = true}),
      enforced({.name = "proof_of_possession",
                .type = Type::object,
                .description = "Proof of possession",
                .nullable = true,
                .members = {refused(R"("dpop")", "tokens are bound to keys by DPoP here; use mechanism dpop",
                                    {.name = "mechanism", .required = true, .one_of = {"mtls", "dpop"}}),
                            {.name = "required", .type = Type::boolean, .required = true},
                            {.name = "required_for", .one_of = {"public_clients", "all_clients"}}}}),
      enforced({.name = "subject_type_authorization",
                .type = Type::object,
                .description = "Who may get access tokens",
                .members = {policy("user", {"allow_all", "deny_all", "require_client_grant"}),
                            policy("client", {"deny_all", "require_client_grant"})}}),
      refused("", "it is not enforced here",
              {.name = "authorization_policy",
               .type = Type::object,
               .description = "Authorization policy",
               .nullable = true,
               .open = true})};
}

Fields create_fields() {
  auto out = shared_fields();
  out.push_back(enforced(
      {.name = "identifier", .description = "Identifier of the API", .required = true, .min_length = 1, .max_length = 600}));
  return out;
}

const Schema kCreateSchema = object_schema("ResourceServerCreate", create_fields());
const Schema kUpdateSchema = object_schema("ResourceServerUpdate", shared_fields());

const std::vector<std::string>& answer_fields() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out = {"id", "is_system", "client_id"};
    for (const auto& field : create_fields()) out.push_back(field.name);
    return out;
  }();
  return names;
}

json::object answer_of(const model::ResourceServer& resource_server) {
  auto out = in_order_of(kCreateSchema.root, resource_server.document);
  out["id"] = resource_server.resource_server_id;
  return out;
}

void add_defaults(json::object& document) {
  const auto set_default = [&](std::string_view name, json::value v) {
    if (json::find(document, name) == nullptr) document[name] = std::move(v);
  };
  set_default("allow_offline_access", false);
  set_default("skip_consent_for_verifiable_first_party_clients", false);
  set_default("signing_alg", "RS256");
  set_default("token_lifetime", 86400);
  set_default("token_lifetime_for_web",
              std::min<std::int64_t>(7200, json::find_integer(document, "token_lifetime").value_or(86400)));
  auto& subjects = document["subject_type_authorization"];
  if (!subjects.is_object()) subjects.emplace_object();
  const auto set_policy = [&](std::string_view subject, std::string_view policy_name) {
    auto& member = subjects.get_object()[subject];
    if (!member.is_object() || member.get_object().empty()) member = json::object{{"policy", policy_name}};
  };
  set_policy("client", "require_client_grant");
  set_policy("user", "allow_all");
}

base::Outcome check_resource_server(const json::object& document) {
  const auto refused = [](const std::string& what, const std::string& why) { return invalid_body(what + " is refused: " + why); };
  if (const auto alg = json::find_string(document, "signing_alg"); alg && *alg != "RS256" && *alg != "ES256") {
    return refused("signing_alg " + *alg, "access tokens are signed with RS256 or ES256 here");
  }
  const auto lifetime = json::find_integer(document, "token_lifetime"),
             for_web = json::find_integer(document, "token_lifetime_for_web");
  if (lifetime && for_web && *for_web > *lifetime)
    return invalid_body("token_lifetime_for_web must not be greater than token_lifetime");
  std::vector<std::string> seen;
  if (const auto* const scopes = json::find(document, "scopes"); scopes != nullptr && scopes->is_array()) {
    for (const auto& scope : scopes->get_array()) {
      auto value = json::find_string(scope.get_object(), "value").value_or("");
      if (base::contains(seen, value)) return invalid_body("scopes: \"" + value + "\" stands more than once");
      seen.push_back(std::move(value));
    }
  }
  return base::Unit{};
}

// Audiences that mean something else here.
base::Outcome check_identifier(const tenancy::Snapshot& tenant, const std::string& identifier) {
  if (!base::is_free_of_controls(identifier) || identifier.find(' ') != std::string::npos) {
    return invalid_body("identifier: spaces and control characters are refused");
  }
  const auto lower = base::ascii_lower(identifier);
  if (lower.starts_with("urn:") && lower.ends_with(":session_transfer")) {
    return invalid_body("identifier: urn:…:session_transfer is the audience of session transfer tokens");
  }
  for (const auto& domain : tenant.tenant().domains) {
    if (lower.starts_with("https://" + domain + "/"))
      return invalid_body("identifier: audiences of this server's own APIs are reserved");
  }
  return base::Unit{};
}

// Go tools escape the identifier twice (real-clients §2.2): on a miss one more decoding is tried.
template <class Find>
auto find_by_path(const Invocation& invocation, Find find) {
  const auto id = std::string(invocation.call.path_parameter("id"));
  auto found = find(id);
  if (!found) {
    if (const auto decoded = base::percent_decode(id); decoded && *decoded != id && base::is_valid_utf8(*decoded))
      found = find(*decoded);
  }
  return found;
}

base::Result<http::Response> list_resource_servers(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, answer_fields()));
  const auto paging = TRY(read_paging(invocation.query));
  const auto identifiers = json::find_strings(invocation.query, "identifiers");
  struct Found {
    std::vector<model::ResourceServer> resource_servers;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (paging.is_checkpoint) return Found{store::resource_servers::list_after(r, identifiers, paging.keyset)};
    return Found{store::resource_servers::list_page(r, identifiers, paging.offset),
                 paging.include_totals ? store::resource_servers::count(r, identifiers) : 0};
  });
  json::array items;
  std::vector<std::string> keys;
  for (const auto& resource_server : found.resource_servers) {
    items.push_back(filter_fields.apply(answer_of(resource_server)));
    keys.push_back(resource_server.resource_server_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("resource_servers", paging, std::move(items), keys)
                              : page_answer("resource_servers", paging, std::move(items), found.total);
}

base::Result<http::Response> get_resource_server(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, answer_fields()));
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return find_by_path(invocation, [&](const std::string& id) { return store::resource_servers::find(r, id); });
  });
  if (!found) return inexistent_resource_server();
  return json_answer(200, filter_fields.apply(answer_of(*found)));
}

base::Result<http::Response> create_resource_server(const Services& services, Invocation& invocation) {
  json::object document;
  merge_patch(document, invocation.body.get_object(), 1);
  add_defaults(document);
  TRY(check_identifier(*invocation.tenant, json::find_string(document, "identifier").value_or("")));
  TRY(check_resource_server(document));
  auto resource_server = model::resource_server_from_document(services.random.text(24, base::kHexDigits), std::move(document));
  resource_server.created_at = resource_server.updated_at = invocation.now;
  const bool inserted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    if (!store::resource_servers::insert(w, resource_server)) return false;
    append_change(w, invocation, 201);
    return true;
  });
  if (!inserted) return conflict("A resource server with the same identifier already exists", "resource_server_conflict");
  return json_answer(201, answer_of(resource_server));
}

base::Result<http::Response> update_resource_server(const Services& services, Invocation& invocation) {
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::ResourceServer> {
        auto stored =
            find_by_path(invocation, [&](const std::string& id) { return store::resource_servers::find_for_change(w, id); });
        if (!stored) return inexistent_resource_server();
        const auto& patch = invocation.body.get_object();
        if (stored->is_system) {
          for (const auto& member : patch) {
            if (member.key() != "token_lifetime" && member.key() != "token_lifetime_for_web" &&
                member.key() != "skip_consent_for_verifiable_first_party_clients") {
              return not_supported("The system API keeps its " + std::string(member.key()));
            }
          }
        }
        auto document = stored->document;
        merge_patch(document, patch, 2);
        TRY(check_resource_server(document));
        if (document == stored->document) return std::move(*stored);
        auto updated = model::resource_server_from_document(stored->resource_server_id, std::move(document));
        updated.created_at = stored->created_at;
        updated.updated_at = invocation.now;
        store::resource_servers::update(w, updated);
        append_change(w, invocation, 200);
        return updated;
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, answer_of(*changed));
}

base::Result<http::Response> delete_resource_server(const Services& services, Invocation& invocation) {
  const auto deleted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    const auto found =
        find_by_path(invocation, [&](const std::string& id) { return store::resource_servers::find_for_change(w, id); });
    if (!found) return base::Unit{};
    if (found->is_system) return not_supported("The system API cannot be deleted");
    store::resource_servers::delete_one(w, found->resource_server_id);
    append_change(w, invocation, 204);
    return base::Unit{};
  });
  if (!deleted.ok()) return deleted.error();
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/resource-servers",
                      .id = "get_resource_servers",
                      .scopes = {"read:resource_servers"},
                      .query = list_query({{.name = "identifiers", .type = Type::array, .description = "Identifiers to keep"}}),
                      .statuses = {200},
                      .summary = "Get resource servers",
                      .handler = list_resource_servers};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/resource-servers/{id}",
                     .id = "get_resource_servers_by_id",
                     .scopes = {"read:resource_servers"},
                     .query = field_filter_query(),
                     .statuses = {200, 404},
                     .summary = "Get a resource server",
                     .handler = get_resource_server};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/resource-servers",
                        .id = "post_resource_servers",
                        .scopes = {"create:resource_servers"},
                        .body = &kCreateSchema,
                        .statuses = {201, 409},
                        .summary = "Create a resource server",
                        .handler = create_resource_server};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/resource-servers/{id}",
                        .id = "patch_resource_servers_by_id",
                        .scopes = {"update:resource_servers"},
                        .body = &kUpdateSchema,
                        .statuses = {200, 404},
                        .summary = "Update a resource server",
                        .handler = update_resource_server};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/resource-servers/{id}",
                        .id = "delete_resource_servers_by_id",
                        .scopes = {"delete:resource_servers"},
                        .statuses = {204},
                        .summary = "Delete a resource server",
                        .handler = delete_resource_server};

}  // namespace
}  // namespace resource_servers_api

std::vector<const Operation*> resource_server_operations() {
  using namespace resource_servers_api;
  return {&kList, &kGet, &kCreate, &kUpdate, &kDelete};
}

}  // namespace segue::management
