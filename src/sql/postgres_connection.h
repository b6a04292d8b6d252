// One PostgreSQL session with its prepared statements. Used by one thread at a time.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sql/connection.h"

struct pg_conn;
struct pg_result;

namespace segue::sql {

// The transaction is gone and may be tried again: a deadlock, a serialization failure, or a session lost before the commit.
class PostgresRetry final : public Unavailable {
 public:
  PostgresRetry(std::string what, bool session_lost) : Unavailable(std::move(what)), session_lost_(session_lost) {}
  bool session_lost() const { return session_lost_; }

 private:
  bool session_lost_;
};

class PostgresConnection final : public Connection {
 public:
  enum class Access { read_only, read_write };

  // Connects. Throws Unavailable.
  PostgresConnection(const std::string& url, const std::string& label);

  Engine engine() const override { return Engine::postgres; }
  std::int64_t run(const Statement& statement, std::span<const Param> params,
                   base::FunctionRef<void(const Row&)> on_row) override;
  // Any number of statements, inside the open transaction.
  void run_script(const std::string& script);

  // The BEGIN travels with the first statement, so it costs no round trip of its own.
  void begin(Access access);
  // Throws PostgresRetry when the server refused the commit, and Unavailable when nobody can tell whether it happened.
  void commit();
  void rollback_quietly() noexcept;
  // False when the session cannot be used for another transaction.
  bool usable() const;

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  struct Clear {
    void operator()(pg_result* result) const;
  };
  using Result = std::unique_ptr<pg_result, Clear>;
  // PostgreSQL fixes the parameter types when it prepares, so a statement has an entry for each set of kinds it is called with.
  struct Prepared {
    std::string kinds;
    std::string name;
  };

  const Prepared* find(const char* text, const std::string& kinds) const;
  void bind(std::span<const Param> params);
  void sent(int accepted, std::string_view what);
  // Sends the synchronisation point, reads every answer up to it and returns the last one, or throws what the first failure
  // means.
  Result answers(std::size_t commands, std::string_view what);
  [[noreturn]] void fail(const pg_result* result, std::string_view what) const;
  [[noreturn]] void lost(std::string_view what) const;
  void send_begin(std::size_t& commands, std::string_view what);

  std::unique_ptr<pg_conn, Finish> connection_;
  std::unordered_map<const char*, std::vector<Prepared>> statements_;  // by the address of the literal
  std::uint64_t names_ = 0;
  Access access_ = Access::read_write;
  bool begin_waits_ = false;  // begin() was called, nothing was sent yet
  bool open_ = false;         // the server has a transaction

  // Kept between calls for their capacity.
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::uint64_t> integers_;
};

}  // namespace segue::sql
