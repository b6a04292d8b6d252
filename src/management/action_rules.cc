#include "management/action_rules.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/text.h"
#include "management/errors.h"
#include "model/action_trigger.h"
#include "store/action_modules.h"
#include "store/action_secrets.h"
#include "store/tenants.h"

namespace segue::management {
namespace {

constexpr std::size_t kLongestCode = 100 * 1024;  // contract §8.3

const json::array* find_list(const json::object& body, std::string_view name) {
  const auto* const found = json::find(body, name);
  return found != nullptr && found->is_array() ? &found->get_array() : nullptr;
}
std::string text_of(const json::object& o, std::string_view name) { return json::find_string(o, name).value_or(""); }

base::Result<model::ActionDependency> read_dependency(const json::object& o) {
  model::ActionDependency out{text_of(o, "name"), text_of(o, "version")};
  if (!model::is_package_name(out.name)) return refused("dependencies: \"" + out.name + "\" is no name of an npm package");
  if (!model::is_exact_version(out.version)) {
    return refused("dependencies: \"" + out.version + "\" is refused as the version of " + out.name +
                   ": what runs must not change by itself. Name one exact version such as 1.2.3; `npm view " + out.name +
                   " version` tells the newest");
  }
  return out;
}

base::Result<model::ActionModuleReference> read_module(const store::Reader& r, const json::object& wanted) {
  auto module_id = text_of(wanted, "module_id");
  const auto name = text_of(wanted, "module_name");
  std::optional<model::ActionModule> module;
  if (!module_id.empty()) {
    module = store::action_modules::find(r, module_id);
  } else {
    for (auto& each : store::action_modules::list_page(r, {0, kMostActionModules})) {
      if (each.name == name) module = std::move(each);
    }
  }
  if (!module) return refused("modules: there is no module \"" + (module_id.empty() ? name : module_id) + "\"");
  const auto version_id = text_of(wanted, "module_version_id");
  const auto number = json::find_integer(wanted, "module_version_number");
  std::optional<model::ActionModuleVersion> version;
  if (!version_id.empty()) {
    version = store::action_modules::find_version(r, module->module_id, version_id);
  } else if (number) {
    for (auto& each : store::action_modules::list_versions(r, module->module_id, {0, kMostVersions})) {
      if (each.number == *number) version = std::move(each);
    }
  } else {
    version = module->latest_version;
  }
  if (!version) return refused("modules: " + module->name + " has no such published version. Publish one first");
  return model::ActionModuleReference{module->module_id, module->name, version->version_id, version->number};
}

}  // namespace

base::Error refused(std::string message, base::Origin origin) {
  return {.kind = base::ErrorKind::invalid_input, .code = "", .description = std::move(message), .origin = origin};
}

base::Error too_many_entities(std::string_view what, int most) {
  return {.kind = base::ErrorKind::forbidden,
          .code = "",
          .description = "You reached the limit of entities of this type for this tenant: " + std::to_string(most) + " " +
                         std::string(what)};
}

void one_at_a_time(const store::Writer& w) {
  if (!store::tenants::find_for_change(w)) throw base::Bug("a tenant without a row");
}

std::string new_uuid(base::Random& random) {
  auto bytes = random.bytes<16>();
  // RFC 9562 §5.4
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  auto out = base::hex(bytes);
  for (const auto at : {20, 16, 12, 8}) out.insert(static_cast<std::size_t>(at), 1, '-');
  return out;
}

base::Result<WantedTrigger> read_trigger(const json::object& body) {
  const auto* const list = find_list(body, "supported_triggers");
  if (list == nullptr || list->empty()) throw base::Bug("the schema asks for a trigger");
  const auto& wanted = list->front().get_object();
  const auto id = text_of(wanted, "id");
  const auto version = text_of(wanted, "version");
  const auto* const trigger = model::find_action_trigger(id);
  if (trigger == nullptr) {
    return refused("supported_triggers: \"" + id +
                   "\" is refused: what it belongs to is not served here, and an Action that never runs would seem to protect. "
                   "GET /api/v2/actions/triggers lists what is");
  }
  if (!version.empty() && version != trigger->version && version != trigger->compatible_version) {
    return refused("supported_triggers: version \"" + version + "\" of " + id + " is refused: Actions run as \"" +
                   std::string(trigger->version) + "\" here");
  }
  return WantedTrigger{id, version.empty() ? std::string(trigger->version) : version};
}

base::Outcome change_source(const json::object& body, model::ActionSource& source) {
  if (auto code = json::find_string(body, "code")) {
    if (code->size() > kLongestCode) return refused("code is longer than 100 kB. Move a part of it into a module or a package");
    source.code = std::move(*code);
  }
  if (auto runtime = json::find_string(body, "runtime")) {
    // Both run on Node.js 22: tenants that come from elsewhere keep what they say.
    if (*runtime != kDefaultActionRuntime && *runtime != "node18-actions") {
      return refused("runtime: \"" + *runtime + "\" is refused: Actions run on Node.js 22 here. Send \"" +
                     std::string(kDefaultActionRuntime) + "\"");
    }
    source.runtime = std::move(*runtime);
  }
  if (const auto* const list = find_list(body, "dependencies")) {
    source.dependencies.clear();
    for (const auto& item : *list) {
      auto dependency = TRY(read_dependency(item.get_object()));
      for (const auto& other : source.dependencies) {
        if (other.name == dependency.name) return refused("dependencies: " + other.name + " is named twice");
      }
      source.dependencies.push_back(std::move(dependency));
    }
  }
  return base::Unit{};
}

std::vector<model::ActionSecret> seal_secrets(const Services& services, const Invocation& invocation, const json::object& body) {
  std::vector<model::ActionSecret> out;
  const auto* const list = find_list(body, "secrets");
  if (list == nullptr) return out;
  for (const auto& item : *list) {
    const auto value = json::find_string(item.get_object(), "value");
    if (!value) continue;
    model::ActionSecret secret{.name = text_of(item.get_object(), "name"),
                               .secret_id = "as_" + services.random.text(24, base::kAlphanumeric),
                               .updated_at = invocation.now};
    const auto context = tenancy::seal_context(invocation.call.tenant, store::action_secrets::kSealPurpose, secret.secret_id);
    secret.sealed = services.key_file.seal(services.random, *value, context);
    out.push_back(std::move(secret));
  }
  return out;
}

base::Outcome change_secrets(const json::object& body, const std::vector<model::ActionSecret>& sealed,
                             model::ActionSource& source) {
  const auto* const list = find_list(body, "secrets");
  if (list == nullptr) return base::Unit{};
  const auto stored = std::exchange(source.secrets, {});
  const auto named = [](const std::vector<model::ActionSecret>& secrets, std::string_view name) {
    return std::find_if(secrets.begin(), secrets.end(), [&](const auto& secret) { return secret.name == name; });
  };
  for (const auto& item : *list) {
    const auto name = text_of(item.get_object(), "name");
    if (named(source.secrets, name) != source.secrets.end()) return refused("secrets: \"" + name + "\" is named twice");
    if (const auto found = named(sealed, name); found != sealed.end()) {
      source.secrets.push_back(*found);
    } else if (const auto kept = named(stored, name); kept != stored.end()) {
      source.secrets.push_back(*kept);
    } else {
      return refused("secrets: \"" + name + "\" has no value yet. Send one");
    }
  }
  return base::Unit{};
}

void insert_secrets(const store::Writer& w, std::string_view owner_id, const std::vector<model::ActionSecret>& sealed) {
  for (const auto& secret : sealed) store::action_secrets::insert(w, owner_id, secret);
}

base::Outcome change_modules(const store::Reader& r, const json::object& body, model::ActionSource& source) {
  const auto* const list = find_list(body, "modules");
  if (list == nullptr) return base::Unit{};
  source.modules.clear();
  for (const auto& item : *list) {
    auto module = TRY(read_module(r, item.get_object()));
    for (const auto& other : source.modules) {
      if (other.module_id == module.module_id) return refused("modules: " + module.module_name + " is named twice");
    }
    source.modules.push_back(std::move(module));
  }
  return base::Unit{};
}

std::vector<std::string> deployment_warnings(const Services& services, const model::RunnableAction& action) {
  const auto reads = [](const std::string& code) { return code.find("geoip") != std::string::npos; };
  const bool reads_place = reads(action.code) || std::any_of(action.modules.begin(), action.modules.end(),
                                                             [&](const auto& module) { return reads(module.code); });
  if (!reads_place || services.geoip.has_city()) return {};
  return {"The Action \"" + action.name +
          "\" reads geoip, and this server has no city database: every country, city and continent is undefined there, and two "
          "undefined ones compare as equal. Set geoip.city, or let the Action deny what is undefined"};
}

}  // namespace segue::management
