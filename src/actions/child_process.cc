#include "actions/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

namespace segue::actions {
namespace {

base::Error failed(std::string_view what) {
  return {.kind = base::ErrorKind::unavailable,
          .code = "unavailable",
          .description = fmt::format("{}: {}", what, std::strerror(errno))};
}

// Everything that the child needs between vfork and exec, made before: there it may only make system calls.
struct Plan {
  std::vector<char*> arguments, environment;
  const Program* program = nullptr;
  int output = -1;
  int highest = 3;  // the first descriptor that the program does not get
  pid_t parent = 0;
};

void limit(int which, std::int64_t soft, std::int64_t hard) {
  const rlimit value{static_cast<rlim_t>(soft), static_cast<rlim_t>(hard)};
  ::setrlimit(static_cast<__rlimit_resource>(which), &value);
}

// In the child, in memory that is the parent's: writes nothing but its own stack.
[[noreturn]] void become(const Plan& plan) {
  const auto& program = *plan.program;
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(126);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, 0);
  ::dup2(plan.output >= 0 ? plan.output : null, 1);
  ::dup2(plan.output >= 0 ? plan.output : null, 2);
  // Descriptors in use may stand where others go: all move up first, out of the way.
  int moved[8];
  const std::size_t count = program.descriptors.size() < 8 ? program.descriptors.size() : 8;
  for (std::size_t i = 0; i < count; ++i) moved[i] = ::fcntl(program.descriptors[i].first, F_DUPFD, 64);
  for (std::size_t i = 0; i < count; ++i) ::dup2(moved[i], program.descriptors[i].second);
  ::syscall(SYS_close_range, plan.highest, ~0U, 0);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_NOFILE, 256, 256);
  if (program.memory_limit > 0) limit(RLIMIT_DATA, program.memory_limit, program.memory_limit);
  if (program.file_limit > 0) limit(RLIMIT_FSIZE, program.file_limit, program.file_limit);
  if (program.processor_seconds > 0) limit(RLIMIT_CPU, program.processor_seconds, program.processor_seconds + 1);
  if (program.niceness > 0) ::setpriority(PRIO_PROCESS, 0, program.niceness);
  ::execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  ::_exit(127);
}

// vfork instead of fork: the server's page tables are not copied, and nothing of it runs in the child but become().
[[gnu::noinline]] pid_t launch(const Plan& plan) {
  const pid_t pid = ::vfork();
  if (pid == 0) become(plan);
  return pid;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

base::Result<ChildProcess> ChildProcess::start(const Program& program) {
  if (program.descriptors.size() > 8) throw base::Bug("a program gets at most eight descriptors");
  Plan plan{.arguments = pointers(program.arguments), .environment = pointers(program.environment), .program = &program};
  plan.output = program.output;
  plan.parent = ::getpid();
  for (const auto& [ours, theirs] : program.descriptors) plan.highest = std::max(plan.highest, theirs + 1);
  // No handler of ours may run in the child while it shares our memory.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = launch(plan);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  if (pid < 0) return failed("no process could be started");
  ChildProcess child(pid, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
  if (child.handle_.get() < 0) return failed("a process could not be watched");
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), handle_(std::move(other.handle_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(handle_, other.handle_);
  return *this;
}

ChildProcess::~ChildProcess() { kill(); }

End ChildProcess::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
  // bubblewrap tells the signal that ended its child as shells do.
  const int code = WEXITSTATUS(status);
  return code > 128 ? End{.signal = code - 128} : End{.code = code};
}

End ChildProcess::kill() {
  if (pid_ < 0) return {};
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  return reap();
}

bool ChildProcess::wait(const Deadline& deadline, End& end) {
  if (pid_ < 0) return true;
  pollfd ready{handle_.get(), POLLIN, 0};
  while (true) {
    const int left = deadline.left_ms();
    const int count = ::poll(&ready, 1, left);
    if (count > 0) return end = reap(), true;
    if (count == 0 && left == 0) return false;
  }
}

base::Result<Output> run_program(Program program, const Deadline& deadline, std::size_t most) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed("no pipe could be made");
  Descriptor reading(ends[0]), writing(ends[1]);
  program.output = writing.get();
  auto child = TRY(ChildProcess::start(program));
  writing.close();
  Output out;
  char buffer[4096];
  pollfd ready{reading.get(), POLLIN, 0};
  while (!deadline.passed()) {
    if (::poll(&ready, 1, deadline.left_ms()) <= 0) continue;
    const auto got = ::read(reading.get(), buffer, sizeof buffer);
    if (got <= 0) break;
    out.text.append(buffer, std::min(static_cast<std::size_t>(got), most - std::min(most, out.text.size())));
  }
  if (!child.wait(deadline, out.end)) {
    out.too_slow = true;
    out.end = child.kill();
  }
  return out;
}

}  // namespace segue::actions
