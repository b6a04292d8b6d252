#include "management/tenant_fields.h"

namespace segue::management {
namespace tenant_fields {
namespace {

using Fields = std::vector<Field>;

constexpr std::int64_t kMostMinutes = 2147483647;
constexpr const char* kNoPages = "custom pages are not served here";
constexpr const char* kOneLook = "the pages have one look here";
constexpr const char* kNoFeature = "the feature is not served here";

Field text(std::string name, std::size_t most, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .max_length = most};
}
Field uri(std::string name, Format format, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .max_length = 2048, .format = format};
}
Field flag(std::string name, std::string description, bool nullable = false) {
  return {.name = std::move(name), .type = Type::boolean, .description = std::move(description), .nullable = nullable};
}
Field one_of(std::string name, std::vector<std::string> values, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .one_of = std::move(values)};
}
Field object_of(std::string name, Fields members, std::string description) {
  return {.name = std::move(name),
          .type = Type::object,
          .description = std::move(description),
          .nullable = true,
          .members = std::move(members)};
}
Field list_of(std::string name, Field item, std::string description) {
  return {.name = std::move(name), .type = Type::array, .description = std::move(description), .items = {std::move(item)}};
}
Field open_object(std::string name, std::string description) {
  return {.name = std::move(name), .type = Type::object, .description = std::move(description), .nullable = true, .open = true};
}

// contract §6.4: fractions of an hour are what minutes become.
void add_lifetime(Fields& fields, const std::string& name, const std::string& description) {
  fields.push_back(enforced({.name = name, .type = Type::number, .description = "Hours " + description, .minimum = 0}));
  fields.push_back(enforced({.name = name + "_in_minutes",
                             .type = Type::integer,
                             .description = "Minutes " + description,
                             .minimum = 1,
                             .maximum = kMostMinutes}));
}

Fields flags() {
  Fields out;
  for (const auto* name : {"enable_public_signup_user_exists_error", "enable_sso", "revoke_refresh_token_grant",
                           "use_scope_descriptions_for_consent"})
    out.push_back(enforced(flag(name, "Flag of the tenant")));
  const std::pair<const char*, const char*> not_here[] = {
      {"change_pwd_flow_v1", "the older flow is not served here"},
      {"enable_client_connections", "a connection serves the clients that its enabled_clients names"},
      {"allow_legacy_delegation_grant_types", "legacy grants are not served here"},
      {"allow_legacy_ro_grant_types", "legacy grants are not served here"},
      {"allow_legacy_tokeninfo_endpoint", "the legacy endpoint is not served here"},
      {"enable_legacy_profile", "tokens hold the claims of OpenID Connect"},
      {"enable_idtoken_api2", "the Management API takes access tokens"},
      {"disable_clickjack_protection_headers", "pages are always protected from framing"},
      {"remove_alg_from_jwks", "keys always name their algorithm"},
      {"enable_dynamic_client_registration", "dynamic client registration is not served here"},
  };
  for (const auto& [name, reason] : not_here) out.push_back(refused("false", reason, flag(name, "Flag of the tenant")));
  // Of the dashboard, of old pipelines, of ways to sign in that are not served: there is nothing that they could change.
  for (const auto* name : {"enable_apis_section", "disable_impersonation", "enable_pipeline2", "allow_changing_enable_sso",
                           "no_disclose_enterprise_connections", "enforce_client_authentication_on_passwordless_start",
                           "enable_adfs_waad_email_verification", "dashboard_log_streams_next", "dashboard_insights_view",
                           "disable_fields_map_fix", "mfa_show_factor_list_on_enrollment",
                           "improved_signup_bot_detection_in_classic", "genai_trial", "disable_management_api_sms_obfuscation",
                           "trust_azure_adfs_email_verified_connection_property", "custom_domains_provisioning"})
    out.push_back(kept("what it is about is not there", flag(name, "Flag of the tenant")));
  return out;
}

Field page(const char* name) {
  return object_of(name,
                   {refused("false", kNoPages, flag("enabled", "Whether the custom page is used")),
                    kept(kNoPages, text("html", 262144, "The custom page"))},
                   "Custom page");
}

Fields update_fields() {
  Fields out{
      page("change_password"),
      page("guardian_mfa_page"),
      object_of("error_page",
                {refused(R"("")", kNoPages, text("html", 262144, "The custom page")),
                 kept(kNoPages, flag("show_log_link", "Whether the page links to the log")),
                 refused(R"("")", kNoPages, uri("url", Format::absolute_uri_or_empty, "Where errors are sent"))},
                "Custom error page"),
      enforced(object_of(
          "device_flow",
          {one_of("charset", {"base20", "digits"}, "Characters of a user code"), text("mask", 20, "Form of a user code")},
          "Device authorization")),
      enforced(text("default_audience", 600, "Audience of requests that name none")),
      enforced(text("default_directory", 128, "Connection of the password grant")),
      refused("{}", kNoFeature, open_object("default_token_quota", "Token quota")),
      enforced({.name = "flags", .type = Type::object, .description = "Flags of the tenant", .members = flags()}),
      enforced(text("friendly_name", 200, "Name that people read")),
      kept(kOneLook, uri("picture_url", Format::absolute_uri_or_empty, "URL of the tenant's logo")),
      kept(
          kOneLook,
          {.name = "support_email", .description = "Where users find help", .max_length = 254, .format = Format::email_or_empty}),
      kept(kOneLook, uri("support_url", Format::absolute_uri_or_empty, "Where users find help")),
      enforced(list_of("allowed_logout_urls", uri("", Format::url_with_placeholders, "URL"),
                       "URLs that may be returned to after logout")),
      kept("Actions run in the Node.js of this server", text("sandbox_version", 8, "Version of the extensibility environment")),
      kept("Actions run in the Node.js of this server",
           text("legacy_sandbox_version", 8, "Version of the legacy extensibility environment")),
      enforced(uri("default_redirection_uri", Format::absolute_https_uri_or_empty, "Where a stale login page leads")),
      kept("the pages have one language here",
           list_of("enabled_locales", {.name = "", .description = "Locale", .min_length = 2, .max_length = 10},
                   "Locales of the pages")),
      refused("{}", kNoFeature, open_object("security_headers", "Security headers of answers")),
      enforced(object_of("session_cookie",
                         {one_of("mode", {"persistent", "non-persistent"}, "Whether the cookie outlives the browser")},
                         "Session cookie")),
      enforced(object_of("sessions", {flag("oidc_logout_prompt_enabled", "Whether OIDC logout may ask")}, "Sessions")),
      enforced(object_of("oidc_logout",
                         {flag("rp_logout_end_session_endpoint_discovery", "Whether discovery names the end_session_endpoint")},
                         "RP-initiated logout")),
      refused("false", "this server asks for no second factor",
              flag("customize_mfa_in_postlogin_action", "Whether Actions choose factors", true)),
      enforced(flag("allow_organization_name_in_authentication_api", "Whether organizations are named by name", true)),
      refused("[]", "authentication contexts are not served here",
              {.name = "acr_values_supported",
               .type = Type::array,
               .description = "Authentication contexts in discovery",
               .nullable = true,
               .items = {{.name = ""}}}),
      object_of(
          "mtls",
          {refused("false", "mutual TLS is not served here", flag("enable_endpoint_aliases", "Whether mTLS aliases are served"))},
          "Mutual TLS"),
      refused("true", "pushed authorization requests are always served",
              flag("pushed_authorization_requests_supported", "Whether pushed requests are served", true)),
      refused("true", "authorization responses always name the issuer (RFC 9207)",
              flag("authorization_response_iss_parameter_supported", "Whether answers name the issuer", true)),
      refused("true", "the confirmation prompt is not served here",
              flag("skip_non_verifiable_callback_uri_confirmation_prompt", "Whether the confirmation prompt is skipped", true)),
      kept("requests name an API by audience here",
           one_of("resource_parameter_profile", {"audience", "compatibility"}, "How requests name an API")),
      refused("false", "client metadata documents are not served here",
              flag("client_id_metadata_document_supported", "Whether client ids may be metadata documents")),
      kept("there is no dashboard here", flag("enable_ai_guide", "Dashboard setting")),
      kept("no telephone is called or written to from here", flag("phone_consolidated_experience", "Dashboard setting")),
      refused("false", "session metadata is not written to the log here",
              flag("include_session_metadata_in_tenant_logs", "Whether logs hold session metadata")),
      kept("clients do not register themselves here",
           one_of("dynamic_client_registration_security_mode", {"strict", "permissive"},
                  "Mode of clients that register themselves")),
      refused("{}", kNoFeature, open_object("country_codes", "Country codes of phone numbers"))};
  for (auto& field : out) {
    if (field.name == "session_cookie") field.members.front().required = true;
    if (field.name == "enabled_locales") field.min_length = 1;
  }
  add_lifetime(out, "session_lifetime", "that a session lives");
  add_lifetime(out, "idle_session_lifetime", "that a session may be idle");
  add_lifetime(out, "ephemeral_session_lifetime", "that a session with a non-persistent cookie lives");
  add_lifetime(out, "idle_ephemeral_session_lifetime", "that a session with a non-persistent cookie may be idle");
  return out;
}

std::vector<std::string> answer_names() {
  std::vector<std::string> out{"sandbox_versions_available"};
  for (const auto& field : update_fields()) {
    if (!field.name.ends_with("_in_minutes")) out.push_back(field.name);
  }
  return out;
}

}  // namespace
}  // namespace tenant_fields

const Schema& tenant_update_schema() {
  static const Schema schema = object_schema("TenantSettingsUpdate", tenant_fields::update_fields());
  return schema;
}

const std::vector<std::string>& tenant_answer_fields() {
  static const auto names = tenant_fields::answer_names();
  return names;
}

}  // namespace segue::management
