#include "actions/host_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace segue::actions {

base::Outcome write_host_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failure;
  fs::create_directories(folder, failure);
  for (const auto& file : host_files()) {
    const fs::path path = fs::path(folder) / file.name, draft = path.string() + ".new";
    std::ofstream(draft, std::ios::binary).write(file.text.data(), static_cast<std::streamsize>(file.text.size()));
    fs::permissions(draft, fs::perms(0644), failure);
    if (!failure) fs::rename(draft, path, failure);
    if (failure) {
      return base::Error{.kind = base::ErrorKind::unavailable,
                         .code = "unavailable",
                         .description = fmt::format("{} cannot be written: {}", path.string(), failure.message())};
    }
  }
  return base::Unit{};
}

}  // namespace segue::actions
