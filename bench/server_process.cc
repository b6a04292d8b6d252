#include "bench/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace segue::bench {
int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found = ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(probe);
  if (!found) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(std::filesystem::path binary, std::string database)
    // Longer than the pause of the log indexer: a second, and two more for PostgreSQL's transactions to settle.
    : ProcessUsage(database.empty() ? 5 : 13), binary_(std::move(binary)), database_(std::move(database)), port_(free_port()) {
  auto name = (std::filesystem::temp_directory_path() / "segue-bench.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  folder_ = name;
  const int log = ::open((folder_ / "init.log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t init = spawn({"init", "--domain", "localhost:" + std::to_string(port_), "--management-client-id", kClientId,
                            "--management-client-secret", kClientSecret},
                           log);
  ::close(log);
  int status = 0;
  ::waitpid(init, &status, 0);
  if (status != 0) throw std::runtime_error("segue init failed; see " + (folder_ / "init.log").string());
}

ServerProcess::~ServerProcess() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

pid_t ServerProcess::spawn(const std::vector<std::string>& arguments, int output) const {
  std::vector<std::string> words = {binary_.string(), arguments.front(), "--data", (folder_ / "data").string()};
  words.insert(words.end(), arguments.begin() + 1, arguments.end());
  if (!database_.empty()) words.insert(words.end(), {"--database", database_});
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto log = (folder_ / "server.log").string();

  const pid_t child = ::fork();
  if (child != 0) return child;
  ::dup2(output, STDOUT_FILENO);
  ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
  // No operator port: another server on this machine may have it.
  ::setenv("SEGUE_OPERATOR_LISTEN", "", 1);
  // What is measured is the work, not the limit.
  ::setenv("SEGUE_MANAGEMENT_REQUESTS_PER_SECOND", "1000000", 1);
  ::execv(argv.front(), argv.data());
  ::_exit(127);
}

double ServerProcess::start() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const auto begin = std::chrono::steady_clock::now();
  pid_ = spawn({"serve", "--listen", "127.0.0.1:" + std::to_string(port_)}, ends[1]);
  ::close(ends[1]);
  std::string text;
  char chunk[512];
  ssize_t count = 0;
  while (text.find("segue ready https://localhost:" + std::to_string(port_)) == std::string::npos &&
         (count = ::read(ends[0], chunk, sizeof chunk)) > 0) {
    text.append(chunk, static_cast<std::size_t>(count));
  }
  const std::chrono::duration<double, std::milli> waited = std::chrono::steady_clock::now() - begin;
  if (count <= 0) {
    std::ostringstream log;
    log << "segue serve did not start: " << text << std::ifstream(folder_ / "server.log").rdbuf();
    throw std::runtime_error(log.str());
  }
  ::close(ends[0]);
  return waited.count();
}

void ServerProcess::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string management_token(const Target& target, HttpsClient& client) {
  return member(expect(200, client.post("/oauth/token", {{"grant_type", "client_credentials"},
                                                         {"client_id", ServerProcess::kClientId},
                                                         {"client_secret", ServerProcess::kClientSecret},
                                                         {"audience", "https://" + target.domain() + "/api/v2/"}})),
                "access_token");
}

}  // namespace segue::bench
