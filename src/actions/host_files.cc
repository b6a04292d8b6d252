#include "actions/host_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace segue::actions {

namespace {

namespace fs = std::filesystem;

std::string name_of_folder() {
  std::string all;
  for (const auto& file : host_files()) all += std::string(file.name) + '\0' + std::string(file.text) + '\0';
  return "host-" + base::hex(crypto::sha256(all)).substr(0, 16);
}

}  // namespace

base::Result<std::string> write_host_files(const std::string& parent) {
  const auto folder = fs::path(parent) / name_of_folder();
  std::error_code failure;
  fs::create_directories(folder, failure);
  for (const auto& file : host_files()) {
    if (failure) break;
    const fs::path path = folder / file.name;
    if (fs::exists(path, failure)) continue;
    const fs::path draft = fmt::format("{}.{}", path.string(), ::getpid());
    std::ofstream(draft, std::ios::binary).write(file.text.data(), static_cast<std::streamsize>(file.text.size()));
    fs::permissions(draft, fs::perms(0644), failure);
    if (!failure) fs::rename(draft, path, failure);
  }
  if (!failure) return folder.string();
  return base::Error{.kind = base::ErrorKind::unavailable,
                     .code = "unavailable",
                     .description = fmt::format("{} cannot be written: {}", folder.string(), failure.message())};
}

}  // namespace segue::actions
