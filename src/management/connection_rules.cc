#include "management/connection_rules.h"

#include "management/errors.h"

namespace segue::management {
namespace {

using Fields = std::vector<Field>;

Field option_flag(std::string name) { return {.name = std::move(name), .type = Type::boolean}; }
Field option_object(std::string name, Fields members) {
  return {.name = std::move(name), .type = Type::object, .nullable = true, .members = std::move(members)};
}
Field option_open(std::string name) { return {.name = std::move(name), .type = Type::object, .nullable = true, .open = true}; }
Field option_strings(std::string name, std::size_t longest, std::size_t most) {
  return {.name = std::move(name), .type = Type::array, .max_length = most, .items = {{.name = "", .max_length = longest}}};
}
Field required_flag(std::string name) { return {.name = std::move(name), .type = Type::boolean, .required = true}; }

bool is_on(const json::object& options, std::string_view object, std::string_view name) {
  const auto* const found = json::find_object(options, object);
  return found != nullptr && json::find_bool(*found, name).value_or(false);
}

bool sets_members(const json::object& o, std::string_view name) {
  const auto* const found = json::find_object(o, name);
  return found != nullptr && !found->empty();
}

base::Outcome check_options(const json::object& options) {
  const auto refused = [](const std::string& what, const std::string& why) {
    return invalid_body("options." + what + " is refused: " + why);
  };
  for (const auto* name : {"password_history", "password_dictionary", "password_no_personal_info"}) {
    if (is_on(options, name, "enable")) return refused(name, "this password rule is not enforced here");
  }
  if (sets_members(options, "password_options"))
    return refused("password_options", "these password rules are not enforced here; use passwordPolicy");
  if (sets_members(options, "attributes"))
    return refused("attributes", "flexible identifiers are not served here; use requires_username");
  if (sets_members(options, "customScripts") || json::find_bool(options, "enabledDatabaseCustomization").value_or(false) ||
      json::find_bool(options, "import_mode").value_or(false)) {
    return refused("customScripts", "custom databases are not served here");
  }
  if (sets_members(options, "configuration"))
    return refused("configuration", "it holds secrets of custom databases, which are not served here");
  if (const auto* const kept = json::find(options, "non_persistent_attrs");
      kept != nullptr && kept->is_array() && !kept->get_array().empty()) {
    return refused("non_persistent_attrs", "attributes of database users are always stored");
  }
  if (const auto* const methods = json::find_object(options, "authentication_methods")) {
    if (const auto* const password = json::find_object(*methods, "password");
        password != nullptr && !json::find_bool(*password, "enabled").value_or(true)) {
      return refused("authentication_methods.password.enabled false", "passwords are the only method served here");
    }
    for (const auto* name : {"passkey", "email_otp", "phone_otp"}) {
      if (is_on(*methods, name, "enabled"))
        return refused(std::string("authentication_methods.") + name, "this method is not served here");
    }
  }
  return base::Unit{};
}

}  // namespace

Field connection_options_field() {
  return {.name = "options",
          .type = Type::object,
          .description = "Options of the connection",
          .members = {
              option_strings("non_persistent_attrs", 255, 96),
              option_open("attributes"),
              option_object(
                  "authentication_methods",
                  {option_object("password", {option_flag("enabled"), {.name = "api_behavior"}, {.name = "signup_behavior"}}),
                   option_object("passkey", {option_flag("enabled")}), option_object("email_otp", {option_flag("enabled")}),
                   option_object("phone_otp", {option_flag("enabled")})}),
              option_flag("brute_force_protection"),
              option_open("configuration"),
              option_open("customScripts"),
              option_flag("disable_self_service_change_password"),
              option_flag("disable_signup"),
              option_flag("enable_script_context"),
              option_flag("enabledDatabaseCustomization"),
              option_flag("import_mode"),
              option_object("mfa", {option_flag("active"), option_flag("return_enroll_settings")}),
              option_object("passkey_options", {{.name = "challenge_ui", .one_of = {"both", "autofill", "button"}},
                                                option_flag("progressive_enrollment_enabled"),
                                                option_flag("local_enrollment_enabled")}),
              {.name = "passwordPolicy", .nullable = true, .one_of = {"none", "low", "fair", "good", "excellent"}},
              option_object("password_complexity_options",
                            {{.name = "min_length", .type = Type::integer, .minimum = 1, .maximum = 128}}),
              option_object("password_dictionary", {required_flag("enable"), option_strings("dictionary", 50, 200)}),
              option_object("password_history",
                            {required_flag("enable"), {.name = "size", .type = Type::integer, .minimum = 0, .maximum = 24}}),
              option_object("password_no_personal_info", {required_flag("enable")}),
              option_open("password_options"),
              {.name = "precedence",
               .type = Type::array,
               .min_length = 3,
               .max_length = 3,
               .items = {{.name = "", .one_of = {"email", "phone_number", "username"}}}},
              option_flag("realm_fallback"),
              option_flag("requires_username"),
              {.name = "strategy_version", .type = Type::integer},
              option_object("validation",
                            {option_object("username", {{.name = "min", .type = Type::integer, .minimum = 1, .maximum = 128},
                                                        {.name = "max", .type = Type::integer, .minimum = 1, .maximum = 128}})}),
          }};
}

void add_connection_defaults(json::object& document, const std::string& name) {
  json::object options{
      {"mfa", json::object{{"active", true}, {"return_enroll_settings", true}}},
      {"passwordPolicy", "good"},
      {"strategy_version", 2},
      {"authentication_methods",
       json::object{{"password", json::object{{"enabled", true}, {"api_behavior", "required"}, {"signup_behavior", "allow"}}},
                    {"passkey", json::object{{"enabled", false}}}}},
      {"passkey_options",
       json::object{{"challenge_ui", "both"}, {"progressive_enrollment_enabled", true}, {"local_enrollment_enabled", true}}},
      {"brute_force_protection", true},
      {"disable_self_service_change_password", false}};
  if (const auto* const given = json::find_object(document, "options")) {
    for (const auto& member : *given) options[member.key()] = member.value();
  }
  document["options"] = std::move(options);
  const auto set_default = [&](std::string_view key, json::value v) {
    if (json::find(document, key) == nullptr) document[key] = std::move(v);
  };
  set_default("is_domain_connection", false);
  set_default("authentication", json::object{{"active", true}});
  set_default("connected_accounts", json::object{{"active", false}});
  set_default("realms", json::array{name});
}

base::Outcome check_connection(const json::object& document, const std::string& name) {
  for (const auto& realm : json::find_strings(document, "realms")) {
    if (realm != name) return invalid_body("realms: only the connection's own name is served as a realm here");
  }
  if (const auto* const authentication = json::find_object(document, "authentication");
      authentication != nullptr && !json::find_bool(*authentication, "active").value_or(true)) {
    return invalid_body("authentication.active false is refused: disable the connection's clients to close it");
  }
  for (const auto* feature : {"connected_accounts", "cross_app_access_requesting_app"}) {
    if (is_on(document, feature, "active"))
      return invalid_body(std::string(feature) + ".active true is refused: the feature is not served here");
  }
  if (const auto* const options = json::find_object(document, "options")) TRY(check_options(*options));
  return base::Unit{};
}

}  // namespace segue::management
