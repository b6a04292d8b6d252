// Servers as their operator and their clients meet them: processes on one data folder, asked over TLS, killed and started again.
#pragma once
#include <memory>
#include <string>

#include "process.h"
#include "raw_client.h"
#include "support/browser.h"
#include "support/world.h"

namespace segue::test {

// One running segue-test-server. Safe from many threads: every request has its own connection.
class ServerProcess {
 public:
  ServerProcess(const std::filesystem::path& data, const std::string& database, const std::filesystem::path& log,
                const std::string& listen, const std::vector<std::string>& more);

  // Status 0: no answer.
  http::Response send(const http::Request& request) const;
  unsigned short port() const { return port_; }
  Tokens token(const http::Parameters& form) const;
  Browser browser() const;
  // The process dies at the commit that follows `passing` others; `point` is before_commit or after_commit.
  void die_at(const std::string& point, int passing) const;
  // Moves the server's time.
  void advance(std::chrono::seconds by) const;
  void kill();
  // Waits for the death that die_at() arranged; false when it ended otherwise.
  bool died();

 private:
  Process process_;
  unsigned short port_ = 0, operator_port_ = 0;
};

// Sends it as the only request of this connection. Status 0: no answer.
http::Response send_over(RawClient& client, const http::Request& request);

// A data folder with a tenant, a native app, a web app and a person.
class Deployment {
 public:
  // `database`: a PostgreSQL URL; empty for SQLite.
  explicit Deployment(std::string database = {});
  ~Deployment();

  // `more`: further arguments of `segue serve`.
  std::unique_ptr<ServerProcess> start(const std::string& listen = "127.0.0.1:0",
                                       const std::vector<std::string>& more = {}) const;
  std::filesystem::path data() const { return root_ / "data"; }
  // For the Management API, with every scope.
  std::string management_token(const ServerProcess& server) const;
  // What the Management API answers to its own client; throws when it refuses.
  json::value managed(const ServerProcess& server, http::Method method, const std::string& path,
                      const json::value& body = nullptr) const;

  Client native;   // rotates without leeway
  Client patient;  // rotates with a leeway of 30 s
  Client web;
  User ada;

 private:
  void fill(const ServerProcess& server);

  const std::string database_;
  const std::filesystem::path root_;
};

}  // namespace segue::test
