// Invitations to an organization (contract §9.12). The link is shown once, when it is made: only the digest of its secret is
// kept.
#include "base/text.h"
#include "http/parameters.h"
#include "mail/templates/accounts.h"
#include "mail/tenant_template.h"
#include "management/answers.h"
#include "management/organizations_api.h"
#include "store/invitations.h"
#include "store/mails.h"
#include "store/organizations.h"
#include "store/roles.h"
#include "tenancy/handles.h"

namespace segue::management {
namespace organization_invitations_api {
namespace {

namespace invitations = store::invitations;

constexpr std::int64_t kUsualLifetime = 604800, kLongestLifetime = 2592000;  // contract §9.12: 7 and 30 days
constexpr std::size_t kMostRoles = 50;

const Schema& create_schema() {
  static const Schema schema = object_schema(
      "OrganizationInvitationCreate",
      {enforced({.name = "inviter",
                 .type = Type::object,
                 .description = "Who invites",
                 .required = true,
                 .members = {{.name = "name", .description = "Name", .required = true, .min_length = 1, .max_length = 300}}}),
       enforced(
           {.name = "invitee",
            .type = Type::object,
            .description = "Who is invited",
            .required = true,
            .members =
                {{.name = "email", .description = "Address", .required = true, .max_length = 254, .format = Format::email}}}),
       enforced({.name = "client_id", .description = "Client to sign in at", .required = true, .format = Format::client_id}),
       enforced({.name = "connection_id", .description = "Connection to sign in by", .max_length = 64}),
       enforced({.name = "app_metadata", .type = Type::object, .description = "What the user gets", .open = true}),
       enforced({.name = "user_metadata", .type = Type::object, .description = "What the user gets", .open = true}),
       enforced({.name = "ttl_sec",
                 .type = Type::integer,
                 .description = "Seconds that it is good for; 0: seven days",
                 .minimum = 0,
                 .maximum = kLongestLifetime}),
       enforced({.name = "roles",
                 .type = Type::array,
                 .description = "Roles in the organization",
                 .min_length = 1,
                 .max_length = kMostRoles,
                 .unique_items = true,
                 .items = {{.name = "", .max_length = 64}}}),
       enforced({.name = "send_invitation_email",
                 .type = Type::boolean,
                 .description = "Whether a mail is sent; else the caller does"})});
  return schema;
}

base::Error inexistent_invitation() { return not_found("The invitation does not exist", "inexistent_invitation"); }

json::object answer_of(const model::Invitation& invitation) {
  auto out = invitation.document;
  out["id"] = invitation.invitation_id;
  out["organization_id"] = invitation.organization_id;
  out["client_id"] = invitation.client_id;
  if (!invitation.connection_id.empty()) out["connection_id"] = invitation.connection_id;
  out["created_at"] = base::to_iso8601(invitation.created_at);
  out["expires_at"] = base::to_iso8601(invitation.expires_at);
  return out;
}

struct Target {
  std::shared_ptr<const model::Organization> organization;
  std::shared_ptr<const model::Client> client;
  std::string login_uri;
};

base::Result<Target> read_target(const Invocation& invocation, const json::object& body) {
  const auto& tenant = *invocation.tenant;
  Target out;
  out.organization = tenant.organization(invocation.call.path_parameter("id"));
  if (!out.organization) return inexistent_organization();
  out.client = tenant.client(json::find_string(body, "client_id").value_or(""));
  if (!out.client) return invalid_body("The specified client_id does not exist");
  if (out.client->organization_usage != "allow" && out.client->organization_usage != "require")
    return invalid_body("The specified client_id does not allow organizations");
  if (const auto id = json::find_string(body, "connection_id")) {
    if (!tenant.connection(*id)) return invalid_body("The specified connection does not exist");
    if (out.organization->connection(*id) == nullptr)
      return invalid_body("The specified connection (" + *id + ") is not enabled for the organization");
  }
  out.login_uri = out.client->initiate_login_uri;
  if (out.login_uri.empty()) out.login_uri = json::find_string(tenant.tenant().settings, "default_redirection_uri").value_or("");
  if (out.login_uri.empty()) {
    return invalid_body(
        "A default login route is required to generate the invitation url: set initiate_login_uri of the client, or "
        "default_redirection_uri of the tenant");
  }
  return out;
}

model::Invitation invitation_from(const Services& services, const Invocation& invocation, const json::object& body) {
  model::Invitation out;
  out.invitation_id = "uinv_" + services.random.text(16, base::kAlphanumeric);
  out.organization_id = invocation.call.path_parameter("id");
  out.email = *json::find_string(*json::find_object(body, "invitee"), "email");
  out.client_id = *json::find_string(body, "client_id");
  out.connection_id = json::find_string(body, "connection_id").value_or("");
  for (const auto* name : {"inviter", "invitee", "roles", "app_metadata", "user_metadata"}) {
    if (const auto* const value = json::find(body, name)) out.document[name] = *value;
  }
  const auto lifetime = json::find_integer(body, "ttl_sec").value_or(0);
  out.created_at = invocation.now;
  out.expires_at = invocation.now + std::chrono::seconds(lifetime > 0 ? lifetime : kUsualLifetime);
  return out;
}

std::string url_of(const Target& target, const tenancy::NewHandle& handle) {
  http::Parameters query;
  query.add("invitation", std::string(handle.text.reveal()));
  query.add("organization", target.organization->organization_id);
  query.add("organization_name", target.organization->name);
  return http::append_query(target.login_uri, query);
}

store::mails::Mail invitation_mail(const Services& services, const Invocation& invocation, const Target& target,
                                   const model::Invitation& invitation, const std::string& url) {
  const auto& tenant = *invocation.tenant;
  const auto inviter = json::find_string(json::object_or_empty(invitation.document, "inviter"), "name").value_or("");
  const auto lifetime = invitation.expires_at - invitation.created_at;
  auto message = mail::in_words_of_tenant(
      mail::templates::invitation(
          {.to = invitation.email,
           .tenant_name = json::find_string(tenant.tenant().settings, "friendly_name").value_or(invocation.call.domain),
           .link = url,
           .valid_for = lifetime},
          inviter, json::find_string(target.organization->document, "display_name").value_or(target.organization->name)),
      {.name = mail::kUserInvitation,
       .tenant = tenant,
       .domain = invocation.call.domain,
       .client = target.client.get(),
       .organization = target.organization.get(),
       .url = url,
       .more = json::object{{"inviter", json::object{{"name", inviter}}}, {"email", invitation.email}}});
  message.client_id = invitation.client_id;
  return services.mails.seal(invocation.call.tenant, message, lifetime);
}

base::Result<http::Response> create(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto target = TRY(read_target(invocation, body));
  auto invitation = invitation_from(services, invocation, body);
  const auto handle = tenancy::make_handle(invocation.tenant->keys(), services.random, model::HandleKind::invitation,
                                           services.tenants.store().ids().next());
  invitation.invitation_row_id = handle.id;
  const auto url = url_of(target, handle);
  std::optional<store::mails::Mail> mail;
  if (json::find_bool(body, "send_invitation_email").value_or(true))
    mail = invitation_mail(services, invocation, target, invitation, url);
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!store::organizations::find_for_change(w, invitation.organization_id)) return inexistent_organization();
    std::vector<std::string> unknown;
    for (const auto& role_id : json::find_strings(body, "roles")) {
      if (!store::roles::find(w, role_id)) unknown.push_back(role_id);
    }
    if (!unknown.empty()) return invalid_body("One or more of the specified roles do not exist: " + base::join(unknown, ", "));
    invitations::insert(w, invitation, handle.secret_hash);
    if (mail) store::mails::insert(w, *mail);
    append_change(w, invocation, 200);
    auto out = answer_of(invitation);
    out["invitation_url"] = url;
    return json_answer(200, out);
  });
}

base::Result<http::Response> list(const Services& services, Invocation& invocation) {
  const auto filter =
      TRY(FieldFilter::read(invocation.query, {"id", "organization_id", "inviter", "invitee", "created_at", "expires_at",
                                               "client_id", "connection_id", "app_metadata", "user_metadata", "roles"}));
  const auto paging = TRY(read_paging(invocation.query));
  const auto id = invocation.call.path_parameter("id");
  const auto sort = json::find_string(invocation.query, "sort").value_or("created_at:-1");
  struct Found {
    bool exists = false;
    std::vector<model::Invitation> invitations;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    if (!store::organizations::find(r, id)) return Found{};
    return Found{true, invitations::list_page(r, id, sort == "created_at:-1", paging.offset),
                 paging.include_totals ? invitations::count(r, id) : 0};
  });
  if (!found.exists) return inexistent_organization();
  json::array items;
  for (const auto& invitation : found.invitations) items.push_back(filter.apply(answer_of(invitation)));
  return page_answer("invitations", paging, std::move(items), found.total);
}

base::Result<http::Response> get(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return invitations::find(r, invocation.call.path_parameter("id"), invocation.call.path_parameter("invitation_id"));
  });
  if (!found) return inexistent_invitation();
  return json_answer(200, answer_of(*found));
}

base::Result<http::Response> remove(const Services& services, Invocation& invocation) {
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!invitations::delete_one(w, invocation.call.path_parameter("id"), invocation.call.path_parameter("invitation_id")))
      return inexistent_invitation();
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/organizations/{id}/invitations",
                        .id = "post_invitations",
                        .scopes = {"create:organization_invitations"},
                        .body = &create_schema(),
                        .statuses = {200, 404},
                        .summary = "Create invitations to an organization",
                        .handler = create};
const Operation kList{
    .method = http::Method::get,
    .path = "/api/v2/organizations/{id}/invitations",
    .id = "get_invitations",
    .scopes = {"read:organization_invitations"},
    .query = list_query({{.name = "sort", .description = "Order", .one_of = {"created_at:1", "created_at:-1"}}}),
    .statuses = {200, 404},
    .summary = "Get invitations to an organization",
    .handler = list};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/organizations/{id}/invitations/{invitation_id}",
                     .id = "get_invitations_by_invitation_id",
                     .scopes = {"read:organization_invitations"},
                     .statuses = {200, 404},
                     .summary = "Get a specific invitation to an organization",
                     .handler = get};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/organizations/{id}/invitations/{invitation_id}",
                        .id = "delete_invitations_by_invitation_id",
                        .scopes = {"delete:organization_invitations"},
                        .statuses = {204, 404},
                        .summary = "Delete an invitation to an organization",
                        .handler = remove};

}  // namespace
}  // namespace organization_invitations_api

std::vector<const Operation*> organization_invitation_operations() {
  using namespace organization_invitations_api;
  return {&kCreate, &kList, &kGet, &kDelete};
}

}  // namespace segue::management
