#include "actions/installer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "actions/seccomp_filter.h"
#include "base/text.h"
#include "json/value.h"

namespace segue::actions {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

constexpr int kFilter = 4;
constexpr uid_t kNobody = 65534;
constexpr std::size_t kMostDependencies = 10;  // contract §8.3
constexpr std::int64_t kMemory = 1536LL * 1024 * 1024, kFileSize = 64 * 1024 * 1024;
constexpr std::string_view kProxyInside = "/proxy.sock";

base::Error refused(std::string description, base::ErrorKind kind = base::ErrorKind::invalid_input) {
  return {.kind = kind, .code = "invalid_request", .description = std::move(description)};
}

bool is_made_of(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
  });
}

bool is_version_id(std::string_view id) { return id.size() <= 128 && is_made_of(id, "-_ABCDEFGHIJKLMNOPQRSTUVWXYZ"); }

std::string manifest(const std::vector<model::ActionDependency>& dependencies) {
  json::object list;
  for (const auto& dependency : dependencies) list[dependency.name] = dependency.version;
  return json::write(
      json::object{{"name", "action"}, {"version", "1.0.0"}, {"private", true}, {"dependencies", std::move(list)}});
}

void write_text(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

std::string read_text(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

std::int64_t size_of(const fs::path& folder) {
  std::int64_t out = 0;
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failure)) {
    if (entry.is_regular_file(failure) && !entry.is_symlink(failure)) out += static_cast<std::int64_t>(entry.file_size(failure));
  }
  return out;
}

// Everybody may read it and nobody write: the hosts have another user, and no Action may change what the next one loads.
void make_read_only(const fs::path& folder, bool root) {
  const auto set = [&](const fs::path& path, bool directory) {
    std::error_code failure;
    if (root) static_cast<void>(::lchown(path.c_str(), 0, 0) == 0);
    if (!fs::is_symlink(path, failure)) fs::permissions(path, directory ? fs::perms(0755) : fs::perms(0444), failure);
  };
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failure)) set(entry.path(), entry.is_directory(failure));
  set(folder, true);
}

}  // namespace

base::Outcome check_dependency(const model::ActionDependency& dependency) {
  if (!model::is_package_name(dependency.name))
    return refused(fmt::format("\"{}\" is not the name of an npm package", base::shortened(dependency.name, 100)));
  if (!model::is_exact_version(dependency.version))
    return refused(fmt::format("the version of {} must be exact, such as 1.2.3; it is \"{}\"", dependency.name,
                               base::shortened(dependency.version, 100)));
  return base::Unit{};
}

std::string portable_lockfile(std::string_view lockfile) {
  auto parsed = json::parse(lockfile);
  if (!parsed.ok() || !parsed->is_object()) return "";
  auto& all = parsed->get_object();
  const auto* const packages = json::find_object(all, "packages");
  if (packages == nullptr) return "";
  json::object kept;
  for (const auto& package : *packages) {
    if (!package.value().is_object()) return "";
    json::object out;
    for (const auto& member : package.value().get_object()) {
      // npm asks the registry for an address that the file does not name.
      if (member.key() != "resolved" && member.key() != "funding") out[member.key()] = member.value();
    }
    kept[package.key()] = std::move(out);
  }
  all["packages"] = std::move(kept);
  all.erase("dependencies");  // the same once more, for npm 6
  return json::write(all);
}

std::string npm_error(std::string_view output) {
  std::string out;
  for (const auto& line : base::split(output, '\n')) {
    std::string_view text = base::trim(line);
    for (const std::string_view prefix : {"npm error", "npm ERR!"}) {
      if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    }
    text = base::trim(text);
    if (text.empty() || text.starts_with("A complete log") || text.starts_with("npm warn") ||
        text.find("/_logs/") != std::string::npos)
      continue;
    out += (out.empty() ? "" : "; ") + std::string(text);
  }
  return out.empty() ? "npm said nothing" : base::shortened(out, 800);
}

Installer::Installer(const Sandbox& sandbox, const InstallerOptions& options) : sandbox_(sandbox), options_(options) {
  problem_ = sandbox_.usable() ? find_npm() : sandbox_.problem();
}

// npm's own script, and the Node.js that it was installed with: a distribution's npm finds its modules only there.
std::string Installer::find_npm() {
  std::error_code failure;
  for (const std::string folder : {"", "/usr/bin/", "/usr/local/bin/"}) {
    if (folder.empty() != (options_.npm.find('/') != std::string::npos)) continue;
    const auto script = fs::canonical(folder + options_.npm, failure);
    if (failure || script.extension() != ".js") continue;
    npm_ = script.string();
    const auto beside = fs::path(folder + options_.npm).parent_path() / "node";
    node_ = fs::exists(beside, failure) ? beside.string() : sandbox_.options().node;
    auto filter = seccomp_filter(Confinement::installer);
    if (!filter.ok()) return filter.error().description;
    filter_ = std::move(*filter);
    return "";
  }
  return fmt::format("the dependencies of Actions need npm, and there is none at \"{}\" (Debian: apt install npm)", options_.npm);
}

Program Installer::program(const std::string& folder, bool locked) const {
  const auto inside = sandbox_.confines() ? std::string("/work") : folder;
  const auto host = sandbox_.confines() ? std::string("/host") : sandbox_.options().host_folder;
  Texts command = {node_, "--max-old-space-size=768", host + "/install.cjs", npm_, locked ? "ci" : "install"};
  for (const char* flag : {"--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-bin-links", "--omit=dev",
                           "--loglevel=error", "--fetch-retries=1", "--cache=/tmp/npm", "--userconfig=/tmp/none",
                           "--globalconfig=/tmp/no", "--logs-max=0", "--noproxy=none.invalid"})
    command.emplace_back(flag);
  if (!options_.registry.empty()) command.push_back("--registry=" + options_.registry);
  command.push_back("--prefix=" + inside);
  Program out{.memory_limit = kMemory, .file_limit = kFileSize, .processor_seconds = options_.time_limit.count(), .niceness = 5};
  const auto& ca_file = sandbox_.options().ca_file;
  if (!sandbox_.confines()) {
    out.arguments = std::move(command);
    out.environment = {"HOME=/tmp"};
    if (!ca_file.empty()) out.environment.push_back("NODE_EXTRA_CA_CERTS=" + ca_file);
    return out;
  }
  out.arguments = sandbox_.bubblewrap_arguments();
  const auto add = [&](std::initializer_list<std::string> more) { out.arguments.insert(out.arguments.end(), more); };
  // npm and its Node.js may stand anywhere below these; none of them holds secrets.
  for (const std::string path : {"/usr", "/lib", "/lib64", "/bin", "/etc/ssl/certs", "/etc/ssl/openssl.cnf"})
    add({"--ro-bind-try", path, path});
  const auto package = fs::path(npm_).parent_path().parent_path().string();
  if (!package.starts_with("/usr/")) add({"--ro-bind", package, package});
  if (!node_.starts_with("/usr/")) add({"--ro-bind", node_, node_});
  add({"--ro-bind", sandbox_.options().host_folder, "/host"});
  add({"--perms", "1777", "--size", std::to_string(options_.most_bytes), "--tmpfs", "/tmp", "--dev", "/dev", "--setenv", "HOME",
       "/tmp"});
  add({"--bind", folder, inside, "--chdir", inside});
  if (!ca_file.empty()) add({"--ro-bind", ca_file, "/ca.pem", "--setenv", "NODE_EXTRA_CA_CERTS", "/ca.pem"});
  if (!options_.proxy_socket.empty()) {
    add({"--bind", options_.proxy_socket, std::string(kProxyInside), "--setenv", "SEGUE_PROXY", std::string(kProxyInside)});
    command.insert(command.end(), {"--proxy=http://127.0.0.1:3128", "--https-proxy=http://127.0.0.1:3128"});
  }
  add({"--seccomp", std::to_string(kFilter), "--"});
  out.arguments.insert(out.arguments.end(), command.begin(), command.end());
  return out;
}

base::Outcome Installer::run_npm(const std::string& folder, bool locked) const {
  auto wanted = program(folder, locked);
  const auto filter = TRY(readable_bytes(filter_));
  if (sandbox_.confines()) wanted.descriptors = {{filter.get(), kFilter}};
  const auto output = TRY(run_program(std::move(wanted), Deadline(options_.time_limit)));
  if (output.too_slow) return refused(fmt::format("npm did not end within {} seconds", options_.time_limit.count()));
  if (!output.ok()) return refused("npm could not install the dependencies: " + npm_error(output.text));
  if (size_of(folder) > options_.most_bytes)
    return refused(fmt::format("the dependencies are larger than {} MB", options_.most_bytes / 1024 / 1024));
  return base::Unit{};
}

base::Result<Installed> Installer::install(std::string_view version_id, const std::vector<model::ActionDependency>& dependencies,
                                           std::string_view lockfile) const {
  if (!problem_.empty()) return refused(problem_, base::ErrorKind::unavailable);
  if (!is_version_id(version_id)) throw base::Bug("no id of a version: " + std::string(version_id));
  if (dependencies.size() > kMostDependencies)
    return refused(fmt::format("an Action may have {} dependencies", kMostDependencies));
  for (const auto& dependency : dependencies) TRY(check_dependency(dependency));
  const auto final_path = fs::path(options_.folder) / version_id;
  const auto draft = fs::path(options_.folder) / fmt::format("{}.{}.new", version_id, ::getpid());
  std::error_code failure;
  fs::remove_all(draft, failure);
  fs::create_directories(draft, failure);
  if (failure)
    return refused(fmt::format("{} cannot be made: {}", draft.string(), failure.message()), base::ErrorKind::unavailable);
  write_text(draft / "package.json", manifest(dependencies));
  if (!lockfile.empty()) write_text(draft / "package-lock.json", lockfile);
  if (sandbox_.runs_as_root() && sandbox_.confines()) {
    for (const auto& path : {draft, draft / "package.json", draft / "package-lock.json"})
      static_cast<void>(::lchown(path.c_str(), kNobody, kNobody) == 0);
  }
  if (auto done = run_npm(draft.string(), !lockfile.empty()); !done.ok()) {
    fs::remove_all(draft, failure);
    return std::move(done).error();
  }
  Installed out{final_path.string(), portable_lockfile(read_text(draft / "package-lock.json"))};
  if (out.lockfile.empty()) {
    fs::remove_all(draft, failure);
    return refused("npm left no list of what it installed");
  }
  make_read_only(draft, sandbox_.runs_as_root());
  fs::remove_all(final_path, failure);
  fs::rename(draft, final_path, failure);
  if (failure) return refused(fmt::format("{} cannot be made: {}", out.folder, failure.message()), base::ErrorKind::unavailable);
  return out;
}

std::string Installer::find(std::string_view version_id) const {
  if (!is_version_id(version_id)) return "";
  const auto path = fs::path(options_.folder) / version_id;
  std::error_code failure;
  return fs::is_directory(path, failure) ? path.string() : "";
}

void Installer::remove(std::string_view version_id) const {
  std::error_code failure;
  if (const auto path = find(version_id); !path.empty()) fs::remove_all(path, failure);
}

}  // namespace segue::actions
