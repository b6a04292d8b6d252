// The release binary as a child process with data of its own, and what the kernel says about it.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "bench/https_client.h"
#include "bench/process_usage.h"

namespace segue::bench {

int free_port();

class ServerProcess : public ProcessUsage {
 public:
  // `database` is empty for SQLite in the data folder. Runs `segue init`.
  ServerProcess(std::filesystem::path binary, std::string database);
  ~ServerProcess();  // stops the server and removes the data
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Returns the milliseconds from exec to the line that says it is ready.
  double start();
  void stop();

  int port() const { return port_; }
  std::string authority_file() const { return (folder_ / "data/ca.pem").string(); }
  std::filesystem::path folder() const { return folder_; }

  static constexpr const char* kClientId = "bench-management";
  static constexpr const char* kClientSecret = "bench-management-secret-that-opens-nothing-but-a-temporary-server";

 private:
  pid_t spawn(const std::vector<std::string>& arguments, int output) const;

  const std::filesystem::path binary_;
  const std::string database_;
  std::filesystem::path folder_;
  int port_ = 0;
};

// Of the bench's own management client.
std::string management_token(const Target& target, HttpsClient& client);

}  // namespace segue::bench
