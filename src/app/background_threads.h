// Threads that do, beside the requests, what waits in the database. What is under way when they end is finished; the rest waits
// for the next start, or for another node.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/background_gate.h"
#include "base/clock.h"

namespace segue::app {

class BackgroundThreads {
 public:
  // True: there may be more to do.
  using Work = std::function<bool()>;

  explicit BackgroundThreads(BackgroundGate& gate) : gate_(gate) {}
  ~BackgroundThreads() { stop(); }
  BackgroundThreads(const BackgroundThreads&) = delete;
  BackgroundThreads& operator=(const BackgroundThreads&) = delete;

  // One more thread, which works once in each `interval`, and then as long as there may be more. `job` is told when it fails. The
  // thread's name has 15 characters at most.
  void add(std::string thread, std::string job, base::Duration interval, Work work);
  void stop();

 private:
  void loop(const std::string& job, base::Duration interval, const Work& work);

  BackgroundGate& gate_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace segue::app
