// The thread on which what has expired is removed, beside the requests.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/background_gate.h"
#include "app/product.h"

namespace segue::app {

class SweepWorker {
 public:
  SweepWorker(Product& product, BackgroundGate& gate);
  ~SweepWorker() { stop(); }
  SweepWorker(const SweepWorker&) = delete;
  SweepWorker& operator=(const SweepWorker&) = delete;

  // The step under way is finished.
  void stop();

 private:
  void loop();

  Product& product_;
  BackgroundGate& gate_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace segue::app
