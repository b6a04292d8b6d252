// A child process: its limits, the descriptors it gets, its end. The only file that starts programs.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actions/deadline.h"
#include "actions/descriptor.h"
#include "base/result.h"

namespace segue::actions {

struct Program {
  std::vector<std::string> arguments;            // the first is the path of the program
  std::vector<std::string> environment;          // "NAME=value"; nothing of ours is inherited
  std::vector<std::pair<int, int>> descriptors;  // (ours, theirs); theirs are 3 and above
  int output = -1;                               // for standard output and error; -1: /dev/null
  std::int64_t memory_limit = 0;                 // bytes of private writable memory, 0: none
  std::int64_t file_limit = 0;                   // bytes of one file, 0: none
  std::int64_t processor_seconds = 0;            // 0: no limit
  int niceness = 0;
};

// How a process ended.
struct End {
  int signal = 0;  // that killed it
  int code = 0;    // else
};

class ChildProcess {
 public:
  // Starts the program. It dies with the thread that calls this, so call it on one that stays.
  static base::Result<ChildProcess> start(const Program& program);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kills

  End kill();                                     // with everything in its process group
  bool wait(const Deadline& deadline, End& end);  // false: it still runs

 private:
  explicit ChildProcess(pid_t pid, Descriptor handle) : pid_(pid), handle_(std::move(handle)) {}
  End reap();
  pid_t pid_ = -1;
  Descriptor handle_;  // pidfd, to wait on
};

// Runs a program to its end and returns what it printed (at most `most` bytes of both streams).
struct Output {
  End end;
  bool too_slow = false;
  std::string text;
  bool ok() const { return !too_slow && end.signal == 0 && end.code == 0; }
};
base::Result<Output> run_program(Program program, const Deadline& deadline, std::size_t most = 64 * 1024);

}  // namespace segue::actions
