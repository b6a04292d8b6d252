#include "management/connection_rules.h"

#include "management/errors.h"

namespace segue::management {
namespace {

constexpr const char* kNoMethod = "this method is not served here";
constexpr const char* kNoScripts = "custom databases are not served here";
constexpr const char* kNoRule = "this password rule is not enforced here";
constexpr const char* kAlwaysCounted = "guesses are counted as the attack protection of the tenant says";

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

}  // namespace

Field connection_options_field() {
  return {
      .name = "options",
      .type = Type::object,
      .description = "Options of the connection",
      .members = {
          refused("[]", "attributes of database users are always stored", option_strings("non_persistent_attrs", 255, 96)),
          refused("{}", "flexible identifiers are not served here; use requires_username", option_open("attributes")),
          option_object(
              "authentication_methods",
              {option_object("password", {refused("true", "passwords are the only method served here", option_flag("enabled")),
                                          kept("an account without a password cannot be opened here", {.name = "api_behavior"}),
                                          enforced({.name = "signup_behavior"})}),
               option_object("passkey", {refused("false", kNoMethod, option_flag("enabled"))}),
               option_object("email_otp", {refused("false", kNoMethod, option_flag("enabled"))}),
               option_object("phone_otp", {refused("false", kNoMethod, option_flag("enabled"))})}),
          kept(kAlwaysCounted, option_flag("brute_force_protection")),
          refused("{}", "it holds secrets of custom databases, which are not served here", option_open("configuration")),
          refused("{}", kNoScripts, option_open("customScripts")),
          enforced(option_flag("disable_self_service_change_password")),
          enforced(option_flag("disable_signup")),
          kept(kNoScripts, option_flag("enable_script_context")),
          refused("false", kNoScripts, option_flag("enabledDatabaseCustomization")),
          refused("false", kNoScripts, option_flag("import_mode")),
          kept("this server asks for no second factor",
               option_object("mfa", {option_flag("active"), option_flag("return_enroll_settings")})),
          kept(kNoMethod, option_object("passkey_options", {{.name = "challenge_ui", .one_of = {"both", "autofill", "button"}},
                                                            option_flag("progressive_enrollment_enabled"),
                                                            option_flag("local_enrollment_enabled")})),
          enforced({.name = "passwordPolicy", .nullable = true, .one_of = {"none", "low", "fair", "good", "excellent"}}),
          enforced(option_object("password_complexity_options",
                                 {{.name = "min_length", .type = Type::integer, .minimum = 1, .maximum = 128}})),
          kept(kNoRule, option_object("password_dictionary", {refused("false", kNoRule, required_flag("enable")),
                                                              option_strings("dictionary", 50, 200)})),
          kept(kNoRule,
               option_object("password_history", {refused("false", kNoRule, required_flag("enable")),
                                                  {.name = "size", .type = Type::integer, .minimum = 0, .maximum = 24}})),
          kept(kNoRule, option_object("password_no_personal_info", {refused("false", kNoRule, required_flag("enable"))})),
          refused("{}", "these password rules are not enforced here; use passwordPolicy", option_open("password_options")),
          kept("people are found by address, then by user name",
               {.name = "precedence",
                .type = Type::array,
                .min_length = 3,
                .max_length = 3,
                .items = {{.name = "", .one_of = {"email", "phone_number", "username"}}}}),
          kept("a name names one connection here", option_flag("realm_fallback")),
          enforced(option_flag("requires_username")),
          kept("there is one version of this strategy here", {.name = "strategy_version", .type = Type::integer}),
          kept("attributes come from no other identity provider here",
               {.name = "set_user_root_attributes", .one_of = {"on_each_login", "on_first_login", "never_on_login"}}),
          kept("people are sent to no other identity provider here", option_open("upstream_params")),
          refused("{}", "passwords are hashed in one way here; an import may bring hashes of others",
                  option_open("custom_password_hash")),
          enforced(option_object(
              "validation", {option_object("username", {{.name = "min", .type = Type::integer, .minimum = 1, .maximum = 128},
                                                        {.name = "max", .type = Type::integer, .minimum = 1, .maximum = 128}})})),
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
  return base::Unit{};
}

}  // namespace segue::management
