#include "bench/peer_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "json/value.h"

namespace segue::bench {
namespace {

// A garbage collector may start late; half a second of rest is enough.
constexpr int kQuietSteps = 2;

std::string text(const json::object& from, std::string_view name) { return json::find_string(from, name).value_or(""); }

Application application(const json::value& from) {
  const auto& members = from.as_object();
  return {text(members, "client_id"), text(members, "client_secret"), text(members, "audience")};
}

Provider::Applications applications(const json::object& from) {
  return {application(from.at("machine")), application(from.at("web")), text(from, "rotating")};
}

std::vector<std::string> texts(const json::value& from) {
  std::vector<std::string> out;
  for (const auto& item : from.as_array()) out.emplace_back(item.as_string());
  return out;
}

Provider provider_of(const json::object& from) {
  const auto &rs256 = from.at("RS256").as_object(), &es256 = from.at("ES256").as_object();
  return {.token_path = text(from, "token_path"),
          .authorize_path = text(from, "authorize_path"),
          .keys_path = text(from, "keys_path"),
          .audience_parameter = text(from, "audience_parameter"),
          .rs256 = applications(rs256),
          .es256 = applications(es256),
          .sessions = texts(from.at("sessions")),
          .rotating_refresh_tokens = [rs = texts(rs256.at("refresh_tokens")),
                                      es = texts(es256.at("refresh_tokens"))](crypto::SignatureAlgorithm algorithm) {
            return algorithm == crypto::SignatureAlgorithm::RS256 ? rs : es;
          }};
}

std::string first_line(int descriptor) {
  std::string out;
  char chunk[4096];
  for (ssize_t count = 0; out.find('\n') == std::string::npos && (count = ::read(descriptor, chunk, sizeof chunk)) > 0;) {
    out.append(chunk, static_cast<std::size_t>(count));
  }
  return out.substr(0, out.find('\n'));
}

}  // namespace

PeerProcess::PeerProcess(const std::string& script, const ServerProcess& server, int threads)
    : ProcessUsage(kQuietSteps), port_(free_port()) {
  std::vector<std::string> words = {"node",
                                    script,
                                    std::to_string(port_),
                                    (server.folder() / "data/tls-certificate.pem").string(),
                                    (server.folder() / "data/tls-key.pem").string(),
                                    std::to_string(threads)};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto log = (server.folder() / "peer.log").string();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    ::setenv("NODE_ENV", "production", 1);
    ::execvp(argv.front(), argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  const auto description = json::parse(first_line(ends[0]));
  ::close(ends[0]);
  if (!description.ok()) throw std::runtime_error("the peer did not start; see " + log);
  provider_ = provider_of(description->as_object());
}

PeerProcess::~PeerProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace segue::bench
