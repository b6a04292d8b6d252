#include "support/fresh_database.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "sql/connection.h"

namespace segue::test {
namespace {

void run_on_server(const std::string& url, const std::string& command) {
  PGconn* const connection = PQconnectdb(url.c_str());
  PGresult* const result = PQexec(connection, command.c_str());
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  const std::string message = PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
  if (!done) throw sql::Unavailable("the test server refused: " + command + ": " + message);
}

// postgresql://USER@HOST/DATABASE?WORDS with another database.
std::string with_database(std::string url, const std::string& name) {
  const auto authority = url.find("://") + 3;
  const auto slash = url.find('/', authority);
  const auto end = std::min(url.find('?', authority), url.size());
  return url.replace(slash + 1, end - slash - 1, name);
}

}  // namespace

std::optional<std::string> FreshDatabase::server_url() {
  const char* const url = std::getenv("SEGUE_TEST_POSTGRES");
  return url && *url ? std::optional<std::string>(url) : std::nullopt;
}

FreshDatabase::FreshDatabase(const std::string& server_url) : server_url_(server_url) {
  static std::atomic<int> made{0};
  name_ = "segue_test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  run_on_server(server_url_, "create database " + name_);
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
