#include "sql/postgres_database.h"

#include "base/log.h"
#include "base/result.h"
#include "sql/pool.h"
#include "sql/postgres_connection.h"

namespace segue::sql {
namespace {

// More than deadlocks need, few enough to end: each try has done real work.
constexpr int kTries = 8;

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const std::string& url, const DatabaseOptions& options)
      : fault_(options.fault),
        pool_(options.readers, [url, label = options.label] { return std::make_unique<PostgresConnection>(url, label); }) {
    pool_.lend().get();  // a wrong address or password shows at the start, not at the first request
  }

  Engine engine() const override { return Engine::postgres; }

  void read(base::FunctionRef<void(Connection&)> body) override {
    transact(PostgresConnection::Access::read_only, [&](PostgresConnection& connection) { body(connection); });
  }

  void write(base::FunctionRef<void(Connection&)> body) override {
    transact(PostgresConnection::Access::read_write, [&](PostgresConnection& connection) { body(connection); });
  }

  void run_script(std::string_view script) override {
    const std::string text(script);
    transact(PostgresConnection::Access::read_write, [&](PostgresConnection& connection) { connection.run_script(text); });
  }

 private:
  void transact(PostgresConnection::Access access, base::FunctionRef<void(PostgresConnection&)> body) {
    auto lease = pool_.lend();
    for (int tries = 1;; ++tries) {
      try {
        attempt(lease.get(), access, body);
        return;
      } catch (const PostgresRetry& failure) {
        if (failure.session_lost()) lease.discard();
        discard_unless_usable(lease);
        if (tries == kTries) throw;
        base::log::warn("a transaction is run again", {{"reason", failure.what()}});
      } catch (const ConstraintViolation&) {
        // Another transaction may have committed the same key between this one's check and its write: the second run sees it.
        discard_unless_usable(lease);
        if (tries > 1) throw;
      } catch (...) {
        discard_unless_usable(lease);
        throw;
      }
    }
  }

  // A session whose rollback failed is in an unknown state.
  static void discard_unless_usable(Pool<PostgresConnection>::Lease& lease) {
    if (lease.held() && !lease.held()->usable()) lease.discard();
  }

  void attempt(PostgresConnection& connection, PostgresConnection::Access access,
               base::FunctionRef<void(PostgresConnection&)> body) {
    try {
      connection.begin(access);
      body(connection);
      if (access == PostgresConnection::Access::read_write) fault_before_commit();
      connection.commit();
    } catch (...) {
      connection.rollback_quietly();
      throw;
    }
    if (access == PostgresConnection::Access::read_write) fault_after_commit();
  }

  void fault_before_commit() {
    if (!fault_) return;
    try {
      fault_->before_commit();
    } catch (const std::exception& e) {
      throw PostgresRetry(std::string("the commit failed: ") + e.what(), false);
    }
  }

  void fault_after_commit() {
    if (!fault_) return;
    try {
      fault_->after_commit();
    } catch (const std::exception& e) {
      throw Unavailable(std::string("stored, but the answer was lost: ") + e.what());
    }
  }

  WriteFault* const fault_;
  Pool<PostgresConnection> pool_;
};

}  // namespace

std::unique_ptr<Database> open_postgres_database(const std::string& url, const DatabaseOptions& options) {
  return std::make_unique<PostgresDatabase>(url, options);
}

}  // namespace segue::sql
