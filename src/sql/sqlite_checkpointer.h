// Copies the write-ahead log into the database file, beside the writer instead of inside its commits: that halves the 99th
// percentile of a write. The price is a log that grows further, so a size guard cuts it.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "sql/sqlite_connection.h"

namespace segue::sql {

class SqliteCheckpointer {
 public:
  // `commits` tells how many commits were made: nothing is done while the number stands still.
  SqliteCheckpointer(const std::string& path, std::function<std::uint64_t()> commits);
  ~SqliteCheckpointer();

 private:
  void loop();
  bool checkpoint();

  SqliteConnection connection_;
  const std::function<std::uint64_t()> commits_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace segue::sql
