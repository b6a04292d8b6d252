#include "management/tenant_rules.h"

#include <algorithm>

#include "management/answers.h"
#include "management/errors.h"
#include "management/tenant_fields.h"
#include "sessions/lifetimes.h"

namespace segue::management {
namespace tenant_rules {
namespace {

constexpr sessions::LifetimeSetting kLifetimes[] = {sessions::kSessionLifetime, sessions::kIdleSessionLifetime,
                                                    sessions::kEphemeralLifetime, sessions::kIdleEphemeralLifetime};

// A setting that can have one value here, and why. Settings of features that are not served at all (passwordless, phone
// numbers, the dashboard) are kept: there is nothing that they could change.
struct Fixed {
  std::string_view group, name;  // group: the object it stands in, or ""
  bool value;
  std::string_view reason;
};
constexpr Fixed kFixed[] = {
    {"change_password", "enabled", false, "custom pages are not served here"},
    {"guardian_mfa_page", "enabled", false, "custom pages are not served here"},
    {"flags", "change_pwd_flow_v1", false, "the older flow is not served here"},
    {"flags", "enable_client_connections", false, "a connection serves the clients that its enabled_clients names"},
    {"flags", "allow_legacy_delegation_grant_types", false, "legacy grants are not served here"},
    {"flags", "allow_legacy_ro_grant_types", false, "legacy grants are not served here"},
    {"flags", "allow_legacy_tokeninfo_endpoint", false, "the legacy endpoint is not served here"},
    {"flags", "enable_legacy_profile", false, "tokens hold the claims of OpenID Connect"},
    {"flags", "enable_idtoken_api2", false, "the Management API takes access tokens"},
    {"flags", "disable_clickjack_protection_headers", false, "pages are always protected from framing"},
    {"flags", "remove_alg_from_jwks", false, "keys always name their algorithm"},
    {"flags", "enable_dynamic_client_registration", false, "dynamic client registration is not served here"},
    {"mtls", "enable_endpoint_aliases", false, "mutual TLS is not served here"},
    {"", "customize_mfa_in_postlogin_action", false, "Actions are not served here"},
    {"", "pushed_authorization_requests_supported", true, "pushed authorization requests are always served"},
    {"", "authorization_response_iss_parameter_supported", true, "authorization responses always name the issuer (RFC 9207)"},
    {"", "skip_non_verifiable_callback_uri_confirmation_prompt", true, "the confirmation prompt is not served here"},
    {"", "client_id_metadata_document_supported", false, "client metadata documents are not served here"},
    {"", "include_session_metadata_in_tenant_logs", false, "session metadata is not written to the log here"},
};

base::Outcome check_fixed(const json::object& settings) {
  for (const auto& rule : kFixed) {
    const auto* const from = rule.group.empty() ? &settings : json::find_object(settings, rule.group);
    if (from == nullptr || json::find_bool(*from, rule.name).value_or(rule.value) == rule.value) continue;
    const auto path = (rule.group.empty() ? std::string() : std::string(rule.group) + ".") + std::string(rule.name);
    return invalid_body(path + (rule.value ? " false" : " true") + " is refused: " + std::string(rule.reason));
  }
  return base::Unit{};
}

base::Outcome check_not_served(const json::object& settings) {
  if (const auto* const page = json::find_object(settings, "error_page")) {
    for (const auto* name : {"html", "url"}) {
      if (!json::find_string(*page, name).value_or("").empty())
        return invalid_body(std::string("error_page.") + name + " is refused: custom pages are not served here");
    }
  }
  for (const auto* name : {"default_token_quota", "security_headers", "country_codes"}) {
    if (const auto* const set = json::find_object(settings, name); set != nullptr && !set->empty())
      return invalid_body(std::string(name) + " is refused: the feature is not served here");
  }
  if (const auto* const acr = json::find(settings, "acr_values_supported"); acr && acr->is_array() && !acr->get_array().empty())
    return invalid_body("acr_values_supported is refused: authentication contexts are not served here");
  return base::Unit{};
}

// contract §5.4. Fewer characters could be guessed while a person is typing.
base::Outcome check_device_flow(const json::object& settings) {
  const auto* const flow = json::find_object(settings, "device_flow");
  const auto mask = flow != nullptr ? json::find_string(*flow, "mask") : std::nullopt;
  if (!mask) return base::Unit{};
  const auto shortest = json::find_string(*flow, "charset") == "digits" ? 9 : 8;
  if (std::count(mask->begin(), mask->end(), '*') >= shortest && mask->find_first_not_of("*- ") == std::string::npos)
    return base::Unit{};
  return invalid_body("device_flow.mask: at least " + std::to_string(shortest) +
                      " of * for this charset are needed, with - and spaces between them");
}

// contract §6.4: one form at a time; a value above the limit is clamped to it.
base::Outcome take_lifetimes(json::object& patch) {
  for (const auto& setting : kLifetimes) {
    const std::string hours(setting.name), minutes = hours + "_in_minutes";
    const auto* const in_hours = json::find(patch, hours);
    const auto* const in_minutes = json::find(patch, minutes);
    if (in_hours != nullptr && in_minutes != nullptr) return invalid_body("Cannot set both " + hours + " and " + minutes);
    if (in_hours == nullptr && in_minutes == nullptr) continue;
    const auto wanted = in_hours != nullptr ? in_hours->to_number<double>() : in_minutes->to_number<double>() / 60.0;
    if (wanted * 60.0 < 1.0) return invalid_body(hours + ": a minute at least is needed");
    patch.erase(minutes);
    patch[hours] = sessions::to_hours(sessions::clamped(setting, wanted));
  }
  return base::Unit{};
}

void set_default(json::object& o, std::string_view name, json::value v) {
  if (json::find(o, name) == nullptr) o[name] = std::move(v);
}

}  // namespace
}  // namespace tenant_rules

base::Result<json::object> changed_settings(json::object settings, const json::object& patch) {
  auto change = patch;
  TRY(tenant_rules::take_lifetimes(change));
  if (const auto* const flags = json::find_object(change, "flags")) {
    auto merged = json::find_object(settings, "flags") != nullptr ? *json::find_object(settings, "flags") : json::object{};
    merge_patch(merged, *flags, 1);
    change["flags"] = std::move(merged);
  }
  merge_patch(settings, change, 1);
  TRY(tenant_rules::check_fixed(settings));
  TRY(tenant_rules::check_not_served(settings));
  TRY(tenant_rules::check_device_flow(settings));
  return settings;
}

json::object settings_answer(json::object settings) {
  using tenant_rules::set_default;
  for (const auto& setting : tenant_rules::kLifetimes) set_default(settings, setting.name, sessions::to_hours(setting.standard));
  auto& flags = settings["flags"];
  if (!flags.is_object()) flags.emplace_object();
  set_default(flags.get_object(), "enable_sso", true);
  set_default(flags.get_object(), "revoke_refresh_token_grant", false);
  set_default(flags.get_object(), "use_scope_descriptions_for_consent", false);
  for (const auto* name :
       {"default_audience", "default_directory", "friendly_name", "picture_url", "support_email", "support_url"})
    set_default(settings, name, "");
  set_default(settings, "allowed_logout_urls", json::array{});
  set_default(settings, "enabled_locales", json::array{"en"});
  set_default(settings, "session_cookie", json::object{{"mode", "persistent"}});
  set_default(settings, "oidc_logout", json::object{{"rp_logout_end_session_endpoint_discovery", true}});
  set_default(settings, "sandbox_version", "22");
  settings["sandbox_versions_available"] = json::array{"22"};
  return in_order_of(tenant_update_schema().root, std::move(settings));
}

}  // namespace segue::management
