// What the connections of one I/O thread share. Only that thread touches it, but for the atomics and `context`.
#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/fiber.h"
#include "http/transport/input_buffer.h"
#include "http/transport/listener.h"

namespace segue::http::transport {

namespace asio = boost::asio;

// The concrete executor instead of any_io_executor: no virtual call per step.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
template <class T>
using Task = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_task;

class Session;
using Steady = std::chrono::steady_clock;

struct Loop {
  Loop(const Limits& limits_, Service& service_, Lanes& lanes_, std::uint64_t seed_)
      : limits(limits_), service(service_), lanes(lanes_), seed(seed_) {}

  // 16 hexadecimal digits; no two of one loop are equal, and one does not tell the next (splitmix64).
  std::string next_request_id();
  // Tells the operator why a proxy's connection was closed; each `problem`, which is a literal, at most once a minute.
  void warn_of_proxy(std::string_view peer, std::string_view problem);

  asio::io_context context{1};
  const Limits limits;
  Service& service;
  Lanes& lanes;
  const std::uint64_t seed;
  std::uint64_t requests_named = 0;
  Session* first_session = nullptr;  // a list through the sessions, for deadlines and for draining
  base::FiberPool fibers{limits.fibers, [this] { asio::post(context, [this] { fibers.run_woken(); }); }};
  BlockPool blocks;
  std::string output;  // lent to the session that writes
  std::string date;    // the Date field, as of the last tick
  bool draining = false;
  std::map<std::string_view, Steady::time_point> next_proxy_warning;  // by problem

  // Sessions whose request is on a lane or a fiber. The last thing that a lane thread touches.
  std::atomic<int> on_lanes = 0;
  std::atomic<std::uint64_t> open = 0, accepted = 0, requests = 0, refused = 0, timed_out = 0;
};

}  // namespace segue::http::transport
