// Bounded queues with their own threads (design §3): a slow kind of work cannot stop a fast one.
#pragma once
#include <functional>
#include <memory>

#include "http/message.h"

namespace segue::http {

struct LaneSizes {
  int quick_threads = 64;
  int hashing_threads = 1;  // niced
  int outbound_threads = 32;
  std::size_t queue_limit = 4096;  // per lane; hashing and outbound have a sixteenth of it
};

class Lanes {
 public:
  explicit Lanes(const LaneSizes& sizes);
  ~Lanes();  // finishes what is queued
  // False when the lane is full or stopping; the task is then not run.
  bool post(Lane lane, std::function<void()> task);
  std::size_t queued(Lane lane) const;
  // Runs what is queued, then refuses.
  void drain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::http
