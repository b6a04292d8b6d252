#include "support/fresh_database.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "sql/connection.h"
#include "sql/database.h"
#include "sql/migrator.h"
#include "store/schema.h"

namespace segue::test {
namespace {

class ServerConnection {
 public:
  explicit ServerConnection(const std::string& url) : connection_(PQconnectdb(url.c_str())) {}
  ~ServerConnection() { PQfinish(connection_); }
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  // How many rows it answers.
  int run(const std::string& command) {
    PGresult* const result = PQexec(connection_, command.c_str());
    const auto status = PQresultStatus(result);
    const int rows = PQntuples(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw sql::Unavailable("the test server refused: " + command + ": " + PQerrorMessage(connection_));
    return rows;
  }

 private:
  PGconn* const connection_;
};

void run_on_server(const std::string& url, const std::string& command) { ServerConnection(url).run(command); }

// postgresql://USER@HOST/DATABASE?WORDS with another database.
std::string with_database(std::string url, const std::string& name) {
  const auto authority = url.find("://") + 3;
  const auto slash = url.find('/', authority);
  const auto end = std::min(url.find('?', authority), url.size());
  return url.replace(slash + 1, end - slash - 1, name);
}

// Named after what it holds: a server may serve more than one build. The first process that needs it makes it.
std::string migrated_template(const std::string& server_url) {
  std::string all;
  for (const auto& migration : store::migrations()) all += std::string(migration.postgres);
  const auto name = "segue_migrated_" + base::hex(crypto::sha256(all)).substr(0, 16);
  ServerConnection server(server_url);
  server.run("select pg_advisory_lock(1)");  // until this connection ends
  if (server.run("select 1 from pg_database where datname = '" + name + "'") > 0) return name;
  const auto making = name + "_making";
  server.run("drop database if exists " + making);
  server.run("create database " + making);
  sql::migrate(*sql::open_database(with_database(server_url, making)), store::migrations());
  server.run("alter database " + making + " rename to " + name);
  return name;
}

}  // namespace

std::optional<std::string> FreshDatabase::server_url() {
  const char* const url = std::getenv("SEGUE_TEST_POSTGRES");
  return url && *url ? std::optional<std::string>(url) : std::nullopt;
}

FreshDatabase::FreshDatabase(const std::string& server_url, Schema schema) : server_url_(server_url) {
  static std::atomic<int> made{0};
  name_ = "segue_test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  std::string model;
  if (schema == Schema::migrated) {
    static const auto migrated = migrated_template(server_url);
    model = " template " + migrated + " strategy file_copy";
  }
  run_on_server(server_url_, "create database " + name_ + model);
  url_ = with_database(server_url_, name_);
}

FreshDatabase::~FreshDatabase() {
  try {
    run_on_server(server_url_, "drop database if exists " + name_ + " with (force)");
  } catch (const sql::Unavailable&) {
    // The server may already be gone; it takes the database with it.
  }
}

}  // namespace segue::test
