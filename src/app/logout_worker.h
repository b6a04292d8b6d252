// The threads on which revocations are walked and relying parties told, beside the requests (src/backchannel).
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "app/background_gate.h"
#include "app/product.h"

namespace segue::app {

class LogoutWorker {
 public:
  LogoutWorker(Product& product, BackgroundGate& gate);
  ~LogoutWorker() { stop(); }
  LogoutWorker(const LogoutWorker&) = delete;
  LogoutWorker& operator=(const LogoutWorker&) = delete;

  // What is under way is finished; the rest waits in the database for the next start, or for another node.
  void stop();

 private:
  void walk();
  void send();

  Product& product_;
  BackgroundGate& gate_;
  std::mutex mutex_;
  std::condition_variable wake_walker_, wake_senders_;
  bool stopping_ = false;
  bool is_due_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace segue::app
