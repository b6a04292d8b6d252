#include "management/action_fields.h"

namespace segue::management {
namespace {

using Fields = std::vector<Field>;

// contract §8.3
constexpr std::size_t kMostSecrets = 30;
constexpr std::size_t kLongestSecretName = 128;
constexpr std::size_t kLongestSecretValue = 4096;
constexpr std::size_t kMostDependencies = 10;
constexpr std::size_t kMostBindings = 20;
constexpr std::size_t kLongestModuleCode = 65536;
constexpr std::size_t kMostModules = 10;

Field list_of(std::string name, std::string description, std::size_t most, Fields members) {
  return {.name = std::move(name),
          .type = Type::array,
          .description = std::move(description),
          .max_length = most,
          .items = {{.name = "", .type = Type::object, .members = std::move(members)}}};
}

Field trigger_field() {
  Fields members{{.name = "id", .description = "Trigger ID", .required = true, .one_of = contract_triggers()},
                 {.name = "version", .description = "Trigger version"},
                 {.name = "status", .description = "Trigger status"},
                 {.name = "runtimes", .type = Type::array, .description = "Runtimes", .items = {{.name = ""}}},
                 {.name = "default_runtime", .description = "Default runtime"},
                 {.name = "compatible_triggers", .type = Type::array, .description = "Triggers whose Actions run here too"},
                 {.name = "binding_policy", .description = "Binding policy", .one_of = {"trigger-bound", "entity-bound"}}};
  auto out = enforced(list_of("supported_triggers", "The trigger that the Action runs at", 1, std::move(members)));
  out.min_length = 1;
  return out;
}

Field dependencies_field() {
  return enforced(list_of("dependencies", "npm packages", kMostDependencies,
                          {{.name = "name", .description = "Package name", .required = true, .max_length = 214},
                           {.name = "version", .description = "Exact version", .required = true, .max_length = 64},
                           refused(R"("")", "packages come from the registry that this server's operator chose",
                                   {.name = "registry_url", .description = "Registry"})}));
}

Field secrets_field() {
  return enforced(list_of(
      "secrets", "Secrets", kMostSecrets,
      {{.name = "name", .description = "Secret name", .required = true, .min_length = 1, .max_length = kLongestSecretName},
       {.name = "value", .description = "Secret value", .max_length = kLongestSecretValue},
       // As it was read: the Go client sends a secret back whole.
       {.name = "updated_at", .description = "Read-only"}}));
}

Fields action_fields() {
  return {enforced({.name = "name", .description = "The name of the Action", .min_length = 1, .max_length = 255}),
          trigger_field(),
          enforced({.name = "code", .description = "The source code of the Action"}),
          dependencies_field(),
          enforced({.name = "runtime", .description = "The Node.js runtime"}),
          secrets_field(),
          enforced(
              list_of("modules", "Modules that the Action requires", kMostModules,
                      {{.name = "module_id", .description = "Module ID"},
                       {.name = "module_name", .description = "Module name"},
                       {.name = "module_version_id", .description = "Module version ID"},
                       {.name = "module_version_number", .type = Type::integer, .description = "Module version", .minimum = 1}})),
          enforced({.name = "deploy", .type = Type::boolean, .description = "Whether it is deployed as well"})};
}

Fields required(Fields fields, std::initializer_list<std::string_view> names) {
  for (auto& field : fields) {
    for (const auto name : names) field.required = field.required || field.name == name;
  }
  return fields;
}

Fields module_fields() {
  return {enforced({.name = "code", .description = "The source code of the module", .max_length = kLongestModuleCode}),
          secrets_field(), dependencies_field()};
}

Fields module_create_fields() {
  auto out = module_fields();
  out.insert(out.begin(),
             enforced({.name = "name", .description = "The name of the module", .min_length = 1, .max_length = 255}));
  out.push_back(
      kept("there is one version of modules here", {.name = "api_version", .description = "API version", .max_length = 20}));
  out.push_back(enforced({.name = "publish", .type = Type::boolean, .description = "Whether a version is published as well"}));
  return required(std::move(out), {"name", "code"});
}

Fields binding_fields() {
  return {enforced({.name = "ref",
                    .type = Type::object,
                    .description = "The Action that is bound",
                    .required = true,
                    .members = {{.name = "type",
                                 .description = "How it is named",
                                 .required = true,
                                 .one_of = {"binding_id", "action_id", "action_name"}},
                                {.name = "value", .description = "Id or name", .required = true, .min_length = 1}}}),
          enforced({.name = "display_name", .description = "The name of the binding", .min_length = 1, .max_length = 255}),
          secrets_field()};
}

}  // namespace

std::vector<std::string> contract_triggers() {
  return {"post-login",
          "credentials-exchange",
          "pre-user-registration",
          "post-user-registration",
          "post-change-password",
          "send-phone-message",
          "custom-phone-provider",
          "custom-email-provider",
          "password-reset-post-challenge",
          "custom-token-exchange",
          "event-stream",
          "password-hash-migration",
          "mcp-tool",
          "login-post-identifier",
          "signup-post-identifier"};
}

std::vector<Field> actions_page_query(std::vector<Field> own) {
  own.push_back(
      {.name = "page", .type = Type::integer, .description = "Page index, zero based", .minimum = 0, .maximum = 1000000});
  own.push_back({.name = "per_page", .type = Type::integer, .description = "Results per page", .minimum = 1, .maximum = 100});
  return own;
}

const Schema& action_create_schema() {
  static const Schema schema = object_schema("ActionCreate", required(action_fields(), {"name", "supported_triggers"}));
  return schema;
}
const Schema& action_update_schema() {
  static const Schema schema = object_schema("ActionUpdate", action_fields());
  return schema;
}
const Schema& action_test_schema() {
  static const Schema schema = object_schema("ActionTest", {enforced({.name = "payload",
                                                                      .type = Type::object,
                                                                      .description = "What the Action is called with",
                                                                      .required = true,
                                                                      .open = true})});
  return schema;
}
const Schema& action_rollback_schema() {
  // The tools send no body as well as an empty one.
  static const Schema schema{
      "ActionRollback",
      {.name = "",
       .type = Type::object,
       .nullable = true,
       .members = {enforced(
           {.name = "update_draft", .type = Type::boolean, .description = "Whether the draft becomes this version too"})}}};
  return schema;
}
const Schema& bindings_schema() {
  static const Schema schema = object_schema(
      "BindingsUpdate", required({enforced(list_of("bindings", "The Actions of the trigger in the order in which they run",
                                                   kMostBindings, binding_fields()))},
                                 {"bindings"}));
  return schema;
}
const Schema& module_create_schema() {
  static const Schema schema = object_schema("ActionModuleCreate", module_create_fields());
  return schema;
}
const Schema& module_update_schema() {
  static const Schema schema = object_schema("ActionModuleUpdate", module_fields());
  return schema;
}
const Schema& module_rollback_schema() {
  static const Schema schema =
      object_schema("ActionModuleRollback",
                    {enforced({.name = "module_version_id", .description = "The version to go back to", .required = true})});
  return schema;
}

}  // namespace segue::management
