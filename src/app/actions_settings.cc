#include "app/actions_settings.h"

#include <filesystem>

#include "base/text.h"

namespace segue::app {
namespace {

namespace fs = std::filesystem;

// What tools/node.sh fetched for the source tree that this binary was built in.
std::string node_of_source_tree() {
  std::error_code failure;
  const auto binary = fs::read_symlink("/proc/self/exe", failure);
  std::string newest;
  for (const auto& version : fs::directory_iterator(binary.parent_path().parent_path() / "node", failure)) {
    const auto node = version.path() / "bin" / "node";
    if (fs::exists(node, failure)) newest = std::max(newest, node.string());
  }
  return newest;
}

std::string find_node(const Config& config, const Environment& environment) {
  if (!config.actions_node.empty()) return config.actions_node;
  if (const auto own = node_of_source_tree(); !own.empty()) return own;
  for (const auto& folder : base::split(environment("PATH").value_or(""), ':')) {
    std::error_code failure;
    const auto node = fs::path(folder) / "node";
    if (fs::exists(node, failure)) return node.string();
  }
  return "";
}

}  // namespace

actions::SandboxOptions sandbox_options(const Config& config, const std::string& host_folder, const Environment& environment) {
  actions::SandboxOptions out;
  out.node = find_node(config, environment);
  out.host_folder = host_folder;
  out.ca_file = config.outbound_ca_file;
  out.memory_mb = config.actions_memory_mb;
  out.allow_unsandboxed = config.actions_allow_unsandboxed;
  return out;
}

actions::RunnerOptions runner_options(const Config& config, const std::string& host_folder, const Environment& environment) {
  actions::RunnerOptions out;
  out.sandbox = sandbox_options(config, host_folder, environment);
  out.pool.in_all = static_cast<int>(config.actions_processes);
  out.pool.per_tenant = static_cast<int>(config.actions_processes_per_tenant);
  out.limits.call = std::chrono::seconds(config.actions_time_limit);
  out.allow_network = config.actions_allow_network;
  out.proxy.allow_private = config.outbound_allow_private;
  return out;
}

actions::InstallerOptions installer_options(const Config& config, const DataFolder& folder, const std::string& proxy_socket) {
  return {.folder = (folder.actions() / "versions").string(),
          .npm = config.actions_npm,
          .registry = config.actions_npm_registry,
          .proxy_socket = proxy_socket};
}

}  // namespace segue::app
