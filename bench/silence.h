// Time to silence: from the call that revokes a native app's refresh token until the last relying party of what grew from it was
// told.
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "bench/load.h"
#include "bench/world.h"
#include "http/lanes.h"
#include "http/transport/listener.h"

namespace segue::bench {

// The relying party: takes every logout token over TLS. The server that is started after it may call it.
class LogoutReceiver final : public http::Service {
 public:
  LogoutReceiver();
  ~LogoutReceiver() override;

  std::string url() const;
  void expect(int count);
  // Until so many have come.
  void wait();

  std::optional<http::Response> refuse_head(const http::Request&) override { return std::nullopt; }
  std::size_t body_limit(const http::Request&) override { return 64 * 1024; }
  http::Lane lane_of(const http::Request&) override { return http::Lane::io; }
  http::Response respond(const http::Request& request, http::Lane lane, std::string id) override;

 private:
  const std::string authority_file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int missing_ = 0;
  http::Lanes lanes_{{.quick_threads = 1}};
  std::optional<http::transport::Listener> listener_;
};

// With 1, 100 and 10,000 sessions below the token, while another app goes on exchanging its own.
void measure_silence(const World& world, LogoutReceiver& receiver, const Load& load);

}  // namespace segue::bench
