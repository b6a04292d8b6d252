#include "actions/seccomp_filter.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <type_traits>

#include "actions/descriptor.h"

namespace segue::actions {
namespace {

// What Node.js, its libraries and the C library use. Not among them: mount, pivot_root, ptrace, process_vm_*, bpf, keyctl,
// add_key, userfaultfd, io_uring_*, perf_event_open, init_module, kexec_*, unshare, setns, clone3, fork, vfork, execveat,
// memfd_create, shmget, open_by_handle_at, name_to_handle_at, quotactl, swapon, reboot, personality, and whatever a later kernel
// adds. execve is there because bubblewrap makes that call after it has put the filter in place; nothing but Node.js can be found
// to run.
constexpr const char* kAllowed[] = {
    // memory
    "brk",
    "mmap",
    "munmap",
    "mprotect",
    "mremap",
    "madvise",
    "mlock",
    "mincore",
    "membarrier",
    "pkey_alloc",
    "pkey_mprotect",
    "pkey_free",
    "get_mempolicy",
    "set_mempolicy",
    // files; the mount namespace decides which there are
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "pwrite64",
    "preadv",
    "pwritev",
    "preadv2",
    "pwritev2",
    "open",
    "openat",
    "close",
    "close_range",
    "stat",
    "fstat",
    "lstat",
    "newfstatat",
    "statx",
    "statfs",
    "fstatfs",
    "lseek",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getcwd",
    "chdir",
    "getdents",
    "getdents64",
    "dup",
    "dup2",
    "dup3",
    "pipe",
    "pipe2",
    "fadvise64",
    "flock",
    "fcntl",
    // waiting, time, threads of this process, signals to it
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "eventfd",
    "eventfd2",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "signalfd4",
    "nanosleep",
    "clock_nanosleep",
    "clock_gettime",
    "clock_getres",
    "gettimeofday",
    "time",
    "times",
    "futex",
    "futex_waitv",
    "set_robust_list",
    "get_robust_list",
    "rseq",
    "sched_yield",
    "sched_getaffinity",
    "sched_setaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "getpriority",
    "getcpu",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "rt_sigsuspend",
    "rt_sigpending",
    "sigaltstack",
    "tgkill",
    "tkill",
    "restart_syscall",
    "arch_prctl",
    "set_tid_address",
    "exit",
    "exit_group",
    "wait4",
    "execve",
    // who it is
    "getpid",
    "getppid",
    "gettid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getgroups",
    "getresuid",
    "getresgid",
    "getpgrp",
    "getpgid",
    "getsid",
    "capget",
    "uname",
    "sysinfo",
    "getrusage",
    "getrlimit",
    "getrandom",
    "umask",
    // giving up what the sandbox left, in surroundings.cjs; without the capability they change nothing
    "setuid",
    "setgid",
    "setgroups",
    "setresuid",
    "setresgid",
    // sockets, of which the network namespace has none but its own loopback
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "getsockname",
    "getpeername",
    "sendto",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "sendmmsg",
    "recvmmsg",
    "shutdown",
    "setsockopt",
    "getsockopt",
};

// What npm does with the folder that it fills.
constexpr const char* kInstallerAllowed[] = {
    "mkdir",     "mkdirat",   "rmdir",    "unlink",    "unlinkat",        "rename",    "renameat",  "renameat2",
    "link",      "linkat",    "symlink",  "symlinkat", "chmod",           "fchmod",    "fchmodat",  "chown",
    "fchown",    "lchown",    "fchownat", "utime",     "utimes",          "utimensat", "futimesat", "truncate",
    "ftruncate", "fallocate", "fsync",    "fdatasync", "copy_file_range", "sendfile",  "mknod"};

struct Release {
  void operator()(void* context) const { ::seccomp_release(context); }
};
using Filter = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release>;

// False when this machine has no such call, which is no fault.
void allow(scmp_filter_ctx filter, const char* name, int& failures) {
  const int number = ::seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return;
  const int result = ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
  if (result != 0 && result != -EDOM) ++failures;
}

void add_rules(scmp_filter_ctx filter, Confinement confinement, int& failures) {
  for (const char* name : kAllowed) allow(filter, name, failures);
  if (confinement == Confinement::installer) {
    for (const char* name : kInstallerAllowed) allow(filter, name, failures);
  }
  // Threads of this process only: no child, no namespace.
  constexpr std::uint64_t kForbidden = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                       CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE | CLONE_VFORK;
  failures += ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, kForbidden | CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM)) != 0;
  for (const int family : {AF_UNIX, AF_INET, AF_INET6})
    failures += ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                   SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))) != 0;
  failures += ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX)) != 0;
  // ioctl: what libuv asks of descriptors, and nothing of terminals (TIOCSTI) or devices.
  for (const std::uint64_t request : {0x5421ULL /*FIONBIO*/, 0x541bULL /*FIONREAD*/, 0x5451ULL /*FIOCLEX*/,
                                      0x5450ULL /*FIONCLEX*/, 0x5401ULL /*TCGETS*/, 0x5413ULL /*TIOCGWINSZ*/})
    failures +=
        ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffULL, request)) != 0;
  // prctl: names of threads, and what may not be gained; reading limits, not setting them.
  for (const std::uint64_t option : {15ULL /*PR_SET_NAME*/, 16ULL /*PR_GET_NAME*/, 38ULL /*PR_SET_NO_NEW_PRIVS*/,
                                     3ULL /*PR_GET_DUMPABLE*/, 0x53564d41ULL /*PR_SET_VMA*/, 23ULL /*PR_CAPBSET_READ*/})
    failures += ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, option)) != 0;
  // Limits may be read; raising a soft limit to the hard one, as Node.js does for descriptors, gains nothing.
  failures += ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 0) != 0;
  // Only signals to itself reach anything: the PID namespace holds nobody else.
  failures += ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 0) != 0;
}

base::Error cannot(std::string_view why) {
  return {.kind = base::ErrorKind::unavailable,
          .code = "unavailable",
          .description = "the filter of system calls could not be made: " + std::string(why)};
}

}  // namespace

base::Result<std::string> seccomp_filter(Confinement confinement) {
  const Filter filter(::seccomp_init(SCMP_ACT_ERRNO(ENOSYS)));
  if (!filter) return cannot("libseccomp could not start");
  int failures = 0;
  add_rules(filter.get(), confinement, failures);
  if (failures != 0) return cannot("libseccomp refused a rule");
  const Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
  if (file.get() < 0 || ::seccomp_export_bpf(filter.get(), file.get()) != 0) return cannot("libseccomp could not write it");
  const auto size = ::lseek(file.get(), 0, SEEK_END);
  std::string out(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
  if (size <= 0 || ::pread(file.get(), out.data(), out.size(), 0) != size) return cannot("it could not be read");
  return out;
}

}  // namespace segue::actions
