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

// Writes them into a folder, which is made when there is none. Files of another release are replaced.
base::Outcome write_host_files(const std::string& folder);

}  // namespace segue::actions
