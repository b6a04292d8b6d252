// A bounded pool of connections, made when first needed. The one used last is lent first, so that its caches are warm.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "sql/connection.h"

namespace segue::sql {

template <class T>
class Pool {
 public:
  Pool(int size, std::function<std::unique_ptr<T>()> make) : size_(size < 1 ? 1 : size), make_(std::move(make)) {}

  // A place in the pool. `get` connects when the place has no connection; a discarded connection is replaced by the next `get`.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<T> connection) : pool_(pool), connection_(std::move(connection)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give_back(std::move(connection_)); }

    T& get() {
      if (!connection_) connection_ = pool_.make_();
      return *connection_;
    }
    T* held() const { return connection_.get(); }
    void discard() { connection_.reset(); }

   private:
    Pool& pool_;
    std::unique_ptr<T> connection_;
  };

  Lease lend() {
    std::unique_lock lock(mutex_);
    // Bounded, so that a body that wrongly asks for a second connection is reported instead of hanging the process.
    constexpr auto kPatience = std::chrono::seconds(15);
    if (!returned_.wait_for(lock, kPatience, [this] { return lent_ < size_; })) {
      throw Unavailable("every database connection is in use; raise the pool size or lower the load");
    }
    ++lent_;
    if (idle_.empty()) return Lease(*this, nullptr);
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return Lease(*this, std::move(connection));
  }

 private:
  void give_back(std::unique_ptr<T> connection) {
    {
      const std::lock_guard lock(mutex_);
      --lent_;
      if (connection) idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
  }

  const int size_;
  const std::function<std::unique_ptr<T>()> make_;
  std::mutex mutex_;
  std::condition_variable returned_;
  int lent_ = 0;
  std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace segue::sql
