// Whether this node should get requests, and why not.
#pragma once
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace segue::app {

class Readiness {
 public:
  // A node is ready while nothing is held against it.
  void hold(const std::string& reason, bool against) {
    const std::scoped_lock lock(mutex_);
    if (against) {
      reasons_.insert(reason);
    } else {
      reasons_.erase(reason);
    }
  }
  std::vector<std::string> reasons() const {
    const std::scoped_lock lock(mutex_);
    return {reasons_.begin(), reasons_.end()};
  }
  bool is_ready() const {
    const std::scoped_lock lock(mutex_);
    return reasons_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> reasons_;
};

}  // namespace segue::app
