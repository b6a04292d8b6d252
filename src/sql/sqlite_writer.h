// Group commit: one thread runs all waiting write bodies in one transaction and answers them after its commit, so that the wait
// for the disk is shared. While the disk works the queue fills, which makes the next batch larger.
#pragma once
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/fiber.h"
#include "base/function_ref.h"
#include "sql/database.h"
#include "sql/done_signal.h"
#include "sql/fair_lock.h"
#include "sql/sqlite_connection.h"

namespace segue::sql {

class SqliteWriter {
 public:
  using Body = base::FunctionRef<void(SqliteConnection&)>;

  // `connection_use` is held while a batch uses the connection: an in-memory database lends it to readers in between.
  SqliteWriter(SqliteConnection& connection, FairLock& connection_use, WriteFault* fault);
  ~SqliteWriter();  // commits what waits, then stops

  // Returns when the body's work is durable; throws what the body threw. On a fiber the wait is the fiber's, not the thread's.
  void write(Body body);

  std::uint64_t commits() const { return commits_.load(std::memory_order_relaxed); }
  bool is_current_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  // Stands on its caller's stack; the writer does not touch it any more once its batch is done.
  struct Call {
    Body body;
    std::exception_ptr error;
    base::Fiber* fiber;  // that waits; null: a thread does
  };
  // The calls that share a commit: at most one of each thread and fiber, so they bound themselves.
  struct Batch {
    std::vector<Call*> calls;
    DoneSignal done;
  };

  void loop();
  void commit(std::span<Call* const> batch);
  void answer(Batch& batch);
  bool attempt(std::span<Call* const> batch);
  bool run_plainly(std::span<Call* const> batch);
  void run_body(Call& call, bool savepoint);

  SqliteConnection& connection_;
  FairLock& connection_use_;
  WriteFault* const fault_;
  std::vector<base::Fiber*> fibers_;  // of the batch that is being answered
  std::string failure_;               // why the last attempt did not commit
  std::atomic<std::uint64_t> commits_{0};

  std::mutex mutex_;
  std::condition_variable work_;
  // Shared with the callers, so that the last to leave needs neither the writer nor its thread.
  std::shared_ptr<Batch> waiting_ = std::make_shared<Batch>();
  bool idle_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace segue::sql
