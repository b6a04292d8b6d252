#include "actions/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "actions/seccomp_filter.h"
#include "base/text.h"

namespace segue::actions {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

constexpr int kSocket = 3, kFilter = 4;
constexpr const char* kNobody = "65534";
constexpr auto kProbeTime = std::chrono::seconds(20);
constexpr std::string_view kProxyInside = "/proxy.sock";
// Besides its objects Node.js writes to code, stacks of about fifteen threads, and buffers, which are not counted as objects.
constexpr std::int64_t kMemoryBesideMb = 384;
constexpr std::int64_t kProcessorSeconds = 600;

void append(Texts& list, const Texts& more) { list.insert(list.end(), more.begin(), more.end()); }

std::string find_program(const std::string& name) {
  std::error_code ignored;
  if (name.find('/') != std::string::npos) return fs::exists(name, ignored) ? name : "";
  for (const std::string folder : {"/usr/bin/", "/usr/local/bin/", "/bin/"}) {
    if (fs::exists(folder + name, ignored)) return folder + name;
  }
  return "";
}

std::string last_line(std::string_view text) {
  const auto lines = base::split(text, '\n');
  return lines.empty() ? "it said nothing" : base::shortened(lines.back(), 200);
}

// The libraries that a program is linked with, the loader among them. The loader itself tells.
Texts linked_libraries(const std::string& program) {
  for (const std::string loader : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"}) {
    std::error_code ignored;
    if (!fs::exists(loader, ignored)) continue;
    const auto output = run_program({.arguments = {loader, "--list", program}}, Deadline(kProbeTime));
    if (!output.ok() || !output->ok()) continue;
    Texts out = {loader};
    for (const auto& line : base::split(output->text, '\n')) {
      const auto begin = line.find('/');
      const auto end = line.find(" (0x");
      if (begin == std::string::npos || end == std::string::npos || end < begin) continue;
      const auto path = line.substr(begin, end - begin);
      if (!base::contains(out, path)) out.push_back(path);
    }
    return out;
  }
  return {};
}

}  // namespace

base::Result<Descriptor> readable_bytes(const std::string& bytes) {
  Descriptor file(::memfd_create("bytes", MFD_CLOEXEC));
  if (file.get() < 0 || ::pwrite(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return base::Error{.kind = base::ErrorKind::unavailable, .code = "unavailable", .description = "no memory for a file"};
  }
  return file;
}

Sandbox::Sandbox(const SandboxOptions& options) : options_(options), root_(::geteuid() == 0) {
  node_problem_ = check_node();
  problem_ = node_problem_.empty() ? find_problem() : node_problem_;
}

std::string Sandbox::check_node() {
  std::error_code failure;
  const auto real = fs::canonical(options_.node, failure);
  if (options_.node.empty() || failure)
    return fmt::format("Actions need Node.js 22: there is none at \"{}\"; set actions.node", options_.node);
  options_.node = real.string();
  const auto output = run_program({.arguments = {options_.node, "--version"}}, Deadline(kProbeTime));
  if (!output.ok()) return output.error().description;
  if (!output->ok()) return fmt::format("{} does not run: {}", options_.node, last_line(output->text));
  const std::string_view version = base::trim(std::string_view(output->text).substr(0, output->text.find('\n')));
  const auto numbers = base::split(version.substr(version.starts_with('v') ? 1 : 0), '.');
  const auto major = numbers.empty() ? std::nullopt : base::parse_integer(numbers[0]);
  const auto minor = numbers.size() < 2 ? std::nullopt : base::parse_integer(numbers[1]);
  if (!major || !minor || *major < 22 || (*major == 22 && *minor < 21))
    return fmt::format("Actions need Node.js 22.21 or later: {} is {}; set actions.node", options_.node, version);
  return "";
}

std::string Sandbox::find_problem() {
  const auto found = find_program(options_.bubblewrap);
  if (found.empty())
    return "Actions need bubblewrap to run in a sandbox, and it is not installed (Debian: apt install bubblewrap)";
  options_.bubblewrap = found;
  auto filter = seccomp_filter(Confinement::host);
  if (!filter.ok()) return filter.error().description;
  filter_ = std::move(*filter);
  libraries_ = linked_libraries(options_.node);
  if (libraries_.empty()) return fmt::format("the libraries of {} could not be told", options_.node);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe could be made";
  Descriptor reading(ends[0]), writing(ends[1]);
  // The thread that asks may end before others do, so what is tried here ends with the question.
  auto child = start({}, {"/node", "--version"}, {}, -1, writing.get());
  writing.close();
  if (!child.ok()) return child.error().description;
  End end;
  const bool ended = child->wait(Deadline(kProbeTime), end);
  if (ended && end.signal == 0 && end.code == 0) return "";
  if (!ended) child->kill();
  char text[2048];
  const auto size = ::read(reading.get(), text, sizeof text);
  return fmt::format("this machine refuses the sandbox of Actions: {}",
                     last_line({text, size > 0 ? static_cast<std::size_t>(size) : 0}));
}

Texts Sandbox::bubblewrap_arguments() const {
  Texts out = {options_.bubblewrap,
               "--unshare-ipc",
               "--unshare-pid",
               "--unshare-net",
               "--unshare-uts",
               "--unshare-cgroup-try",
               "--hostname",
               "actions",
               "--die-with-parent",
               "--new-session",
               "--clearenv",
               "--cap-drop",
               "ALL"};
  if (root_) {
    // Root of the machine: the host itself becomes nobody, with these two, as its first act.
    append(out, {"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--setenv", "SEGUE_DROP_PRIVILEGES", "1"});
  } else {
    append(out, {"--unshare-user", "--uid", kNobody, "--gid", kNobody, "--disable-userns"});
  }
  return out;
}

base::Result<ChildProcess> Sandbox::start(Texts binds, Texts command, Texts environment, int socket, int output) const {
  auto arguments = bubblewrap_arguments();
  for (const auto& setting : environment) {
    const auto equals = setting.find('=');
    append(arguments, {"--setenv", setting.substr(0, equals), setting.substr(equals + 1)});
  }
  append(arguments, {"--ro-bind", options_.node, "/node", "--ro-bind", options_.host_folder, "/host"});
  for (const auto& library : libraries_) append(arguments, {"--ro-bind", library, library});
  append(arguments, binds);
  append(arguments, {"--remount-ro", "/", "--chdir", "/", "--seccomp", std::to_string(kFilter), "--"});
  append(arguments, command);
  const auto filter = TRY(readable_bytes(filter_));
  Program program{.arguments = std::move(arguments),
                  .descriptors = {{filter.get(), kFilter}},
                  .output = output,
                  .memory_limit = (options_.memory_mb + kMemoryBesideMb) * 1024 * 1024,
                  .processor_seconds = kProcessorSeconds,
                  .niceness = 5};
  if (socket >= 0) program.descriptors.emplace_back(socket, kSocket);
  return ChildProcess::start(program);
}

// --permission repeats inside Node.js what the sandbox enforces around it: its refusals name what was refused.
Texts Sandbox::node_command(const std::string& node, const std::string& host_folder, const Texts& readable) const {
  Texts out = {node,
               fmt::format("--max-old-space-size={}", options_.memory_mb),
               "--max-semi-space-size=8",
               "--no-addons",
               "--disable-wasm-trap-handler",
               "--no-warnings"};
  if (options_.node_permissions) {
    append(out, {"--permission", "--allow-fs-read=" + host_folder});
    for (const auto& folder : readable) out.push_back("--allow-fs-read=" + folder);
  }
  out.push_back(host_folder + "/host.cjs");
  return out;
}

base::Result<ChildProcess> Sandbox::start_host(int socket, int output, const std::vector<Folder>& folders,
                                               const std::string& proxy_socket) const {
  Texts readable, environment;
  Texts binds = {"--perms", "0755", "--dir", "/actions"};  // bubblewrap would make it readable for root alone
  for (const auto& folder : folders) {
    readable.push_back(inside(folder));
    append(binds, {"--ro-bind", folder.path, inside(folder)});
  }
  if (!confines()) {
    return ChildProcess::start({.arguments = node_command(options_.node, options_.host_folder, readable),
                                .descriptors = {{socket, kSocket}},
                                .output = output,
                                .memory_limit = (options_.memory_mb + kMemoryBesideMb) * 1024 * 1024,
                                .processor_seconds = kProcessorSeconds,
                                .niceness = 5});
  }
  if (!proxy_socket.empty()) {
    append(binds, {"--bind", proxy_socket, std::string(kProxyInside)});
    environment = {"NODE_USE_ENV_PROXY=1", "HTTP_PROXY=http://127.0.0.1:3128", "HTTPS_PROXY=http://127.0.0.1:3128",
                   fmt::format("SEGUE_PROXY={}", kProxyInside)};
  }
  if (!options_.ca_file.empty()) {
    append(binds, {"--ro-bind", options_.ca_file, "/ca.pem"});
    environment.push_back("NODE_EXTRA_CA_CERTS=/ca.pem");
  }
  return start(std::move(binds), node_command("/node", "/host", readable), std::move(environment), socket, output);
}

}  // namespace segue::actions
