// HTTPS server: sockets, TLS, limits, timeouts, parsing. The only folder that sees Beast and Asio. Hop 1.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/lanes.h"
#include "http/service.h"

namespace segue::http::transport {

struct Limits {
  std::size_t header_bytes = 32 * 1024;
  std::size_t target_bytes = 16 * 1024;
  std::size_t headers = 100;
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds read_head{10'000};  // from the first byte of a request to the end of its head
  std::chrono::milliseconds read_body{30'000};
  std::chrono::milliseconds idle{75'000};  // between requests
  std::chrono::milliseconds write{30'000};
  std::size_t connections = 100'000;  // beyond: closed at once
  // Per I/O thread. More than can share a commit with profit; each that was ever used at once keeps its stack.
  std::size_t fibers = 256;
};

struct ListenerOptions {
  std::string address = "0.0.0.0";
  unsigned short port = 0;      // 0: the system chooses; port() tells
  int io_threads = 2;           // one io_context each, SO_REUSEPORT
  bool tls = true;              // false only for the operator port
  std::string certificate_pem;  // chain
  std::string key_pem;
  Limits limits;
  // Set: every connection begins with a PROXY protocol header of version 2, and only from these peers (canonical address); others
  // are closed. Called on the I/O threads.
  std::function<bool(std::string_view)> is_proxy;
};

struct ListenerCounters {
  std::uint64_t open_connections = 0, accepted = 0, requests = 0, refused = 0, timed_out = 0;
};

class Listener {
 public:
  // Binds and accepts at once; throws std::runtime_error with a text for the operator when it cannot.
  Listener(const ListenerOptions& options, Service& service, Lanes& lanes);
  ~Listener();
  unsigned short port() const;
  // New handshakes use it; the old one stays when it is unusable, and the text says why (empty: done).
  std::string reload_certificate(const std::string& certificate_pem, const std::string& key_pem);
  // Stops accepting, answers what is under way with `Connection: close`, and returns when all is closed or `patience` is over.
  void drain(std::chrono::milliseconds patience);
  ListenerCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Raises the soft limit of open files to the hard one; returns the new limit.
std::size_t raise_file_limit();

}  // namespace segue::http::transport
