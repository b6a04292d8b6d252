#include "management/client_fields.h"

#include "management/addon_fields.h"

namespace segue::management {
namespace {

using Fields = std::vector<Field>;

constexpr const char* kForPeople = "read by people who administer the tenant";
constexpr const char* kOneLook = "the pages have one look here";
constexpr const char* kNoCrossOrigin = "cross-origin authentication is not served here";
constexpr const char* kNoFeature = "the feature is not served here";
constexpr const char* kNoDelegation = "delegated sessions are not served here";
constexpr const char* kNoCertificates = "client certificates are not served here; use private_key_jwt";

Field text(std::string name, std::string description) { return {.name = std::move(name), .description = std::move(description)}; }
Field flag(std::string name, std::string description) {
  return {.name = std::move(name), .type = Type::boolean, .description = std::move(description)};
}
Field one_of(std::string name, std::vector<std::string> values, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .one_of = std::move(values)};
}
Field list_of(std::string name, Field item, std::string description) {
  return {.name = std::move(name), .type = Type::array, .description = std::move(description), .items = {std::move(item)}};
}
Field object_of(std::string name, Fields members, std::string description) {
  return {.name = std::move(name), .type = Type::object, .description = std::move(description), .members = std::move(members)};
}
Field open_object(std::string name, std::string description) {
  return {.name = std::move(name), .type = Type::object, .description = std::move(description), .open = true};
}
Field nullable(Field field) {
  field.nullable = true;
  return field;
}
Field required(Field field) {
  field.required = true;
  return field;
}
Field at_most(Field field, std::size_t count) {
  field.max_length = count;
  return field;
}
Field at_least_one(Field field) {
  field.min_length = 1;
  return field;
}
Field whole(std::string name, std::int64_t minimum, std::int64_t maximum, std::string description) {
  return {.name = std::move(name),
          .type = Type::integer,
          .description = std::move(description),
          .minimum = minimum,
          .maximum = maximum};
}

Field backchannel_logout(const std::string& name) {
  const Field url{
      .name = "", .description = "Back-channel logout URL", .format = Format::absolute_https_uri_with_placeholders_or_empty};
  return enforced(nullable(object_of(
      name,
      {list_of("backchannel_logout_urls", url, "URLs that are told when a session ends"),
       object_of("backchannel_logout_initiators",
                 {one_of("mode", {"custom", "all"}, "Which initiators lead to back-channel logout"),
                  list_of("selected_initiators",
                          one_of("",
                                 {"rp-logout", "idp-logout", "password-changed", "session-expired", "session-revoked",
                                  "account-deleted", "email-identifier-changed", "mfa-phone-unenrolled", "account-deactivated"},
                                 "Initiator"),
                          "Initiators of mode custom")},
                 "Initiators of back-channel logout"),
       nullable(object_of("backchannel_logout_session_metadata", {flag("include", "Whether session metadata is sent")},
                          "Session metadata in logout tokens"))},
      "OIDC logout settings")));
}

Field session_transfer() {
  return enforced(nullable(object_of(
      "session_transfer",
      {flag("can_create_session_transfer_token", "Whether the client may exchange a refresh token for a session transfer token"),
       flag("enforce_cascade_revocation", "Whether revoking the parent refresh token revokes all that grew from it"),
       nullable(list_of("allowed_authentication_methods",
                        one_of("", {"cookie", "query"}, "Transport of a session transfer token"),
                        "How the client accepts session transfer tokens")),
       one_of("enforce_device_binding", {"ip", "asn", "none"}, "What must be the same at the exchange and at /authorize"),
       flag("allow_refresh_token", "Whether a sign-in by session transfer token may issue refresh tokens"),
       flag("enforce_online_refresh_tokens", "Whether such refresh tokens end with their session"),
       nullable(object_of(
           "delegation",
           {refused("false", kNoDelegation,
                    flag("allow_delegated_access", "Whether session transfer tokens with an actor are accepted")),
            kept(kNoDelegation, one_of("enforce_device_binding", {"ip", "asn"}, "Device binding of delegated sessions"))},
           "Session delegation"))},
      "Native to Web SSO settings")));
}

Field refresh_token() {
  const Field policy = object_of("",
                                 {required(at_most(text("audience", "Audience"), 600)),
                                  required(list_of("scope", at_most(text("", "Scope"), 280), "Scopes"))},
                                 "Refresh token policy");
  const Field policies = nullable(at_least_one(list_of("policies", policy, "Multi-resource refresh token policies")));
  return enforced(
      nullable(object_of("refresh_token",
                         {required(one_of("rotation_type", {"rotating", "non-rotating"}, "Refresh token rotation type")),
                          required(one_of("expiration_type", {"expiring", "non-expiring"}, "Refresh token expiration type")),
                          whole("leeway", 0, 2147483647, "Seconds in which a rotated refresh token may be presented again"),
                          whole("token_lifetime", 1, 157788000, "Seconds of life of a refresh token"),
                          flag("infinite_token_lifetime", "Whether refresh tokens live without end"),
                          whole("idle_token_lifetime", 1, 157788000, "Seconds of life of a refresh token that is not used"),
                          flag("infinite_idle_token_lifetime", "Whether unused refresh tokens live without end"), policies},
                         "Refresh token configuration")));
}

// A key whole, as it is created; elsewhere it is named by its id.
Fields new_credential() {
  Field kid{.name = "kid", .description = "Key id; without one, the thumbprint of the key", .pattern = Pattern::key_id};
  return {required(one_of("credential_type", {"public_key", "cert_subject_dn", "x509_cert"}, "Credential type")),
          at_most(text("name", "Friendly name"), 128),
          at_most(text("subject_dn", "Subject of a certificate"), 256),
          at_most(text("pem", "Public key or certificate, PEM"), 16384),
          one_of("alg", {"RS256", "RS384", "PS256"}, "Algorithm of the key"),
          flag("parse_expiry_from_cert", "Whether the credential expires with its certificate"),
          text("expires_at", "When the credential expires, ISO 8601"),
          kid};
}
Field whole_credential() { return object_of("", new_credential(), "Credential"); }
Field credential_id() { return object_of("", {required(text("id", "Credential ID"))}, "Credential"); }

Field method(const std::string& name, Field credential, std::optional<std::size_t> least = {}) {
  auto credentials = required(list_of("credentials", std::move(credential), "Credentials"));
  credentials.min_length = least;
  return object_of(name, {std::move(credentials)}, "Client authentication method");
}

// Where a client names its keys. Without a key nobody could prove to be the client, so a new one needs `least` of them; a client
// that is there may let go of its last, as the Terraform provider does between two keys.
Fields keyed_fields(const Field& credential, std::size_t least) {
  return {enforced(nullable(
              object_of("client_authentication_methods",
                        {method("private_key_jwt", credential, least),
                         refused("", kNoCertificates, method("tls_client_auth", open_object("", "Credential"))),
                         refused("", kNoCertificates, method("self_signed_tls_client_auth", open_object("", "Credential")))},
                        "Client authentication methods"))),
          enforced(nullable(object_of("signed_request_object",
                                      {flag("required", "Whether signed request objects are required"),
                                       list_of("credentials", credential, "Credentials")},
                                      "JWT-secured authorization requests")))};
}

Fields common_fields() {
  const Field callback{.name = "", .description = "Callback URL", .format = Format::callback_url};
  const Field url{.name = "", .description = "URL", .format = Format::url_with_placeholders};
  const auto enabled = [](const char* name) {
    return object_of(name, {flag("enabled", "Whether it is enabled")}, "Native social login");
  };
  return {
      enforced(required({.name = "name", .description = "Name of the client", .pattern = Pattern::no_angle_brackets})),
      kept(kForPeople, at_most(text("description", "Free text description of the client"), 140)),
      kept(kOneLook, {.name = "logo_uri", .description = "URL of the client's logo", .format = Format::absolute_uri_or_empty}),
      enforced(list_of("callbacks", callback, "URLs that may be called back after authentication")),
      backchannel_logout("oidc_logout"),
      backchannel_logout("oidc_backchannel_logout"),
      session_transfer(),
      enforced(at_most(list_of("allowed_origins", url, "Origins that may call from a browser"), 100)),
      enforced(at_most(list_of("web_origins", url, "Origins for web_message"), 100)),
      enforced("realms of WS-Federation; the first is the audience of a SAML sign-in that nobody asked for, where the addon "
               "names none",
               list_of("client_aliases", text("", "Alias"), "Audiences or realms for SAML and WS-Federation")),
      kept("legacy delegation is not served here",
           list_of("allowed_clients", text("", "Client ID"), "Clients that may ask for delegation")),
      enforced(list_of("allowed_logout_urls", url, "URLs that may be returned to after logout")),
      enforced(list_of("grant_types", text("", "Grant type"), "Grant types the client may use")),
      enforced(nullable(one_of("token_endpoint_auth_method", {"none", "client_secret_post", "client_secret_basic"},
                               "How the client authenticates"))),
      enforced(flag("is_token_endpoint_ip_header_trusted", "Whether auth0-forwarded-for of this client is believed")),
      enforced(one_of("app_type",
                      {"native",
                       "spa",
                       "regular_web",
                       "non_interactive",
                       "resource_server",
                       "express_configuration",
                       "rms",
                       "box",
                       "cloudbees",
                       "concur",
                       "dropbox",
                       "mscrm",
                       "echosign",
                       "egnyte",
                       "newrelic",
                       "office365",
                       "salesforce",
                       "sentry",
                       "sharepoint",
                       "slack",
                       "springcm",
                       "zendesk",
                       "zoom",
                       "sso_integration",
                       "oag"},
                      "Kind of application")),
      enforced(flag("is_first_party", "Whether the client is the tenant owner's own")),
      kept("every client conforms here", flag("oidc_conformant", "Whether the client conforms to OIDC")),
      enforced(object_of("jwt_configuration",
                         {whole("lifetime_in_seconds", 1, 2592000, "Seconds of life of an ID token"),
                          kept("secrets are used as they stand; true is refused with HS256",
                               flag("secret_encoded", "Whether the client secret is base64 encoded")),
                          kept("tokens hold the scopes that were asked for", open_object("scopes", "Scopes")),
                          enforced("RS512 and PS256 are refused", one_of("alg", {"HS256", "RS256", "RS512", "PS256", "ES256"},
                                                                         "Algorithm that signs ID tokens"))},
                         "ID token settings")),
      refused("{}", "encrypted tokens are not served here",
              nullable(object_of("encryption_key",
                                 {text("pub", "Public key"), text("cert", "Certificate"), text("subject", "Subject")},
                                 "Encryption key of the client"))),
      kept("single sign-on is the tenant's setting", flag("sso", "Legacy single sign-on flag")),
      kept(kNoCrossOrigin, flag("cross_origin_authentication", "Whether cross-origin authentication requests are allowed")),
      kept(kNoCrossOrigin, text("cross_origin_loc", "URL of the cross-origin verification page")),
      refused("false", "single sign-on cannot be switched off per client here",
              flag("sso_disabled", "Whether single sign-on is off")),
      kept(kOneLook, flag("custom_login_page_on", "Whether the custom login page is used")),
      kept(kOneLook, text("custom_login_page", "Custom login page")),
      kept(kOneLook, text("custom_login_page_preview", "Custom login page preview")),
      kept(kOneLook, text("form_template", "Template of the WS-Federation form")),
      enforced(at_most(open_object("client_metadata", "Metadata of the client"), 10)),
      kept("no links of applications are published here",
           object_of("mobile",
                     {object_of("android",
                                {text("app_package_name", "Package name"),
                                 list_of("sha256_cert_fingerprints", text("", "Fingerprint"), "Certificate fingerprints")},
                                "Android settings"),
                      object_of("ios", {text("team_id", "Team ID"), text("app_bundle_identifier", "Bundle identifier")},
                                "iOS settings")},
                     "Mobile settings")),
      enforced({.name = "initiate_login_uri",
                .description = "URL where a login begins",
                .format = Format::absolute_https_uri_with_placeholders_or_empty}),
      kept("people sign in by user databases here",
           object_of("native_social_login", {enabled("apple"), enabled("facebook"), enabled("google")}, "Native social login")),
      refresh_token(),
      refused("{}", "client credentials for an organization are not served here",
              nullable(object_of("default_organization",
                                 {required(text("organization_id", "Organization")),
                                  required(list_of("flows", one_of("", {"client_credentials"}, "Flow"), "Flows"))},
                                 "Default organization"))),
      enforced(one_of("organization_usage", {"deny", "allow", "require"}, "How organizations are used")),
      refused(R"("no_prompt")", "no page asks for an organization here; applications send it as a parameter",
              one_of("organization_require_behavior", {"no_prompt", "pre_login_prompt", "post_login_prompt"},
                     "How an organization is asked for")),
      kept("people are not sent to an organization by their address here",
           {.name = "organization_discovery_methods",
            .type = Type::array,
            .description = "How an organization is found",
            .nullable = true,
            .min_length = 1,
            .items = {one_of("", {"email", "organization_name"}, "Method")}}),
      enforced(flag("require_pushed_authorization_requests", "Whether pushed authorization requests are required")),
      enforced(flag("require_proof_of_possession", "Whether proof of possession is required")),
      refused(R"("none")", "FAPI profiles are not enforced here",
              nullable(one_of("compliance_level",
                              {"none", "fapi1_adv_pkj_par", "fapi1_adv_mtls_par", "fapi2_sp_pkj_mtls", "fapi2_sp_mtls_mtls"},
                              "FAPI compliance level"))),
      refused("true", "the confirmation prompt is not served here",
              nullable(flag("skip_non_verifiable_callback_uri_confirmation_prompt",
                            "Whether callbacks of custom schemes and localhost need no confirmation"))),
      enforced(nullable(object_of("token_exchange",
                                  {enforced("on_behalf_of_token_exchange is refused",
                                            list_of("allow_any_profile_of_type",
                                                    one_of("", {"custom_authentication", "on_behalf_of_token_exchange"}, "Type"),
                                                    "Token exchange profile types"))},
                                  "Token exchange settings"))),
      enforced(nullable(whole("par_request_expiry", 10, 600, "Seconds of life of a pushed authorization request"))),
      enforced(one_of("redirection_policy", {"allow_always", "open_redirect_protection"},
                      "How errors of third-party clients are redirected")),
      refused("{}", kNoFeature, nullable(open_object("express_configuration", "Express configuration"))),
      refused("{}", kNoFeature, nullable(open_object("my_organization_configuration", "My Organization configuration"))),
      refused("{}", kNoFeature, nullable(open_object("fedcm_login", "FedCM login"))),
      kept("nobody is asked for an approval elsewhere",
           nullable(list_of("async_approval_notification_channels", text("", "Channel"), "Channels of asynchronous approval"))),
      refused("{}", kNoFeature, nullable(open_object("token_vault_privileged_access", "Token Vault privileged access"))),
      refused("{}", kNoFeature, nullable(open_object("token_quota", "Token quota"))),
      refused("{}", kNoFeature, nullable(open_object("b2b_integration_configuration", "Integration with self-service profiles"))),
      refused(R"({"active":false})", kNoFeature,
              nullable(open_object("identity_assertion_authorization_grant", "Identity assertion grant"))),
      addons_field(),
  };
}

Fields with(Fields fields, Fields more) {
  for (auto& field : more) fields.push_back(std::move(field));
  return fields;
}

Field third_party_security_mode() {
  return enforced(one_of("third_party_security_mode", {"strict", "permissive"}, "Security mode of third-party clients"));
}

Fields create_fields() {
  auto out = with(common_fields(), keyed_fields(whole_credential(), 1));
  out.push_back(refused(R"("")", "clients of resource servers are not served here",
                        at_most(text("resource_server_identifier", "Identifier of the API that the client is"), 600)));
  out.push_back(third_party_security_mode());
  return out;
}

Fields update_fields() {
  auto out = all_optional(with(common_fields(), keyed_fields(credential_id(), 0)));
  Field secret = enforced(text("client_secret", "The client's secret"));
  secret.min_length = 1;
  secret.max_length = 1024;
  out.push_back(secret);
  out.push_back(third_party_security_mode());
  // A part of these objects is merged into what is stored, so nothing in them is required.
  for (auto& field : out) {
    if (field.name == "refresh_token") field.members = all_optional(field.members);
  }
  return out;
}

}  // namespace

const Schema& client_create_schema() {
  static const Schema schema = object_schema("ClientCreate", create_fields());
  return schema;
}

const Schema& client_update_schema() {
  static const Schema schema = object_schema("ClientUpdate", update_fields());
  return schema;
}

const Schema& client_credential_create_schema() {
  static const Schema schema{"ClientCredentialCreate", enforced(whole_credential())};
  return schema;
}

const Schema& client_credential_update_schema() {
  static const Schema schema =
      object_schema("ClientCredentialUpdate",
                    {enforced(required(nullable(text("expires_at", "When the credential expires, ISO 8601; null: never"))))});
  return schema;
}

const std::vector<std::string>& client_answer_fields() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const auto& field : create_fields()) out.push_back(field.name);
    for (const auto* name :
         {"client_id", "client_secret", "tenant", "global", "signing_keys", "jwks_uri", "external_client_id",
          "external_metadata_type", "external_metadata_created_by", "owners", "callback_url_template", "cross_origin_auth"}) {
      out.emplace_back(name);
    }
    return out;
  }();
  return names;
}

}  // namespace segue::management
