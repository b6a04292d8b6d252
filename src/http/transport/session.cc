#include "http/transport/session.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>

#include "base/log.h"
#include "http/transport/proxy_header.h"
#include "http/transport/request_parser.h"
#include "http/transport/response_text.h"

namespace segue::http::transport {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSmallBody = 64 * 1024;  // read and dropped after a refused head, to keep the connection
constexpr std::size_t kMostLingering = 256 * 1024;
constexpr auto kLingering = 1000ms;
constexpr auto kLingeringInDrain = 100ms;
constexpr int kMostMoves = 4;  // a handler that moves on for ever is broken

constexpr auto kBetweenWarnings = 60s;

}  // namespace

void Loop::warn_of_proxy(std::string_view peer, std::string_view problem) {
  const auto now = Steady::now();
  auto& next = next_proxy_warning[problem];
  if (now < next) return;
  next = now + kBetweenWarnings;
  base::log::warn("a connection was closed", {{"peer", std::string(peer)}, {"why", std::string(problem)}});
}

std::string Loop::next_request_id() {
  std::uint64_t z = seed + ++requests_named * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  std::string id(16, '0');
  for (auto& c : id) {
    c = "0123456789abcdef"[z & 15];
    z >>= 4;
  }
  return id;
}

Session::Session(Loop& loop, Socket socket, const TlsContext& tls, std::string peer_address, Opening opening)
    : loop_(loop),
      socket_(std::move(socket)),
      stream_(socket_.native_handle(), tls),
      peer_address_(std::move(peer_address)),
      opening_(opening),
      in_(loop.blocks),
      next_(loop.first_session) {
  if (next_ != nullptr) next_->previous_ = this;
  loop_.first_session = this;
  ++loop_.open;
}

Session::~Session() {
  (previous_ != nullptr ? previous_->next_ : loop_.first_session) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  boost::system::error_code ignored;
  socket_.close(ignored);
  --loop_.open;
}

void Session::check_deadline(Steady::time_point now) {
  if (now < deadline_) return;
  ++loop_.timed_out;
  abandon();
}

void Session::drain() {
  boost::system::error_code ignored;
  if (idle_) socket_.cancel(ignored);  // a request that has just arrived is still answered
}

void Session::abandon() {
  over_ = true;
  clear_deadline();
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

Task<void> Session::run() {
  set_deadline(loop_.limits.handshake);
  if (opening_ == Opening::proxy_header) {
    const bool known = co_await read_proxy_header();
    if (!known) co_return;
  }
  if (!co_await handshake()) co_return;
  Next next = Next::another_request;
  // g++ 12 awaits the right side of `a && co_await b` in a loop's condition whatever `a` says: no such conditions here.
  while (next == Next::another_request) {
    const bool arrived = co_await wait_for_request();
    if (!arrived) break;
    next = co_await serve_one();
    request_ = {};
    response_ = {};
  }
  if (next == Next::hang_up) co_return;
  stream_.end_writing();
  if (next == Next::goodbye) co_await linger();
}

// Takes no byte more than the header has: TLS reads the socket itself.
Task<bool> Session::read_proxy_header() {
  std::string bytes;
  for (;;) {
    auto header = parse_proxy_header(bytes);
    if (header.state == ProxyHeader::State::malformed) {
      ++loop_.refused;
      loop_.warn_of_proxy(peer_address_, header.problem);
      co_return false;
    }
    if (header.state == ProxyHeader::State::complete) {
      if (header.command == ProxyHeader::Command::proxy) peer_address_ = std::move(header.address);
      co_return true;
    }
    const auto had = bytes.size();
    bytes.resize(had + header.missing);
    const auto received = ::recv(socket_.native_handle(), bytes.data() + had, header.missing, 0);
    bytes.resize(had + static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
    if (received > 0) continue;
    if (received == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) co_return false;
    const bool ready = co_await wait(Step::State::want_read);
    if (!ready) co_return false;
  }
}

Task<bool> Session::handshake() {
  for (;;) {
    const auto step = stream_.handshake();
    if (step.state == Step::State::done) co_return true;
    if (step.state == Step::State::closed) co_return false;
    if (!co_await wait(step.state)) co_return false;
  }
}

// False when the connection is over.
Task<bool> Session::wait(Step::State wanted) {
  if (over_) co_return false;
  boost::system::error_code failure;
  const auto kind = wanted == Step::State::want_write ? Socket::wait_write : Socket::wait_read;
  co_await socket_.async_wait(kind, asio::redirect_error(use_task, failure));
  co_return !failure && !over_;
}

Task<bool> Session::wait_for_request() {
  skip_empty_line();
  set_deadline(loop_.limits.idle);
  if (!in_.empty()) co_return true;
  in_.release();
  if (stream_.has_pending()) co_return true;
  if (loop_.draining) co_return false;
  idle_ = true;
  const bool arrived = co_await wait(Step::State::want_read);
  idle_ = false;
  co_return arrived;
}

// RFC 9112 §2.2: an empty line before a request is skipped.
bool Session::skip_empty_line() {
  if (!in_.view().starts_with("\r\n")) return false;
  in_.consume(2);
  return true;
}

Task<bool> Session::read_more() {
  for (;;) {
    if (over_) co_return false;
    const auto [room, size] = in_.room();
    const auto step = stream_.read(room, size);
    if (step.state == Step::State::done) {
      in_.filled(step.bytes);
      co_return true;
    }
    if (step.state == Step::State::closed) co_return false;
    // Readiness alone is no data: a TLS ticket or half a record leaves nothing to hold a block for.
    if (in_.empty()) in_.release();
    if (!co_await wait(step.state)) co_return false;
  }
}

Task<Session::Next> Session::serve_one() {
  std::optional<Refusal> refusal;
  Framing framing;
  RequestParser parser(request_, loop_.limits.headers);
  if (!co_await read_head(parser, framing, refusal)) co_return Next::hang_up;
  if (refusal) co_return co_await refuse(*refusal);

  ++loop_.requests;
  request_id_ = loop_.next_request_id();
  request_.peer_address = peer_address_;
  bool closes = !parser.keep_alive() || loop_.draining;
  std::size_t body_limit = 0;
  std::optional<Response> early;
  try {
    early = loop_.service.refuse_head(request_);
    if (!early) {
      body_limit = loop_.service.body_limit(request_);
      lane_ = loop_.service.lane_of(request_);
    }
  } catch (...) {
    base::log::error("a request's head could not be judged", {{"request_id", request_id_}});
    early = plain_refusal(500, "Internal Server Error");
  }
  if (early) {
    const auto length = parser.content_length();
    if (framing.has_body && (framing.chunked || framing.wants_continue || !length || *length > kSmallBody)) closes = true;
    body_limit = kSmallBody;
  }
  if (!early || !closes) {
    if (!parser.is_done()) {
      const bool alive = co_await read_body(parser, framing, body_limit, refusal);
      if (!alive) co_return Next::hang_up;
    }
    if (refusal) co_return co_await refuse(*refusal);
  }
  if (early) {
    ++loop_.refused;
    co_return co_await answer(*early, closes);
  }
  co_return co_await answer_from_lanes(closes);
}

// False when the connection is over before the head is.
Task<bool> Session::read_head(RequestParser& parser, Framing& framing, std::optional<Refusal>& refusal) {
  bool timed = false;
  std::size_t looked_at = 0;
  for (;;) {
    if (skip_empty_line()) looked_at = 0;
    const auto end = find_head_end(in_.view(), looked_at);
    looked_at = end.size;
    if (end.state == HeadEnd::State::malformed) {
      refusal = Refusal{400, "The request is not valid HTTP/1.1."};
      co_return true;
    }
    if (end.state == HeadEnd::State::complete) {
      refusal = end.size > loop_.limits.header_bytes ? Refusal{431, "The headers are too long."}
                                                     : take_head(in_.view().substr(0, end.size), parser, framing);
      in_.consume(end.size);
      clear_deadline();
      co_return true;
    }
    refusal = too_long_head();
    if (refusal) co_return true;
    if (!timed && !in_.empty()) {
      timed = true;
      set_deadline(loop_.limits.read_head);
    }
    if (!co_await read_more()) co_return false;
  }
}

std::optional<Refusal> Session::too_long_head() const {
  const auto text = in_.view();
  const auto line_end = text.find('\n');
  constexpr std::size_t kMethodAndVersion = 32;
  if (line_end == std::string_view::npos && text.size() > loop_.limits.target_bytes + kMethodAndVersion) {
    return Refusal{414, "The request target is too long."};
  }
  if (text.size() > loop_.limits.header_bytes) return Refusal{431, "The headers are too long."};
  return std::nullopt;
}

std::optional<Refusal> Session::take_head(std::string_view head, RequestParser& parser, Framing& framing) {
  const Refusal invalid{400, "The request is not valid HTTP/1.1."};
  if (!lines_are_strict(head)) return invalid;
  boost::system::error_code failure;
  const auto used = parser.put(asio::buffer(head.data(), head.size()), failure);
  if (parser.has_too_many_fields()) return Refusal{431, "There are too many headers."};
  if (failure || used != head.size() || !parser.is_header_done() || parser.version() != 11) return invalid;
  if (parser.target().size() > loop_.limits.target_bytes) return Refusal{414, "The request target is too long."};
  return finish_head(parser.method(), parser.target(), request_, framing);
}

// False when the connection is over before the body is.
Task<bool> Session::read_body(RequestParser& parser, const Framing& framing, std::size_t limit, std::optional<Refusal>& refusal) {
  const Refusal too_large{413, "The body is too large."};
  if (parser.content_length().value_or(0) > limit) {
    refusal = too_large;
    co_return true;
  }
  // RFC 9110 §10.1.1: not needed when the body has already begun to arrive.
  if (framing.wants_continue && in_.empty()) {
    const bool alive = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!alive) co_return false;
  }
  set_deadline(loop_.limits.read_body);
  parser.eager(true);
  parser.body_limit(limit);
  while (!parser.is_done()) {
    if (!in_.empty()) {
      boost::system::error_code failure;
      in_.consume(parser.put(asio::buffer(in_.view().data(), in_.view().size()), failure));
      if (failure && failure != beast_http::error::need_more) {
        refusal =
            failure == beast_http::error::body_limit ? too_large : Refusal{400, "The body is not framed as its header says."};
        co_return true;
      }
      if (parser.is_done()) break;
      // What is left is part of a chunk's header or of trailers.
      if (in_.view().size() > loop_.limits.header_bytes) {
        refusal = Refusal{400, "The body is not framed as its header says."};
        co_return true;
      }
    }
    if (!co_await read_more()) co_return false;
  }
  clear_deadline();
  co_return true;
}

Task<Session::Next> Session::answer_from_lanes(bool closes) {
  int moves = 0;
  do {
    if (lane_ == Lane::io) {
      respond();
    } else if (!co_await continue_on_lane(lane_)) {
      ++loop_.refused;
      Response busy = plain_refusal(503, "The server is busy.");
      busy.headers.add("retry-after", "1");
      co_return co_await answer(busy, closes);
    }
    if (over_) co_return Next::hang_up;
    if (response_.moves_to) {
      lane_ = *response_.moves_to;
      request_.carried = std::move(response_.carried);
    }
  } while (response_.moves_to && ++moves < kMostMoves);
  if (response_.moves_to) response_ = plain_refusal(500, "Internal Server Error");
  co_return co_await answer(response_, closes);
}

// Suspends until the request has run on the lane. False when the lane is full.
Task<bool> Session::continue_on_lane(Lane lane) {
  if (lane == Lane::fiber) {
    const bool taken = co_await continue_on_fiber();
    if (taken) co_return true;
    lane = Lane::quick;
  }
  bool taken = true;
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
      [this, lane, &taken](Resume resume) {
        ++loop_.on_lanes;
        resume_.emplace(std::move(resume));
        // The session outlives the task: its coroutine hangs on resume_.
        taken = loop_.lanes.post(lane, [this] { respond_on_lane(); });
        if (taken) return;
        --loop_.on_lanes;
        asio::post(loop_.context, std::move(*resume_));
      },
      use_task);
  co_return taken;
}

// Most requests end, or come to their commit, before run() returns. False when no fiber is free.
Task<bool> Session::continue_on_fiber() {
  ++loop_.on_lanes;
  resume_.reset();
  on_fiber_ = true;
  if (!loop_.fibers.run([this] { respond_on_fiber(); })) {
    --loop_.on_lanes;
    on_fiber_ = false;
    co_return false;
  }
  if (on_fiber_) {
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        [this](Resume resume) { resume_.emplace(std::move(resume)); }, use_task);
  }
  co_return true;
}

void Session::respond() {
  try {
    response_ = loop_.service.respond(request_, lane_, request_id_);
  } catch (...) {
    response_ = plain_refusal(500, "Internal Server Error");
  }
}

// On a lane's thread. After the post, the session may be gone; the loop is not before on_lanes is zero.
void Session::respond_on_lane() {
  Loop& loop = loop_;
  respond();
  asio::post(loop.context, std::move(*resume_));
  --loop.on_lanes;
}

// The coroutine goes on from the loop, not on the fiber's stack.
void Session::respond_on_fiber() {
  respond();
  on_fiber_ = false;
  --loop_.on_lanes;
  if (resume_) asio::post(loop_.context, std::move(*resume_));
}

Task<Session::Next> Session::answer(const Response& response, bool closes) {
  if (loop_.draining) closes = true;
  std::string text = compose(response, closes);
  const bool written = co_await write(text);
  if (text.capacity() <= 4 * BlockPool::kBlock) loop_.output = std::move(text);
  co_return !written ? Next::hang_up : closes ? Next::goodbye : Next::another_request;
}

std::string Session::compose(const Response& response, bool closes) {
  std::string text = std::exchange(loop_.output, {});
  text.clear();
  const WriteOptions options{.to_head = request_.method == Method::head, .closes = closes, .date = loop_.date};
  if (!append_response(text, response, options)) {
    base::log::error("an answer had a status or a header that must not be written", {{"request_id", request_id_}});
    append_response(text, plain_refusal(500, "Internal Server Error"), options);
  }
  return text;
}

// After a refusal of the framing nobody knows where the next request begins: the connection ends.
Task<Session::Next> Session::refuse(Refusal refusal) {
  ++loop_.refused;
  co_return co_await answer(plain_refusal(refusal.status, refusal.reason), true);
}

Task<bool> Session::write(std::string_view text) {
  bool timed = false;
  while (!text.empty()) {
    if (over_) co_return false;
    const auto step = stream_.write(text);
    if (step.state == Step::State::done) {
      text.remove_prefix(step.bytes);
      continue;
    }
    if (step.state == Step::State::closed) co_return false;
    if (!timed) set_deadline(loop_.limits.write);
    timed = true;
    if (!co_await wait(step.state)) co_return false;
  }
  if (timed) clear_deadline();
  co_return true;
}

// A close with unread bytes resets the connection, and the reset can overtake the answer: what still comes is read and dropped
// for a moment.
Task<void> Session::linger() {
  in_.release();
  set_deadline(loop_.draining ? kLingeringInDrain : kLingering);
  auto block = loop_.blocks.take();
  std::size_t dropped = 0;
  bool open = true;
  while (open && !over_ && dropped < kMostLingering) {
    const auto received = ::recv(socket_.native_handle(), block.data(), block.size(), 0);
    if (received > 0) {
      dropped += static_cast<std::size_t>(received);
    } else if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      open = co_await wait(Step::State::want_read);
    } else {
      open = false;
    }
  }
  loop_.blocks.give_back(std::move(block));
}

}  // namespace segue::http::transport
