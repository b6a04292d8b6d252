// Real time, for processes: one that hangs is killed after so many seconds, whatever the injected clock says.
#pragma once
#include <chrono>

namespace segue::actions {

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now);
  bool passed() const;
  int left_ms() const;  // for poll(); never negative, rounded up

 private:
  std::chrono::steady_clock::time_point at_;
};

// For how long something has been idle, and how long a call took.
std::chrono::steady_clock::time_point monotonic_now();

}  // namespace segue::actions
