#include "app/dependency_folders.h"

#include "base/log.h"
#include "store/action_modules.h"
#include "store/actions.h"

namespace segue::app {

bool DependencyFolders::is_needed(const std::string& version_id) const {
  for (const auto tenant : tenants_.list()) {
    const bool has = tenants_.store().read(tenant, [&](const store::Reader& r) {
      return store::actions::has_version(r, version_id) || store::action_modules::has_version(r, version_id);
    });
    if (has) return true;
  }
  return false;
}

bool DependencyFolders::sweep() {
  std::map<std::string, base::Instant> orphans;
  const auto now = clock_.now();
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
    const auto name = entry.path().filename().string();
    if (is_needed(name)) continue;
    const auto known = orphans_.find(name);
    const auto since = known == orphans_.end() ? now : known->second;
    if (now - since < kGrace) {
      orphans.emplace(name, since);
      continue;
    }
    std::error_code problem;
    std::filesystem::remove_all(entry.path(), problem);
    if (!problem) continue;
    base::log::warn("packages of an Action that is gone could not be removed",
                    {{"folder", entry.path().string()}, {"what", problem.message()}});
    orphans.emplace(name, now);  // once more, later
  }
  orphans_ = std::move(orphans);
  return false;
}

}  // namespace segue::app
