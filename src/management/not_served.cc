#include "management/not_served.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/organizations_api.h"
#include "store/connections.h"
#include "store/organizations.h"
#include "tenancy/management_scopes.h"

namespace segue::management {
namespace not_served {
namespace {

// What is answered to whoever reads.
enum class Shape {
  list,        // empty, by offset or checkpoint, as it was asked for; its members are at PATH/{id}
  checkpoint,  // empty, always in its envelope; its members are at PATH/{id}
  document,    // one text; a write that leaves it as it is succeeds
  absent,      // 404
};

struct Resource {
  std::string_view path;  // behind /api/v2; a {parent} must exist
  Shape shape;
  std::string_view reply;    // list, checkpoint: their key; document: its JSON; absent: the errorCode
  std::string_view scope;    // of read:…, create:…, update:… and delete:…
  std::string_view reason;   // for whoever writes
  std::string_view filters;  // further query parameters
};

constexpr std::string_view kActionsInstead = "rules and hooks are not served here: Actions do what they did";
constexpr std::string_view kNoForms = "forms and flows are not served here";
constexpr std::string_view kNoPhone = "no telephone is called or written to from here";
constexpr std::string_view kNoScim = "users are not provisioned by SCIM or from a directory here";
constexpr std::string_view kNoProfiles = "profiles of self-service and provisioning are not served here";
constexpr std::string_view kNoSignals = "risk is not assessed here";

constexpr std::string_view kOneLook = "the pages are rendered by this server alone";
constexpr std::string_view kNoFactors =
    "this server does not ask for the factor, and a demand that is not enforced is not stored";
constexpr std::string_view kNoPush = "no push notifications are sent from here";
constexpr std::string_view kNoCaptcha = "no captcha is shown here";
constexpr std::string_view kFactors =
    R"([{"enabled":false,"name":"sms"},{"enabled":false,"name":"push-notification"},{"enabled":false,"name":"email"},)"
    R"({"enabled":false,"name":"duo"},{"enabled":false,"name":"otp"},{"enabled":false,"name":"webauthn-roaming"},)"
    R"({"enabled":false,"name":"webauthn-platform"},{"enabled":false,"name":"recovery-code"}])";

constexpr Resource kResources[] = {
    // clang-format off
    {"/rules", Shape::list, "rules", "rules", kActionsInstead, "enabled"},
    {"/rules-configs", Shape::list, "rules_configs", "rules_configs", kActionsInstead, ""},
    {"/hooks", Shape::list, "hooks", "hooks", kActionsInstead, "enabled,triggerId"},
    {"/forms", Shape::list, "forms", "forms", kNoForms, "hydrate"},
    {"/flows", Shape::list, "flows", "flows", kNoForms, "hydrate,synchronous"},
    {"/flows/vault/connections", Shape::list, "connections", "flows_vault_connections", kNoForms, ""},
    {"/branding/phone/providers", Shape::checkpoint, "providers", "phone_providers", kNoPhone, "disabled"},
    {"/branding/phone/templates", Shape::checkpoint, "templates", "phone_templates", kNoPhone, "disabled"},
    {"/connections-directory-provisionings", Shape::checkpoint, "directory_provisionings", "directory_provisionings", kNoScim, ""},
    {"/connections-scim-configurations", Shape::checkpoint, "scim_configurations", "scim_config", kNoScim, ""},
    {"/connections/{parent}/scim-configuration", Shape::absent, "not_found", "scim_config", kNoScim, ""},
    {"/connections/{parent}/directory-provisioning", Shape::absent, "not_found", "directory_provisionings", kNoScim, ""},
    {"/self-service-profiles", Shape::list, "self_service_profiles", "self_service_profiles", kNoProfiles, ""},
    {"/user-attribute-profiles", Shape::checkpoint, "user_attribute_profiles", "user_attribute_profiles", kNoProfiles, ""},
    {"/connection-profiles", Shape::checkpoint, "connection_profiles", "connection_profiles", kNoProfiles, ""},
    {"/network-acls", Shape::list, "network_acls", "network_acls", "network access lists are not served here: a proxy in front has them", ""},
    {"/rate-limit-policies", Shape::checkpoint, "rate_limit_policies", "rate_limit_policies", "rate limits are set in the configuration file", "resource,consumer,consumer_selector"},
    {"/event-streams", Shape::checkpoint, "eventStreams", "event_streams", "event streams are not served here: log streams are", ""},
    {"/verifiable-credentials/verification/templates", Shape::checkpoint, "templates", "vdcs_templates", "verifiable credentials are not served here", ""},
    {"/groups", Shape::checkpoint, "groups", "groups", "groups are not served here: organizations and roles are", "connection_id,name,external_id,search"},
    {"/keys/custom-signing", Shape::absent, "not_found", "custom_signing_keys", "signing keys are made here", ""},
    {"/keys/encryption", Shape::list, "keys", "encryption_keys", "the key file encrypts, and `segue key rotate` replaces it", ""},
    {"/prompts/rendering", Shape::list, "configs", "prompts", kOneLook, "prompt,screen,rendering_mode"},
    {"/prompts/{prompt}/screen/{screen}/rendering", Shape::document, R"({"rendering_mode":"standard","context_configuration":[],"default_head_tags_disabled":false,"head_tags":[]})", "prompts", kOneLook, ""},
    {"/guardian/factors/sms", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors/push-notification", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors/email", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors/duo", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors/otp", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors/webauthn-roaming", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors/webauthn-platform", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors/recovery-code", Shape::document, R"({"enabled":false})", "guardian_factors", kNoFactors, ""},
    {"/guardian/factors", Shape::document, kFactors, "guardian_factors", kNoFactors, ""},
    {"/guardian/policies", Shape::document, "[]", "mfa_policies", kNoFactors, ""},
    {"/guardian/factors/sms/providers/twilio", Shape::document, "{}", "guardian_factors", kNoPhone, ""},
    {"/guardian/factors/phone/providers/twilio", Shape::document, "{}", "guardian_factors", kNoPhone, ""},
    {"/guardian/factors/push-notification/providers/sns", Shape::document, "{}", "guardian_factors", kNoPush, ""},
    {"/guardian/factors/push-notification/providers/apns", Shape::document, "{}", "guardian_factors", kNoPush, ""},
    {"/guardian/factors/push-notification/providers/fcm", Shape::document, "{}", "guardian_factors", kNoPush, ""},
    {"/guardian/factors/push-notification/providers/fcmv1", Shape::document, "{}", "guardian_factors", kNoPush, ""},
    {"/guardian/factors/duo/settings", Shape::document, "{}", "guardian_factors", kNoFactors, ""},
    {"/attack-protection/breached-password-detection", Shape::document, R"({"enabled":false,"shields":[],"admin_notification_frequency":[],"method":"standard","stage":{"pre-user-registration":{"shields":[]},"pre-change-password":{"shields":[]}}})", "attack_protection", "no list of breached passwords is asked here", ""},
    {"/attack-protection/bot-detection", Shape::document, R"({"bot_detection_level":"medium","challenge_password_policy":"never","challenge_passwordless_policy":"never","challenge_password_reset_policy":"never","allowlist":[],"monitoring_mode_enabled":false})", "attack_protection", kNoCaptcha, ""},
    {"/attack-protection/captcha", Shape::document, "{}", "attack_protection", kNoCaptcha, ""},
    {"/attack-protection/phone-provider-protection", Shape::document, R"({"type":"default"})", "attack_protection", kNoPhone, ""},
    {"/risk-assessments/settings", Shape::document, R"({"enabled":false})", "attack_protection", kNoSignals, ""},
    {"/risk-assessments/settings/new-device", Shape::document, R"({"remember_for":30})", "attack_protection", kNoSignals, ""},
    {"/supplemental-signals", Shape::document, R"({"akamai_enabled":false})", "attack_protection", kNoSignals, ""},
    {"/organizations/{parent}/client-grants", Shape::list, "client_grants", "organization_client_grants", "a client grant holds for every organization here", "audience,client_id,grant_ids"},
    {"/organizations/{parent}/discovery-domains", Shape::checkpoint, "domains", "organization_discovery_domains", "people are not sent to an organization by their address here", ""},
    {"/organizations/{parent}/clients", Shape::checkpoint, "clients", "organization_clients", "organizations have no clients of their own here", ""},
    // clang-format on
};

base::Outcome check_parent(const Services& services, const Invocation& invocation, const Resource& resource) {
  if (resource.path.find("{parent}") == std::string_view::npos) return base::Unit{};
  const auto id = invocation.call.path_parameter("parent");
  const bool of_organization = resource.path.starts_with("/organizations");
  const bool exists = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return of_organization ? store::organizations::find(r, id).has_value() : store::connections::find(r, id).has_value();
  });
  if (exists) return base::Unit{};
  return of_organization ? inexistent_organization() : inexistent_connection();
}

// Nothing that is sent is other than what stands there, at any depth. Null is nothing.
bool changes_nothing(const json::value& body, const json::value* standing) {
  if (standing == nullptr) return body.is_null();
  if (!body.is_object() || !standing->is_object()) return body == *standing;
  return std::all_of(body.get_object().begin(), body.get_object().end(), [&](const auto& member) {
    return changes_nothing(member.value(), json::find(standing->get_object(), {member.key().data(), member.key().size()}));
  });
}

// The resource that an operation is one of.
struct Served {
  std::vector<Operation> operations;
  std::vector<const Resource*> resources;  // of the operation at the same place
};
const Served& served();
const Resource& resource_of(const Operation& operation) {
  return *served().resources.at(static_cast<std::size_t>(&operation - served().operations.data()));
}

base::Result<http::Response> read(const Services& services, Invocation& invocation) {
  const auto& resource = resource_of(invocation.operation);
  TRY(check_parent(services, invocation, resource));
  switch (resource.shape) {
    case Shape::document: return json_answer(200, *json::parse(resource.reply));
    case Shape::absent: return not_found("Not Found", std::string(resource.reply));
    case Shape::checkpoint: return json_answer(200, json::object{{resource.reply, json::array{}}});
    case Shape::list: break;
  }
  const auto paging = TRY(read_paging(invocation.query));
  if (paging.is_checkpoint) return checkpoint_answer(resource.reply, paging, {}, {});
  return page_answer(resource.reply, paging, {}, 0);
}

base::Result<http::Response> write(const Services& services, Invocation& invocation) {
  const auto& resource = resource_of(invocation.operation);
  TRY(check_parent(services, invocation, resource));
  if (resource.shape == Shape::document) {
    const auto standing = *json::parse(resource.reply);
    if (changes_nothing(invocation.body, &standing)) return json_answer(200, standing);
  }
  return not_supported("This is refused: " + std::string(resource.reason) + ".");
}

base::Result<http::Response> find_none(const Services&, Invocation& invocation) {
  return not_found("Not found: " + std::string(resource_of(invocation.operation).reason) + ".", "not_found");
}

const Schema& any_body() {
  static const Schema schema{"NotServed", {.name = "", .type = Type::any, .description = "Refused, whatever it holds"}};
  return schema;
}

std::string_view verb_of(http::Method method) {
  switch (method) {
    case http::Method::get: return "read:";
    case http::Method::post: return "create:";
    case http::Method::delete_: return "delete:";
    default: return "update:";
  }
}

// Some resources are never created or deleted, and no token has a scope for that: whoever may change them is told the reason.
std::string scope_of(http::Method method, std::string_view name) {
  const auto known = tenancy::management_scopes();
  for (const auto verb : {verb_of(method), std::string_view("update:"), std::string_view("create:")}) {
    auto scope = std::string(verb) + std::string(name);
    if (std::find(known.begin(), known.end(), scope) != known.end()) return scope;
  }
  return "read:" + std::string(name);
}

std::string id_of(const Operation& operation) {
  auto out = base::ascii_lower(http::to_text(operation.method)) + operation.path.substr(std::string_view("/api/v2").size());
  for (auto& c : out) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return out;
}

Operation operation_of(const Resource& resource, http::Method method, bool of_member, OperationHandler handler) {
  Operation out{.method = method,
                .path = "/api/v2" + std::string(resource.path) + (of_member ? "/{id}" : ""),
                .id = "",
                .scopes = {scope_of(method, resource.scope)},
                .served = false,
                .summary = "Not served: " + std::string(resource.reason),
                .handler = handler};
  out.id = id_of(out);
  const bool reads = method == http::Method::get;
  const bool has_document = resource.shape == Shape::document, is_absent = resource.shape == Shape::absent;
  if (!of_member && (reads ? !is_absent : has_document && method != http::Method::delete_)) out.statuses.push_back(200);
  if (of_member || (reads && is_absent) || resource.path.find("{parent}") != std::string_view::npos) out.statuses.push_back(404);
  if (reads && !of_member && resource.shape <= Shape::checkpoint) {
    out.query = list_query({});
    for (const auto& name : base::split(resource.filters, ',')) out.query.push_back({.name = name, .max_length = 1000});
  }
  if (!reads && method != http::Method::delete_) out.body = &any_body();
  return out;
}

Served make_served() {
  using http::Method;
  Served out;
  const auto add = [&](const Resource& resource, Method method, bool of_member, OperationHandler handler) {
    out.operations.push_back(operation_of(resource, method, of_member, handler));
    out.resources.push_back(&resource);
  };
  for (const auto& resource : kResources) {
    const bool has_members = resource.shape <= Shape::checkpoint;
    add(resource, Method::get, false, read);
    add(resource, Method::post, false, write);
    for (const auto method : {Method::patch, Method::put, Method::delete_})
      add(resource, method, has_members, has_members ? find_none : write);
    if (has_members) add(resource, Method::get, true, find_none);
  }
  return out;
}

const Served& served() {
  static const Served all = make_served();
  return all;
}

}  // namespace
}  // namespace not_served

std::vector<const Operation*> not_served_operations() {
  std::vector<const Operation*> out;
  for (const auto& operation : not_served::served().operations) out.push_back(&operation);
  return out;
}

}  // namespace segue::management
