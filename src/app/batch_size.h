// How many rows one transaction of the sweep takes, so that it holds the writer for about kAim and never near 50 ms: as many as
// the last ones let expect.
#pragma once
#include <algorithm>
#include <chrono>

namespace segue::app {

class BatchSize {
 public:
  static constexpr auto kAim = std::chrono::microseconds(1500);
  static constexpr int kLeast = 10, kMost = 1000, kFirst = 50;

  int rows() const { return rows_; }
  // `rows` were removed in so much time. Doubles at most, shrinks at once.
  void took(int rows, std::chrono::microseconds time) {
    const double per_row = std::max(1.0, static_cast<double>(time.count()) / std::max(rows, 1));
    const int fits = static_cast<int>(static_cast<double>(std::chrono::microseconds(kAim).count()) / per_row);
    // A few rows that took little time tell nothing about many.
    rows_ = std::clamp(time > kAim ? fits : std::clamp(fits, rows_, 2 * rows_), kLeast, kMost);
  }

 private:
  int rows_ = kFirst;
};

}  // namespace segue::app
