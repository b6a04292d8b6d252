// The way out for sandboxed code, which has no network of its own: an HTTP proxy on a Unix socket. A target is resolved, its
// address checked (address_rules.h) and that address connected to, as the outbound client does.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace segue::outbound {

struct ProxyOptions {
  bool allow_private = false;
  int connections = 128;                       // at once
  int connections_per_process = 16;            // of one caller
  std::int64_t most_bytes = 64 * 1024 * 1024;  // of one connection, both ways
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds idle{60'000};
  std::vector<std::string> names;  // as in client.h
};

class Proxy {
 public:
  // Listens on the socket, which anybody who can see it may use. Throws when it cannot.
  Proxy(std::string socket_path, const ProxyOptions& options);
  ~Proxy();  // ends all connections
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  const std::string& socket_path() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::outbound
