// Actions and their versions (contract §8.2). What changes what runs raises the configuration version; a draft runs nowhere.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/action.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::actions {

// With the deployed version, if there is one.
std::optional<model::Action> find(const Reader& r, std::string_view action_id);
std::optional<model::Action> find_by_name(const Reader& r, std::string_view name);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::Action> find_for_change(const Writer& w, std::string_view action_id);

struct Filter {
  std::string trigger_id, name;  // empty: any
  std::optional<bool> deployed;
};
std::vector<model::Action> list_page(const Reader& r, const Filter& filter, const Offset& offset);  // by creation
std::int64_t count(const Reader& r, const Filter& filter = {});

enum class Written { done, taken, missing };
Written insert(const Writer& w, const model::Action& action);  // taken: the name is
// Name and draft; not what is deployed.
Written update(const Writer& w, const model::Action& action);
// With its versions, secrets, bindings and token-exchange profiles.
bool delete_one(const Writer& w, std::string_view action_id);

// Adds the version and makes it the one that runs. Its number is the caller's: last_number + 1 of an Action that it has locked.
void deploy(const Writer& w, const model::ActionVersion& version);
// The oldest versions beyond the newest `most`; never the deployed one.
std::int64_t prune_versions(const Writer& w, std::string_view action_id, int most);
// Forgets the secrets that neither the draft nor a version names.
void forget_unused_secrets(const Writer& w, std::string_view action_id);

std::optional<model::ActionVersion> find_version(const Reader& r, std::string_view action_id, std::string_view version_id);
std::vector<model::ActionVersion> list_versions(const Reader& r, std::string_view action_id,
                                                const Offset& offset);  // newest first
std::int64_t count_versions(const Reader& r, std::string_view action_id);

// What npm installed for the version; empty: nothing is kept.
std::string lockfile(const Reader& r, std::string_view action_id, std::string_view version_id);
// Of any Action.
bool has_version(const Reader& r, std::string_view version_id);

// Which Actions use which modules: the draft's reference, and the deployed version's where it is another.
struct ModuleUse {
  std::string action_id, action_name, trigger_id, trigger_version;
  model::ActionModuleReference module;
};
std::vector<ModuleUse> module_uses(const Reader& r);

// A version with everything that running it takes. A module or secret that is gone is left out: the code that wants it fails. A
// secret that brings its sealed value keeps it.
model::RunnableAction runnable(const Reader& r, const model::Action& action, const model::ActionVersion& version);

}  // namespace segue::store::actions
