#include "sql/sqlite_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"

namespace segue::sql {
namespace {

// Bounds how long the first caller of a batch waits for the last.
constexpr std::size_t kLargestBatch = 256;

// IMMEDIATE takes the write lock at once: a deferred transaction that reads first can find it taken, and would have to start
// over.
constexpr Statement kBeginWrite{"sqlite.begin_write", "begin immediate"};
constexpr Statement kCommitWrite{"sqlite.commit_write", "commit"};
constexpr Statement kSavepoint{"sqlite.savepoint", "savepoint body"};
constexpr Statement kRelease{"sqlite.release", "release body"};
constexpr Statement kRollbackTo{"sqlite.rollback_to", "rollback to body"};

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an unknown exception";
  }
}

}  // namespace

// Shared by the caller and the writer, because the writer still touches `answered` to wake a caller that may already have left.
struct SqliteWriter::Call {
  explicit Call(Body work) : body(work) {}

  void answer() {
    answered.store(1, std::memory_order_release);
    answered.notify_one();
  }

  Body body;
  std::exception_ptr error;
  std::atomic<int> answered{0};
};

SqliteWriter::SqliteWriter(SqliteConnection& connection, FairLock& connection_use, WriteFault* fault)
    : connection_(connection), connection_use_(connection_use), fault_(fault), thread_([this] { loop(); }) {}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void SqliteWriter::write(Body body) {
  const auto call = std::make_shared<Call>(body);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) throw Unavailable("the database is being closed");
    waiting_.push_back(call);
    wake = std::exchange(idle_, false);
  }
  if (wake) work_.notify_one();
  call->answered.wait(0, std::memory_order_acquire);
  if (call->error) std::rethrow_exception(std::exchange(call->error, nullptr));
}

void SqliteWriter::loop() {
  std::vector<CallPtr> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      while (waiting_.empty() && !stopping_) {
        idle_ = true;
        work_.wait(lock);
      }
      idle_ = false;
      if (waiting_.empty()) return;
      const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kLargestBatch));
      batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
      waiting_.erase(waiting_.begin(), end);
    }
    commit(batch);
    batch.clear();
  }
}

void SqliteWriter::commit(std::span<const CallPtr> batch) {
  bool committed = false;
  {
    const std::lock_guard lock(connection_use_);
    committed = attempt(batch);
  }
  if (committed) {
    for (const auto& call : batch) call->answer();
    return;
  }
  base::log::warn("a commit failed; its writes are run again one by one",
                  {{"reason", failure_}, {"writes", std::to_string(batch.size())}});
  // One body may be what broke the transaction, so each now stands alone and cannot fail its neighbours.
  for (const auto& call : batch) {
    {
      const std::lock_guard lock(connection_use_);
      if (!attempt({&call, 1})) call->error = std::make_exception_ptr(Unavailable("not stored: " + failure_));
    }
    call->answer();
  }
}

// True when every call has its result: committed, or the exception of its own body. False when the transaction failed as a whole.
bool SqliteWriter::attempt(std::span<const CallPtr> batch) {
  const bool alone = batch.size() == 1;
  try {
    connection_.execute(kBeginWrite, {});
    for (const auto& call : batch) run_body(*call, !alone);
    if (alone && batch.front()->error) {
      connection_.rollback_quietly();
      return true;
    }
    if (fault_) fault_->before_commit();
    connection_.execute(kCommitWrite, {});
  } catch (...) {
    failure_ = describe(std::current_exception());
    connection_.rollback_quietly();
    return false;
  }
  commits_.fetch_add(1, std::memory_order_relaxed);
  if (!fault_) return true;
  try {
    fault_->after_commit();
  } catch (...) {
    const auto lost =
        std::make_exception_ptr(Unavailable("stored, but the answer was lost: " + describe(std::current_exception())));
    for (const auto& call : batch) {
      if (!call->error) call->error = lost;
    }
  }
  return true;
}

void SqliteWriter::run_body(Call& call, bool savepoint) {
  call.error = nullptr;
  if (savepoint) connection_.execute(kSavepoint, {});
  try {
    call.body(connection_);
  } catch (...) {
    call.error = std::current_exception();
  }
  // A full disk or an I/O error makes the engine roll back everything, the neighbours' work too.
  if (!connection_.in_transaction()) {
    throw Unavailable("the engine ended the transaction" + (call.error ? ": " + describe(call.error) : std::string()));
  }
  if (!savepoint) return;
  if (call.error) connection_.execute(kRollbackTo, {});
  connection_.execute(kRelease, {});
}

}  // namespace segue::sql
