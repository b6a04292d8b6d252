// A TLS server of this machine with a certificate of its own authority: what the server under test calls. What it answers, the
// test says.
#pragma once
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/system_clock.h"
#include "crypto/certificates.h"
#include "http/lanes.h"
#include "http/transport/listener.h"

namespace segue::test {

class CalledServer final : public http::Service {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;

  explicit CalledServer(Answer answer, const std::vector<std::string>& hosts = {"localhost"}, bool tls = true)
      : answer_(std::move(answer)),
        ca_file_((std::filesystem::temp_directory_path() / ("segue-ca-" + std::to_string(::getpid()) + "-" +
                                                            std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".pem"))
                     .string()) {
    const auto now = base::SystemClock().now();
    const auto authority = crypto::make_certificate_authority("test", now);
    const auto issued = crypto::make_server_certificate(authority, hosts, now);
    std::ofstream(ca_file_) << authority.certificate_pem;
    http::transport::ListenerOptions options;
    options.address = "127.0.0.1";
    options.tls = tls;
    options.certificate_pem = issued.certificate_pem;
    options.key_pem = std::string(issued.key_pem.reveal());
    listener_.emplace(options, *this, lanes_);
  }
  ~CalledServer() override {
    release();
    listener_.reset();
    std::filesystem::remove(ca_file_);
  }

  unsigned short port() const { return listener_->port(); }
  const std::string& ca_file() const { return ca_file_; }
  std::string url(const std::string& path, const std::string& host = "localhost") const {
    return "https://" + host + ":" + std::to_string(port()) + path;
  }
  // What was asked, in order.
  std::vector<http::Request> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  // Until as many requests have come. False when they do not within ten seconds.
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return requests_.size() >= count; });
  }
  std::uint64_t connections() const { return listener_->counters().accepted; }
  // Whether so many were asked, at once or within half a minute.
  bool was_asked(std::size_t times) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return requests_.size() >= times; });
  }
  // A request to /hold waits until then.
  void release() {
    const std::scoped_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

  std::optional<http::Response> refuse_head(const http::Request&) override { return std::nullopt; }
  std::size_t body_limit(const http::Request&) override { return 1'000'000; }
  http::Lane lane_of(const http::Request&) override { return http::Lane::quick; }
  http::Response respond(const http::Request& request, http::Lane, std::string) override {
    {
      std::unique_lock lock(mutex_);
      requests_.push_back(request);
      changed_.notify_all();
      changed_.notify_all();
      if (request.path == "/hold") changed_.wait(lock, [this] { return released_; });
    }
    return answer_(request);
  }

 private:
  const Answer answer_;
  const std::string ca_file_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool released_ = false;
  std::vector<http::Request> requests_;
  http::Lanes lanes_{{.quick_threads = 16}};
  std::optional<http::transport::Listener> listener_;
};

}  // namespace segue::test
