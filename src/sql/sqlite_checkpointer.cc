#include "sql/sqlite_checkpointer.h"

#include <sqlite3.h>

#include <chrono>

#include "base/log.h"

namespace segue::sql {
namespace {

constexpr auto kPause = std::chrono::milliseconds(200);
constexpr int kCheckpointCacheKib = 256;
// Beyond, the next commit starts the log anew in the same place: writing over blocks that the file has costs less than new ones,
// and their sync needs no metadata.
constexpr int kLargestLogFrames = 16 * 1024 * 1024 / 4096;
// A restart holds the write lock while it waits for readers: the writer stands still for at most this long.
constexpr int kRestartWaitMs = 50;

}  // namespace

SqliteCheckpointer::SqliteCheckpointer(const std::string& path, std::function<std::uint64_t()> commits)
    : connection_(path, SqliteConnection::Mode::read_write, kCheckpointCacheKib), commits_(std::move(commits)) {
  connection_.run_script("pragma synchronous = full; pragma wal_autocheckpoint = 0");
  sqlite3_busy_timeout(connection_.handle(), kRestartWaitMs);
  thread_ = std::thread([this] { loop(); });
}

SqliteCheckpointer::~SqliteCheckpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void SqliteCheckpointer::loop() {
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kPause, [this] { return stopping_; })) {
    const std::uint64_t now = commits_();
    if (now == seen) continue;
    lock.unlock();
    if (checkpoint()) seen = now;  // otherwise a reader held it back, and the next round tries again
    lock.lock();
  }
}

// True when the whole log is in the database file.
bool SqliteCheckpointer::checkpoint() {
  int frames = 0;
  int copied = 0;
  int outcome = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
  if (outcome == SQLITE_OK && frames > kLargestLogFrames) {
    outcome = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_RESTART, &frames, &copied);
  }
  if (outcome != SQLITE_OK && (outcome & 0xff) != SQLITE_BUSY) {
    base::log::warn("a SQLite checkpoint failed", {{"reason", sqlite3_errmsg(connection_.handle())}});
  }
  return outcome == SQLITE_OK && frames == copied;
}

}  // namespace segue::sql
