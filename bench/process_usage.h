// What the kernel says about a child process.
#pragma once
#include <sys/types.h>

namespace segue::bench {

class ProcessUsage {
 public:
  // A process that was quiet for so many steps of a quarter of a second has caught up.
  explicit ProcessUsage(int quiet_steps) : quiet_steps_(quiet_steps) {}

  double cpu_seconds() const;
  double resident_megabytes() const;
  // Waits until background work (the log indexer, checkpoints, a garbage collector) has caught up: at most `limit_seconds`.
  void wait_until_quiet(double limit_seconds = 20) const;

 protected:
  pid_t pid_ = -1;

 private:
  const int quiet_steps_;
};

}  // namespace segue::bench
