#include "management/emails_api.h"

#include "base/text.h"
#include "mail/provider.h"
#include "mail/tenant_template.h"
#include "management/answers.h"
#include "management/email_fields.h"
#include "management/errors.h"
#include "management/uri.h"
#include "store/settings_documents.h"
#include "tenancy/email_provider.h"

namespace segue::management {
namespace emails_api {
namespace {

namespace documents = store::settings_documents;
using documents::Document;
using tenancy::kEmailProvider;
constexpr std::string_view kTemplate = "email_template";

base::Error inexistent_provider() { return not_found("There is not a configured email provider", "inexistent_email_provider"); }
base::Error inexistent_template() { return not_found("The template does not exist", "inexistent_email_template"); }

// --- Provider ---

json::object provider_answer(const Document& provider) {
  auto out = provider.document;
  if (!out.contains("enabled")) out["enabled"] = true;
  if (!out.contains("credentials")) out["credentials"] = json::object{};
  return in_order_of(email_provider_create_schema().root, std::move(out));
}

// Its password leaves the document; nothing when none was given.
std::optional<std::string> take_password(json::object& body) {
  const auto* const credentials = json::find_object(body, "credentials");
  if (credentials == nullptr) return std::nullopt;
  auto password = json::find_string(*credentials, "smtp_pass");
  body["credentials"].get_object().erase("smtp_pass");
  return password;
}

bool is_password(const Services& services, base::TenantId tenant, const Document& provider, std::string_view password) {
  const auto standing = tenancy::open_email_password(services.key_file, tenant, provider.sealed);
  return standing.ok() && standing->equals_in_constant_time(password);
}

// What mail could not go by: found out here, and not with the first mail.
base::Outcome check_provider(const Services& services, const json::object& provider) {
  if (!mail::is_in_use(&provider)) return base::Unit{};
  const auto host = json::find_string(json::object_or_empty(provider, "credentials"), "smtp_host").value_or("");
  if (host.empty()) return invalid_body("credentials.smtp_host is needed: the server that takes the mails");
  if (!services.allow_private_urls && !names_public_host(host.find(':') == std::string::npos ? host : "[" + host + "]"))
    return invalid_body("credentials.smtp_host is this machine's or a private network's: outbound.allow_private allows that");
  const auto from = json::find_string(provider, "default_from_address").value_or("");
  if (!from.empty() && !mail::parse_mailbox(from))
    return invalid_body("default_from_address is no address: no-reply@example.com or Name <no-reply@example.com> is needed");
  return base::Unit{};
}

base::Result<http::Response> get_provider(const Services& services, Invocation& invocation) {
  const auto filter =
      TRY(FieldFilter::read(invocation.query, {"name", "enabled", "credentials", "settings", "default_from_address"}));
  const auto found = services.tenants.store().read(invocation.call.tenant,
                                                   [](const store::Reader& r) { return documents::find(r, kEmailProvider, ""); });
  if (!found) return inexistent_provider();
  return json_answer(200, filter.apply(provider_answer(*found)));
}

base::Result<http::Response> create_provider(const Services& services, Invocation& invocation) {
  auto& body = invocation.body.get_object();
  const auto password = take_password(body);
  TRY(check_provider(services, body));
  const Document wanted{
      .kind = std::string(kEmailProvider),
      .name = "",
      .document = body,
      .sealed = tenancy::seal_email_password(services.key_file, services.random, invocation.call.tenant, password.value_or(""))};
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (documents::find_for_change(w, kEmailProvider, ""))
      return conflict("There is a configured email provider already", "email_provider_conflict");
    documents::put(w, wanted, invocation.now);
    append_change(w, invocation, 201);
    return json_answer(201, provider_answer(wanted));
  });
}

base::Result<http::Response> update_provider(const Services& services, Invocation& invocation) {
  auto& body = invocation.body.get_object();
  const auto password = take_password(body);
  auto sealed = tenancy::seal_email_password(services.key_file, services.random, invocation.call.tenant, password.value_or(""));
  const auto seen = services.tenants.store().read(invocation.call.tenant,
                                                  [](const store::Reader& r) { return documents::find(r, kEmailProvider, ""); });
  // Sealed anew it would look like another password.
  if (seen && password && is_password(services, invocation.call.tenant, *seen, *password)) sealed = seen->sealed;
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    const auto standing = documents::find_for_change(w, kEmailProvider, "");
    if (!standing) return inexistent_provider();
    auto wanted = *standing;
    merge_patch(wanted.document, body, 1);
    TRY(check_provider(services, wanted.document));
    const bool same_server = wanted.document["credentials"] == json::object(standing->document)["credentials"];
    // A password goes to the server that it was given for, and to no other that a later change names.
    if (password || !same_server) wanted.sealed = sealed;
    if (wanted.sealed != standing->sealed || wanted.document != standing->document) {
      documents::put(w, wanted, invocation.now);
      append_change(w, invocation, 200);
    }
    return json_answer(200, provider_answer(wanted));
  });
}

base::Result<http::Response> delete_provider(const Services& services, Invocation& invocation) {
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!documents::delete_one(w, kEmailProvider, "")) return inexistent_provider();
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

// --- Templates ---

base::Result<std::string> template_name(const Invocation& invocation) {
  auto name = std::string(invocation.call.path_parameter("templateName"));
  if (!base::contains(email_template_names(), name)) return inexistent_template();
  const auto named = json::find_string(invocation.body.is_object() ? invocation.body.get_object() : json::object{}, "template");
  if (named && *named != name) return invalid_body("The template of the body is another than the path's: send the same name");
  return name;
}

json::object template_answer(const Document& stored) { return in_order_of(email_template_create_schema().root, stored.document); }

base::Outcome check_template(const json::object& document) {
  const auto verdict = mail::check_template(document);
  return verdict.ok() ? verdict : base::Outcome(invalid_body(verdict.error().description));
}

base::Result<http::Response> get_template(const Services& services, Invocation& invocation) {
  const auto name = TRY(template_name(invocation));
  const auto found = services.tenants.store().read(invocation.call.tenant,
                                                   [&](const store::Reader& r) { return documents::find(r, kTemplate, name); });
  if (!found) return inexistent_template();
  return json_answer(200, template_answer(*found));
}

base::Result<http::Response> create_template(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  TRY(check_template(body));
  const Document wanted{
      .kind = std::string(kTemplate), .name = *json::find_string(body, "template"), .document = body, .sealed = {}};
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (documents::find_for_change(w, kTemplate, wanted.name))
      return conflict("The template exists already", "email_template_conflict");
    documents::put(w, wanted, invocation.now);
    append_change(w, invocation, 200);
    return json_answer(200, template_answer(wanted));
  });
}

// PATCH merges, PUT replaces.
base::Result<http::Response> update_template(const Services& services, Invocation& invocation) {
  const auto name = TRY(template_name(invocation));
  const auto& body = invocation.body.get_object();
  TRY(check_template(body));
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    const auto standing = documents::find_for_change(w, kTemplate, name);
    if (!standing) return inexistent_template();
    auto wanted = *standing;
    if (invocation.operation.method == http::Method::put) wanted.document = body;
    // Null is a value of its own here: the template's text is this server's.
    for (const auto& member : body) wanted.document[member.key()] = member.value();
    if (wanted.document != standing->document) {
      documents::put(w, wanted, invocation.now);
      append_change(w, invocation, 200);
    }
    return json_answer(200, template_answer(wanted));
  });
}

using http::Method;
const Operation kOperations[] = {
    {.method = Method::get,
     .path = "/api/v2/emails/provider",
     .id = "get_provider",
     .scopes = {"read:email_provider"},
     .query = field_filter_query(),
     .statuses = {200, 404},
     .summary = "Get email provider",
     .handler = get_provider},
    {.method = Method::post,
     .path = "/api/v2/emails/provider",
     .id = "post_provider",
     .scopes = {"create:email_provider"},
     .body = &email_provider_create_schema(),
     .statuses = {201, 409},
     .summary = "Configure email provider",
     .handler = create_provider},
    {.method = Method::patch,
     .path = "/api/v2/emails/provider",
     .id = "patch_provider",
     .scopes = {"update:email_provider"},
     .body = &email_provider_update_schema(),
     .statuses = {200, 404},
     .summary = "Update email provider",
     .handler = update_provider},
    {.method = Method::delete_,
     .path = "/api/v2/emails/provider",
     .id = "delete_provider",
     .scopes = {"delete:email_provider"},
     .statuses = {204, 404},
     .summary = "Delete email provider",
     .handler = delete_provider},
    {.method = Method::post,
     .path = "/api/v2/email-templates",
     .id = "post_email-templates",
     .scopes = {"create:email_templates"},
     .body = &email_template_create_schema(),
     .statuses = {200, 409},
     .summary = "Create an email template",
     .handler = create_template},
    {.method = Method::get,
     .path = "/api/v2/email-templates/{templateName}",
     .id = "get_email-templates_by_templateName",
     .scopes = {"read:email_templates"},
     .statuses = {200, 404},
     .summary = "Get an email template",
     .handler = get_template},
    {.method = Method::patch,
     .path = "/api/v2/email-templates/{templateName}",
     .id = "patch_email-templates_by_templateName",
     .scopes = {"update:email_templates"},
     .body = &email_template_update_schema(),
     .statuses = {200, 404},
     .summary = "Patch an email template",
     .handler = update_template},
    {.method = Method::put,
     .path = "/api/v2/email-templates/{templateName}",
     .id = "put_email-templates_by_templateName",
     .scopes = {"update:email_templates"},
     .body = &email_template_create_schema(),
     .statuses = {200, 404},
     .summary = "Update an email template",
     .handler = update_template},
};

}  // namespace
}  // namespace emails_api

std::vector<const Operation*> email_operations() {
  std::vector<const Operation*> out;
  for (const auto& operation : emails_api::kOperations) out.push_back(&operation);
  return out;
}

}  // namespace segue::management
