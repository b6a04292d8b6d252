// Installs the npm packages that an Action version depends on: exact versions, no install scripts, by npm in a sandbox that can
// fill one folder and reach the registry through the proxy, and nothing else.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "actions/sandbox.h"
#include "model/action.h"

namespace segue::actions {

// The name of a public package and an exact version of it; the error says what is wrong.
base::Outcome check_dependency(const model::ActionDependency& dependency);

struct InstallerOptions {
  std::string folder;        // in which each version has one of its own
  std::string npm = "npm";   // a path, or a name in /usr/bin and /usr/local/bin
  std::string registry;      // empty: npm's own default
  std::string proxy_socket;  // empty: no network in the sandbox
  std::chrono::seconds time_limit{120};
  std::int64_t most_bytes = 256 * 1024 * 1024;  // of a version's packages
};

struct Installed {
  std::string folder;    // Action::folder
  std::string lockfile;  // package-lock.json without addresses: give it to install the same packages from any registry
};

class Installer {
 public:
  Installer(const Sandbox& sandbox, const InstallerOptions& options);

  // Why it cannot install; empty when it can.
  const std::string& problem() const { return problem_; }
  // Fills the version's folder, which appears when it is complete. Takes seconds. `lockfile` may be empty.
  base::Result<Installed> install(std::string_view version_id, const std::vector<model::ActionDependency>& dependencies,
                                  std::string_view lockfile = {}) const;
  // The folder that install() made; empty when this node has none.
  std::string find(std::string_view version_id) const;
  void remove(std::string_view version_id) const;

 private:
  std::string find_npm();
  Program program(const std::string& folder, bool locked) const;
  base::Outcome run_npm(const std::string& folder, bool locked) const;

  const Sandbox& sandbox_;
  const InstallerOptions options_;
  std::string node_, npm_, filter_, problem_;
};

// A package-lock.json with the exact versions and hashes of all packages, and without where they were fetched: what is kept must
// not say whose registry the operator uses, and another node may use another. Empty when it is none.
std::string portable_lockfile(std::string_view lockfile);

// What npm printed, without what is of no use to who reads it.
std::string npm_error(std::string_view output);

}  // namespace segue::actions
