// A listener with a small service behind it, whose handlers a test can hold.
#pragma once
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/fiber.h"
#include "base/system_clock.h"
#include "crypto/certificates.h"
#include "http/transport/listener.h"
#include "raw_client.h"

namespace segue::test {

// Answers with what it got. Paths: /hold waits for release(), /large/N answers N bytes, /move goes to the hashing lane, /io is
// answered on the I/O thread, /fiber… on one of its fibers, /inject tries a header injection.
class EchoService final : public http::Service {
 public:
  std::optional<http::Response> refuse_head(const http::Request& head) override {
    if (head.host == "unknown.example") return http::json_response(421, "{}");
    if (head.path == "/throwing-head") throw std::runtime_error("head");
    return std::nullopt;
  }
  std::size_t body_limit(const http::Request& head) override { return head.path == "/big" ? 4'000'000 : 1000; }
  http::Lane lane_of(const http::Request& head) override {
    return head.path.starts_with("/io")      ? http::Lane::io
           : head.path.starts_with("/fiber") ? http::Lane::fiber
                                             : http::Lane::quick;
  }
  http::Response respond(const http::Request& request, http::Lane lane, std::string request_id) override {
    if (request.path == "/hold" || request.path == "/fiber-hold") hold();
    if (request.path == "/fiber-to-lane" && lane == http::Lane::fiber) return http::continue_on(http::Lane::hashing);
    if (request.path == "/io-to-lane" && lane == http::Lane::io) return http::continue_on(http::Lane::hashing);
    if (request.path == "/move" && lane == http::Lane::quick) return http::continue_on(http::Lane::hashing);
    if (request.path == "/move-for-ever") return http::continue_on(http::Lane::outbound);
    if (request.path == "/throw" || request.path == "/io-throwing" || request.path == "/fiber-throwing")
      throw std::runtime_error("respond");
    if (request.path == "/inject") return http::redirect_response("https://a/\r\nset-cookie: evil=1");
    if (request.path.starts_with("/large/"))
      return http::json_response(200, std::string(std::stoul(request.path.substr(7)), 'x'));
    {
      const std::scoped_lock lock(mutex_);
      ids_.insert(request_id);
    }
    return http::json_response(200, std::string(http::to_text(request.method)) + " " + request.host + " " + request.path + "?" +
                                        request.query + " " + request.peer_address + " " + request.body +
                                        (lane == http::Lane::hashing ? " hashing"
                                         : lane == http::Lane::io    ? " io"
                                         : base::Fiber::current()    ? " fiber"
                                                                     : ""));
  }
  void release() {
    const std::scoped_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
    for (base::Fiber* fiber : held_fibers_) fiber->wake();
    held_fibers_.clear();
  }
  void wait_until_held(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ >= count; });
  }
  std::size_t different_ids() {
    const std::scoped_lock lock(mutex_);
    return ids_.size();
  }

 private:
  void hold() {
    std::unique_lock lock(mutex_);
    ++held_;
    changed_.notify_all();
    if (base::Fiber* const fiber = base::Fiber::current(); fiber != nullptr) {
      if (released_) return;
      held_fibers_.push_back(fiber);
      lock.unlock();
      fiber->suspend();
      return;
    }
    changed_.wait(lock, [this] { return released_; });
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> ids_;
  std::vector<base::Fiber*> held_fibers_;
  int held_ = 0;
  bool released_ = false;
};

struct Certificate {
  std::string chain, key;
};
inline Certificate new_certificate() {
  const auto now = base::SystemClock().now();
  const auto authority = crypto::make_certificate_authority("test", now);
  const auto issued = crypto::make_server_certificate(authority, {"localhost"}, now);
  return {issued.certificate_pem, std::string(issued.key_pem.reveal())};
}
inline const Certificate& shared_certificate() {
  static const Certificate made = new_certificate();
  return made;
}

struct TransportWorld {
  explicit TransportWorld(http::transport::ListenerOptions options = {}, const http::LaneSizes& sizes = {.quick_threads = 8})
      : lanes(sizes), listener(filled(std::move(options)), service, lanes) {}
  ~TransportWorld() { service.release(); }

  RawClient tls() const { return RawClient(listener.port(), RawClient::Security::tls); }
  RawClient plain() const { return RawClient(listener.port(), RawClient::Security::plain); }

  static http::transport::ListenerOptions plainly(http::transport::Limits limits = {}) {
    http::transport::ListenerOptions options;
    options.tls = false;
    options.limits = limits;
    return options;
  }
  static http::transport::ListenerOptions filled(http::transport::ListenerOptions options) {
    options.address = "127.0.0.1";
    if (options.tls) {
      options.certificate_pem = shared_certificate().chain;
      options.key_pem = shared_certificate().key;
    }
    return options;
  }

  EchoService service;
  http::Lanes lanes;
  http::transport::Listener listener;
};

inline const std::string kGet = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";

}  // namespace segue::test
