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
