#include "bench/silence.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/system_clock.h"
#include "crypto/certificates.h"

namespace segue::bench {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Each opened by a transfer of its own.
void open_sessions(const World& world, const std::string& refresh_token, const Load& load, int count) {
  std::atomic<int> left = count;
  std::vector<std::jthread> threads;
  for (int i = 0; i < std::min(count, load.threads); ++i) {
    threads.emplace_back([&] {
      HttpsClient client(load.target);
      while (left-- > 0) expect(302, world.redeem(client, world.mint(client, refresh_token)));
    });
  }
}

}  // namespace

LogoutReceiver::LogoutReceiver()
    : authority_file_(
          (std::filesystem::temp_directory_path() / ("segue-bench-ca-" + std::to_string(::getpid()) + ".pem")).string()) {
  const auto now = base::SystemClock().now();
  const auto authority = crypto::make_certificate_authority("bench", now);
  const auto issued = crypto::make_server_certificate(authority, {"localhost"}, now);
  std::ofstream(authority_file_) << authority.certificate_pem;
  ::setenv("SEGUE_OUTBOUND_ALLOW_PRIVATE", "true", 1);
  ::setenv("SEGUE_OUTBOUND_CA_FILE", authority_file_.c_str(), 1);
  http::transport::ListenerOptions options;
  options.address = "127.0.0.1";
  options.io_threads = 1;
  options.certificate_pem = issued.certificate_pem;
  options.key_pem = std::string(issued.key_pem.reveal());
  listener_.emplace(options, *this, lanes_);
}

LogoutReceiver::~LogoutReceiver() {
  listener_.reset();
  std::filesystem::remove(authority_file_);
}

std::string LogoutReceiver::url() const { return "https://localhost:" + std::to_string(listener_->port()) + "/"; }

void LogoutReceiver::expect(int count) {
  const std::scoped_lock lock(mutex_);
  missing_ = count;
}

void LogoutReceiver::wait() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::minutes(5), [this] { return missing_ <= 0; }))
    throw std::runtime_error(std::to_string(missing_) + " logout tokens did not come in five minutes");
}

http::Response LogoutReceiver::respond(const http::Request&, http::Lane, std::string) {
  const std::scoped_lock lock(mutex_);
  if (--missing_ == 0) changed_.notify_all();
  return http::empty_response(204);
}

void measure_silence(const World& world, LogoutReceiver& receiver, const Load& load) {
  world.tell_web_client(receiver.url());
  std::printf("\nTime to silence, from POST /oauth/revoke to the last relying party told:\n");
  for (const int count : {1, 100, 10'000}) {
    HttpsClient signing_in(load.target);
    const auto refresh_token =
        member(expect(200, world.sign_in(signing_in, 0, world.native_client(), "offline_access")), "refresh_token");
    open_sessions(world, refresh_token, load, count);
    load.server.wait_until_quiet();
    HttpsClient client(load.target);  // a new one: the other was idle for long
    receiver.expect(count);
    std::vector<double> meanwhile;
    double revoked = 0, silent = 0;
    {
      // Another app's exchanges commit beside it: the slowest tells how long the writer was held.
      std::jthread probe([&](const std::stop_token& stop) {
        HttpsClient other(load.target);
        while (!stop.stop_requested()) {
          const auto begin = Clock::now();
          world.mint(other, world.plain_refresh_tokens().at(1));
          meanwhile.push_back(milliseconds_since(begin));
        }
      });
      const auto begin = Clock::now();
      expect(200, client.post("/oauth/revoke", {{"client_id", world.native_client()}, {"token", refresh_token}}));
      revoked = milliseconds_since(begin);
      receiver.wait();
      silent = milliseconds_since(begin);
    }
    std::sort(meanwhile.begin(), meanwhile.end());
    const auto at = [&](double share) {
      return meanwhile.empty() ? 0 : meanwhile[static_cast<std::size_t>(share * static_cast<double>(meanwhile.size() - 1))];
    };
    std::printf(
        "%6d sessions: revoked after %.1f ms, silent after %.0f ms; another app's exchanges meanwhile p50/p99/slowest "
        "%.1f/%.1f/%.1f ms\n",
        count, revoked, silent, at(0.5), at(0.99), at(1));
    std::fflush(stdout);
  }
}

}  // namespace segue::bench
