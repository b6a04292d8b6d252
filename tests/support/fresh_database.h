// A PostgreSQL database of this test process's own, on the server that tests/support/postgres.sh started.
#pragma once
#include <optional>
#include <string>

namespace segue::test {

class FreshDatabase {
 public:
  // Nothing when the environment names no server (SEGUE_TEST_POSTGRES).
  static std::optional<std::string> server_url();

  enum class Schema { empty, migrated };
  // Creates a database; throws sql::Unavailable when the server refuses. A migrated one is a copy of one that the server keeps.
  explicit FreshDatabase(const std::string& server_url, Schema schema = Schema::migrated);
  ~FreshDatabase();  // drops it, with the sessions that are left
  FreshDatabase(const FreshDatabase&) = delete;
  FreshDatabase& operator=(const FreshDatabase&) = delete;

  const std::string& url() const { return url_; }

 private:
  std::string server_url_;
  std::string name_;
  std::string url_;
};

}  // namespace segue::test
