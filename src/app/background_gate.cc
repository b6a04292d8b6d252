#include "app/background_gate.h"

namespace segue::app {

bool BackgroundGate::close(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  return left_.wait_for(lock, patience, [this] { return inside_ == 0; });
}

void BackgroundGate::open() {
  const std::scoped_lock lock(mutex_);
  closed_ = false;
}

bool BackgroundGate::enter() {
  const std::scoped_lock lock(mutex_);
  if (!closed_) ++inside_;
  return !closed_;
}

void BackgroundGate::leave() {
  const std::scoped_lock lock(mutex_);
  if (--inside_ == 0) left_.notify_all();
}

}  // namespace segue::app
