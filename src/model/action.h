// Actions: code of the operator that runs at a trigger (contract §8). A draft is edited; what runs is a version of it, which
// never changes. Modules are code that Actions share.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/value.h"

namespace segue::model {

// One version of an npm package, exactly.
struct ActionDependency {
  std::string name, version;
  bool operator==(const ActionDependency&) const = default;
};

// npm's rules for a new package: lower case, no leading dot, dash or underscore, with or without a scope.
bool is_package_name(std::string_view name);
// semver.org §2, §9, §10: never a range, a tag or a URL.
bool is_exact_version(std::string_view version);

// A value is stored once and never changed: another value is another secret_id, so a version keeps what it was deployed with.
struct ActionSecret {
  std::string name;
  std::string secret_id;  // of the seal's context
  base::Instant updated_at{};
  std::string sealed = {};  // under the key file; only where the code is about to run
  bool operator==(const ActionSecret& other) const { return name == other.name && secret_id == other.secret_id; }
};

// Which version of a module an Action was written for.
struct ActionModuleReference {
  std::string module_id, module_name, module_version_id;
  std::int64_t module_version_number = 0;
  bool operator==(const ActionModuleReference&) const = default;
};

// What a draft and its versions have alike; modules leave runtime, trigger_version and modules empty.
struct ActionSource {
  std::string code;
  std::string runtime;          // "node22"
  std::string trigger_version;  // "v3"
  std::vector<ActionDependency> dependencies;
  std::vector<ActionSecret> secrets;
  std::vector<ActionModuleReference> modules;
  bool operator==(const ActionSource&) const = default;
};
// As the store keeps it; without sealed values.
json::object to_document(const ActionSource& source);
ActionSource action_source_from_document(const json::object& document);

struct ActionVersion {
  std::string action_id, version_id;
  std::int64_t number = 0;  // counts from 1 within the Action
  ActionSource source;
  base::Instant created_at{};  // built and deployed at the same time
  std::string lockfile = {};   // what npm made of the dependencies; written once, and read only with RunnableAction
};

struct Action {
  std::string action_id, name;
  std::string trigger_id;  // never changes
  ActionSource draft;
  std::int64_t last_number = 0;
  std::optional<ActionVersion> deployed_version;
  base::Instant created_at{}, updated_at{};

  bool all_changes_deployed() const { return deployed_version && deployed_version->source == draft; }
};

struct ActionModuleVersion {
  std::string module_id, version_id;
  std::int64_t number = 0;
  ActionSource source;
  base::Instant created_at{};
  std::string lockfile = {};  // as an Action's version has it
};

struct ActionModule {
  std::string module_id, name;
  ActionSource draft;
  std::optional<ActionModuleVersion> latest_version;
  base::Instant created_at{}, updated_at{};

  bool all_changes_published() const { return latest_version && latest_version->source == draft; }
};

// Place of an Action among those of its trigger.
struct ActionBinding {
  std::string binding_id, trigger_id, action_id, display_name;
  base::Instant created_at{}, updated_at{};
};

// A module as the code of an Action requires it.
struct RunnableModule {
  std::string name, version_id, code;
  std::vector<ActionDependency> dependencies;
  std::vector<ActionSecret> secrets;  // with their sealed values
  std::string lockfile = {};          // of the dependencies; empty: none is kept
};

// Everything that running an Action takes: one version with its modules and sealed secrets.
struct RunnableAction {
  std::string action_id, name, trigger_id;
  std::string version_id;  // names the code: a cache by it is never stale
  std::int64_t number = 0;
  std::string runtime, code;
  std::vector<ActionDependency> dependencies;
  std::vector<ActionSecret> secrets;  // with their sealed values
  std::vector<RunnableModule> modules;
  std::string lockfile = {};  // of the dependencies; empty: none is kept
};

// What is run at a trigger, in this order.
struct BoundAction {
  std::string binding_id, display_name;
  RunnableAction action;
};

// One run of a trigger's Actions, kept for ten days.
struct ActionExecution {
  std::string execution_id, trigger_id;
  std::string status = "final";  // unspecified, pending, final, partial, canceled, suspended
  json::array results;           // {action_name, error: {id, msg, url}, started_at, ended_at, logs}
  base::Instant created_at{}, updated_at{};
};

// Which Action answers a token exchange whose subject_token_type is this (contract §3.4).
struct TokenExchangeProfile {
  std::string profile_id;  // tep_…
  std::string name, subject_token_type, action_id;
  std::string type = "custom_authentication";
  base::Instant created_at{}, updated_at{};
};

}  // namespace segue::model
