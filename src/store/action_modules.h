// Modules: code that Actions share (contract §8.2). An Action names a version, which never changes, so no change here changes
// what runs.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/action.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::action_modules {

// With the latest version, if one is published.
std::optional<model::ActionModule> find(const Reader& r, std::string_view module_id);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::ActionModule> find_for_change(const Writer& w, std::string_view module_id);
std::vector<model::ActionModule> list_page(const Reader& r, const Offset& offset);  // by creation
std::int64_t count(const Reader& r);

bool insert(const Writer& w, const model::ActionModule& module);  // false: the name is taken
bool update_draft(const Writer& w, const model::ActionModule& module);
// With its versions and secrets. Whoever calls it knows that no Action uses the module.
bool delete_one(const Writer& w, std::string_view module_id);

// Adds the version and makes it the latest. Its number is the caller's, who has locked the module.
void publish(const Writer& w, const model::ActionModuleVersion& version);
// As the code of an Action requires it, with its sealed secrets.
model::RunnableModule runnable(const Reader& r, const std::string& name, const model::ActionModuleVersion& version);
// What npm installed for the version; empty: nothing is kept.
std::string lockfile(const Reader& r, std::string_view module_id, std::string_view version_id);
// Of any module.
bool has_version(const Reader& r, std::string_view version_id);
// Forgets the secrets that neither the draft nor a version names.
void forget_unused_secrets(const Writer& w, std::string_view module_id);

std::optional<model::ActionModuleVersion> find_version(const Reader& r, std::string_view module_id, std::string_view version_id);
std::vector<model::ActionModuleVersion> list_versions(const Reader& r, std::string_view module_id,
                                                      const Offset& offset);  // newest first
std::int64_t count_versions(const Reader& r, std::string_view module_id);

}  // namespace segue::store::action_modules
