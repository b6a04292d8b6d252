// The operator's settings of Actions as their runtime takes them.
#pragma once
#include <string>

#include "actions/host_files.h"
#include "actions/installer.h"
#include "actions/runner.h"
#include "app/config.h"
#include "app/data_folder.h"

namespace segue::app {

// `host_folder` is what actions::write_host_files returned.
actions::SandboxOptions sandbox_options(const Config& config, const std::string& host_folder, const Environment& environment);
actions::RunnerOptions runner_options(const Config& config, const std::string& host_folder, const Environment& environment);
// `proxy_socket` is Runner::proxy_socket().
actions::InstallerOptions installer_options(const Config& config, const DataFolder& folder, const std::string& proxy_socket);

}  // namespace segue::app
