// The threads on which log streams are delivered (src/logstreams) and jobs of the Management API done (management/job_runner.h),
// beside the requests.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "app/product.h"

namespace segue::app {

class LogStreamWorker {
 public:
  // `is_paused` may be empty.
  LogStreamWorker(Product& product, std::function<bool()> is_paused);
  ~LogStreamWorker() { stop(); }
  LogStreamWorker(const LogStreamWorker&) = delete;
  LogStreamWorker& operator=(const LogStreamWorker&) = delete;

  // What is under way is finished; the rest waits in the database for the next start, or for another node.
  void stop();

 private:
  // Once a second, as long as there is something: `work` says whether there may be more.
  void loop(const char* what, const std::function<bool()>& work);

  Product& product_;
  const std::function<bool()> is_paused_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace segue::app
