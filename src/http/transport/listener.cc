#include "http/transport/listener.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "http/caller_address.h"
#include "http/transport/session.h"

namespace segue::http::transport {
namespace {

using namespace std::chrono_literals;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<Steady, asio::wait_traits<Steady>, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::runtime_error cannot_listen(const asio::ip::tcp::endpoint& endpoint, const std::string& why) {
  return std::runtime_error("cannot listen on " + endpoint.address().to_string() + ":" + std::to_string(endpoint.port()) + ": " +
                            why);
}

// With SO_REUSEPORT a second server of the same user would quietly share the port: a first socket without it finds that out.
void require_free_port(const asio::ip::tcp::endpoint& endpoint) {
  asio::io_context context;
  asio::ip::tcp::acceptor probe(context, endpoint.protocol());
  probe.set_option(asio::socket_base::reuse_address(true));
  if (endpoint.address().is_v6()) probe.set_option(asio::ip::v6_only(false));
  boost::system::error_code failure;
  probe.bind(endpoint, failure);
  if (failure) throw cannot_listen(endpoint, failure.message());
}

// How exact a deadline is. Deadlines are looked at together, not by a timer each.
std::chrono::milliseconds tick_for(const Limits& limits) {
  const auto shortest = std::min({limits.handshake, limits.read_head, limits.read_body, limits.idle, limits.write});
  return std::clamp<std::chrono::milliseconds>(shortest / 4, 10ms, 500ms);
}

std::string peer_address_of(const Socket& socket) {
  boost::system::error_code failure;
  const auto endpoint = socket.remote_endpoint(failure);
  return failure ? std::string() : canonical_address(endpoint.address().to_string()).value_or("");
}

}  // namespace

struct Listener::Impl {
  // One I/O thread: its loop, its share of the port, its clock.
  struct Worker {
    Worker(const Limits& limits, Service& service, Lanes& lanes, std::uint64_t seed)
        : loop(limits, service, lanes, seed), acceptor(loop.context), timer(loop.context), pause(loop.context) {}
    Loop loop;
    Acceptor acceptor;
    Timer timer;
    Timer pause;
    std::thread thread;
  };

  Impl(const ListenerOptions& options, Service& service, Lanes& lanes);
  ~Impl();

  void listen(Worker& worker, asio::ip::tcp::endpoint endpoint);
  void start(Worker& worker);
  void keep_running(Worker& worker, Task<void> (Impl::*activity)(Worker&));
  Task<void> accept(Worker& worker);
  void admit(Worker& worker, Socket socket);
  Task<void> tick(Worker& worker);
  template <class Action>
  void on_all_loops(Action action);
  std::uint64_t open_connections() const;
  void stop_accepting();
  TlsContext tls() const;

  const ListenerOptions options_;
  mutable std::mutex tls_mutex_;
  TlsContext tls_;
  unsigned short port_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;
};

Listener::Impl::Impl(const ListenerOptions& options, Service& service, Lanes& lanes) : options_(options) {
  if (options_.tls) tls_ = make_tls_context(options_.certificate_pem, options_.key_pem);
  boost::system::error_code failure;
  asio::ip::tcp::endpoint endpoint(asio::ip::make_address(options_.address, failure), options_.port);
  if (failure) throw std::runtime_error("\"" + options_.address + "\" is no address to listen on");
  if (options_.port != 0) require_free_port(endpoint);

  std::random_device device;
  for (int i = 0; i < std::max(1, options_.io_threads); ++i) {
    const auto seed = (std::uint64_t{device()} << 32) | device();
    workers_.push_back(std::make_unique<Worker>(options_.limits, service, lanes, seed));
    listen(*workers_.back(), endpoint);
    endpoint.port(workers_.front()->acceptor.local_endpoint().port());
  }
  port_ = endpoint.port();
  for (auto& worker : workers_) start(*worker);
}

// Requests on a lane end before their loop does; nothing that runs is cut off in its memory.
Listener::Impl::~Impl() {
  stop_accepting();
  on_all_loops([](Worker& worker) {
    for (Session* session = worker.loop.first_session; session != nullptr; session = session->next()) session->abandon();
  });
  const auto busy = [this] {
    return open_connections() > 0 ||
           std::any_of(workers_.begin(), workers_.end(), [](const auto& w) { return w->loop.on_lanes > 0; });
  };
  while (busy()) std::this_thread::sleep_for(1ms);
  for (auto& worker : workers_) worker->loop.context.stop();
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

void Listener::Impl::listen(Worker& worker, asio::ip::tcp::endpoint endpoint) {
  try {
    worker.acceptor.open(endpoint.protocol());
    worker.acceptor.set_option(asio::socket_base::reuse_address(true));
    worker.acceptor.set_option(ReusePort(true));
    if (endpoint.address().is_v6()) worker.acceptor.set_option(asio::ip::v6_only(false));
    worker.acceptor.bind(endpoint);
    worker.acceptor.listen(4096);
  } catch (const boost::system::system_error& failure) {
    throw cannot_listen(endpoint, failure.code().message());
  }
}

void Listener::Impl::start(Worker& worker) {
  keep_running(worker, &Impl::accept);
  keep_running(worker, &Impl::tick);
  worker.thread = std::thread([&worker] {
    ::pthread_setname_np(::pthread_self(), "http_io");
    for (;;) {
      try {
        worker.loop.context.run();
        return;
      } catch (const std::exception& fault) {
        // One connection's fault must not end the others.
        base::log::error("a connection failed", {{"what", fault.what()}});
      }
    }
  });
}

// A fault, such as memory that has run out, must not end accepting for good.
void Listener::Impl::keep_running(Worker& worker, Task<void> (Impl::*activity)(Worker&)) {
  asio::co_spawn(worker.loop.context, (this->*activity)(worker), [this, &worker, activity](std::exception_ptr fault) {
    if (fault) keep_running(worker, activity);
  });
}

Task<void> Listener::Impl::accept(Worker& worker) {
  for (;;) {
    boost::system::error_code failure;
    Socket socket(worker.loop.context);
    co_await worker.acceptor.async_accept(socket, asio::redirect_error(use_task, failure));
    if (!worker.acceptor.is_open()) co_return;
    if (!failure) {
      admit(worker, std::move(socket));
    } else if (failure != boost::system::errc::connection_aborted) {
      // Out of descriptors or memory: trying again at once would only burn the processor that frees them.
      base::log::warn("a connection could not be accepted", {{"what", failure.message()}});
      worker.pause.expires_after(100ms);
      co_await worker.pause.async_wait(asio::redirect_error(use_task, failure));
    }
  }
}

void Listener::Impl::admit(Worker& worker, Socket socket) {
  ++worker.loop.accepted;
  if (open_connections() >= options_.limits.connections) {
    ++worker.loop.refused;
    return;
  }
  try {
    boost::system::error_code failure;
    socket.native_non_blocking(true, failure);
    socket.set_option(asio::ip::tcp::no_delay(true), failure);
    auto peer = peer_address_of(socket);
    if (options_.is_proxy && !options_.is_proxy(peer)) {
      ++worker.loop.refused;
      worker.loop.warn_of_proxy(peer, "http.proxy_protocol is on and it is not named in http.trusted_proxies");
      return;
    }
    const auto opening = options_.is_proxy ? Opening::proxy_header : Opening::none;
    auto session = std::make_unique<Session>(worker.loop, std::move(socket), tls(), std::move(peer), opening);
    Session& running = *session;
    asio::co_spawn(worker.loop.context, running.run(), [session = std::move(session)](std::exception_ptr fault) {
      if (!fault) return;
      try {
        std::rethrow_exception(fault);
      } catch (const std::exception& what) {
        base::log::error("a connection failed", {{"what", what.what()}});
      }
    });
  } catch (const std::exception& fault) {
    base::log::error("a connection could not be served", {{"what", fault.what()}});
  }
}

Task<void> Listener::Impl::tick(Worker& worker) {
  const auto interval = tick_for(options_.limits);
  for (;;) {
    const auto now = std::chrono::time_point_cast<base::Duration>(std::chrono::system_clock::now());
    worker.loop.date = base::to_http_date(now);
    const auto steady_now = Steady::now();
    for (Session* session = worker.loop.first_session; session != nullptr; session = session->next()) {
      session->check_deadline(steady_now);
    }
    boost::system::error_code failure;
    worker.timer.expires_after(interval);
    co_await worker.timer.async_wait(asio::redirect_error(use_task, failure));
  }
}

template <class Action>
void Listener::Impl::on_all_loops(Action action) {
  for (auto& worker : workers_) asio::post(worker->loop.context, [&target = *worker, action] { action(target); });
}

std::uint64_t Listener::Impl::open_connections() const {
  std::uint64_t open = 0;
  for (const auto& worker : workers_) open += worker->loop.open;
  return open;
}

void Listener::Impl::stop_accepting() {
  on_all_loops([](Worker& worker) {
    boost::system::error_code ignored;
    worker.acceptor.close(ignored);
    worker.loop.draining = true;
    for (Session* session = worker.loop.first_session; session != nullptr; session = session->next()) session->drain();
  });
}

TlsContext Listener::Impl::tls() const {
  const std::scoped_lock lock(tls_mutex_);
  return tls_;
}

Listener::Listener(const ListenerOptions& options, Service& service, Lanes& lanes)
    : impl_(std::make_unique<Impl>(options, service, lanes)) {}
Listener::~Listener() = default;

unsigned short Listener::port() const { return impl_->port_; }

std::string Listener::reload_certificate(const std::string& certificate_pem, const std::string& key_pem) {
  if (!impl_->options_.tls) return "this listener does not use TLS";
  try {
    auto made = make_tls_context(certificate_pem, key_pem);
    const std::scoped_lock lock(impl_->tls_mutex_);
    impl_->tls_.swap(made);
    return {};
  } catch (const std::exception& problem) {
    return problem.what();
  }
}

void Listener::drain(std::chrono::milliseconds patience) {
  const auto end = Steady::now() + patience;
  impl_->stop_accepting();
  // The first pass may come before the loops have heard of it: they answer in turn.
  std::atomic<std::size_t> heard = 0;
  impl_->on_all_loops([&heard](Impl::Worker&) { ++heard; });
  while (heard < impl_->workers_.size()) std::this_thread::sleep_for(1ms);
  while (impl_->open_connections() > 0 && Steady::now() < end) std::this_thread::sleep_for(2ms);
}

ListenerCounters Listener::counters() const {
  ListenerCounters sum;
  for (const auto& worker : impl_->workers_) {
    const Loop& loop = worker->loop;
    sum.open_connections += loop.open;
    sum.accepted += loop.accepted;
    sum.requests += loop.requests;
    sum.refused += loop.refused;
    sum.timed_out += loop.timed_out;
  }
  return sum;
}

std::size_t raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit wanted{limit.rlim_max, limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? limit.rlim_max : limit.rlim_cur;
}

}  // namespace segue::http::transport
