// The JavaScript of the host process (web/actions_host), which the binary carries with it.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace segue::actions {

struct HostFile {
  std::string_view name, text;
};
std::span<const HostFile> host_files();

// Writes them into a folder below `parent` that is named after what they say, and returns it: a release does not disturb another
// that still runs. What is there already stays.
base::Result<std::string> write_host_files(const std::string& parent);

}  // namespace segue::actions
