// The npm packages of Actions on this node, one folder to a version: they go when no tenant has the version any more. A version
// goes by pruning, with its Action, with its module or with its tenant, at any node; a trial or an installation that died leaves
// a folder without one. So each node looks for itself.
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "base/clock.h"
#include "tenancy/tenants.h"

namespace segue::app {

class DependencyFolders {
 public:
  static constexpr auto kInterval = std::chrono::minutes(1);
  // A version is stored when its packages are installed and its code was loaded, and a call that began with it may last.
  static constexpr auto kGrace = std::chrono::minutes(10);

  DependencyFolders(std::filesystem::path folder, tenancy::Tenants& tenants, const base::Clock& clock)
      : folder_(std::move(folder)), tenants_(tenants), clock_(clock) {}

  // Removes what was nobody's for so long. False: that was all.
  bool sweep();

 private:
  bool is_needed(const std::string& version_id) const;

  const std::filesystem::path folder_;
  tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  std::map<std::string, base::Instant> orphans_;  // by name: since when they are known to be
};

}  // namespace segue::app
