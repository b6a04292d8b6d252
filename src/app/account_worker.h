// The threads that do what a change of an account leaves to be done beside the requests: mails, and Actions that hear of it.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "app/product.h"

namespace segue::app {

class AccountWorker {
 public:
  // `is_paused` may be empty.
  AccountWorker(Product& product, std::function<bool()> is_paused);
  ~AccountWorker() { stop(); }
  AccountWorker(const AccountWorker&) = delete;
  AccountWorker& operator=(const AccountWorker&) = delete;

  // What is under way is finished; the rest waits in the database for the next start, or for another node.
  void stop();

 private:
  void start_mails();
  void loop(const char* what, const std::function<bool()>& work);

  Product& product_;
  const std::function<bool()> is_paused_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace segue::app
