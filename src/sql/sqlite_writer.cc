#include "sql/sqlite_writer.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace segue::sql {
namespace {

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
  Call call{.body = body, .error = nullptr, .fiber = base::Fiber::current()};
  std::shared_ptr<Batch> batch;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) throw Unavailable("the database is being closed");
    waiting_->calls.push_back(&call);
    batch = waiting_;
    wake = std::exchange(idle_, false);
  }
  if (wake) work_.notify_one();
  if (call.fiber != nullptr) {
    call.fiber->suspend();
  } else {
    batch->done.wait();
  }
  if (call.error) std::rethrow_exception(std::exchange(call.error, nullptr));
}

void SqliteWriter::loop() {
  auto next = std::make_shared<Batch>();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      while (waiting_->calls.empty() && !stopping_) {
        idle_ = true;
        work_.wait(lock);
      }
      idle_ = false;
      if (waiting_->calls.empty()) return;
      next.swap(waiting_);
    }
    commit(next->calls);
    answer(*next);
    next = std::make_shared<Batch>();
  }
}

// A call is gone as soon as its caller goes on: the fibers are read before anybody is told.
void SqliteWriter::answer(Batch& batch) {
  fibers_.clear();
  for (const Call* call : batch.calls) {
    if (call->fiber != nullptr) fibers_.push_back(call->fiber);
  }
  if (fibers_.size() < batch.calls.size()) batch.done.set();
  for (base::Fiber* fiber : fibers_) fiber->wake();
}

void SqliteWriter::commit(std::span<Call* const> batch) {
  {
    const std::lock_guard lock(connection_use_);
    if (attempt(batch)) return;
  }
  base::log::warn("a commit failed; its writes are run again one by one",
                  {{"reason", failure_}, {"writes", std::to_string(batch.size())}});
  // One body may be what broke the transaction, so each now stands alone and cannot fail its neighbours.
  for (Call* call : batch) {
    const std::lock_guard lock(connection_use_);
    if (!attempt({&call, 1})) call->error = std::make_exception_ptr(Unavailable("not stored: " + failure_));
  }
}

// True when every call has its result: committed, or the exception of its own body. False when the transaction failed as a whole.
bool SqliteWriter::attempt(std::span<Call* const> batch) {
  const bool alone = batch.size() == 1;
  try {
    connection_.execute(kBeginWrite, {});
    if (!run_plainly(batch) && !alone) {
      connection_.rollback_quietly();
      connection_.execute(kBeginWrite, {});
      for (Call* call : batch) run_body(*call, true);
    }
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
    for (Call* call : batch) {
      if (!call->error) call->error = lost;
    }
  }
  return true;
}

// Only faults throw, and they are rare: savepoints, two statements for every body, are left to the batch that has one. False
// when a body threw; the bodies after it were not run.
bool SqliteWriter::run_plainly(std::span<Call* const> batch) {
  for (Call* call : batch) {
    run_body(*call, false);
    if (call->error) return false;
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
