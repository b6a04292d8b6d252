// One connection: requests one after the other, each read, put on a lane and answered.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "http/transport/head.h"
#include "http/transport/loop.h"
#include "http/transport/tls.h"

namespace segue::http::transport {

class RequestParser;

// What comes before TLS.
enum class Opening { none, proxy_header };

class Session {
 public:
  Session(Loop& loop, Socket socket, const TlsContext& tls, std::string peer_address, Opening opening);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Task<void> run();
  // Ends the connection when its deadline is over. One comparison per connection and tick costs less than a timer per request.
  void check_deadline(Steady::time_point now);
  // An idle connection ends at once, a busy one after its answer.
  void drain();
  void abandon();
  Session* next() const { return next_; }

 private:
  enum class Next { another_request, goodbye, hang_up };
  using Resume = asio::async_result<asio::use_awaitable_t<Executor>, void()>::handler_type;

  Task<bool> read_proxy_header();
  Task<bool> handshake();
  Task<bool> wait(Step::State wanted);
  Task<bool> wait_for_request();
  Task<bool> read_more();
  Task<Next> serve_one();
  Task<bool> read_head(RequestParser& parser, Framing& framing, std::optional<Refusal>& refusal);
  Task<bool> read_body(RequestParser& parser, const Framing& framing, std::size_t limit, std::optional<Refusal>& refusal);
  Task<bool> continue_on_lane(Lane lane);
  Task<bool> continue_on_fiber();
  Task<Next> answer_from_lanes(bool closes);
  Task<Next> answer(const Response& response, bool closes);
  Task<Next> refuse(Refusal refusal);
  Task<bool> write(std::string_view text);
  Task<void> linger();

  bool skip_empty_line();
  std::optional<Refusal> take_head(std::string_view head, RequestParser& parser, Framing& framing);
  std::optional<Refusal> too_long_head() const;
  std::string compose(const Response& response, bool closes);
  void respond();
  void respond_on_lane();
  void respond_on_fiber();
  void set_deadline(std::chrono::milliseconds from_now) { deadline_ = Steady::now() + from_now; }
  void clear_deadline() { deadline_ = Steady::time_point::max(); }

  Loop& loop_;
  Socket socket_;
  Stream stream_;
  std::string peer_address_;  // the socket's, or whom its proxy says it stands for
  const Opening opening_;
  InputBuffer in_;
  Steady::time_point deadline_ = Steady::time_point::max();
  Session* previous_ = nullptr;
  Session* next_ = nullptr;
  bool idle_ = false;
  bool over_ = false;  // abandoned or timed out: the socket is not touched any more

  // The request in hand. While it is on a lane, only the lane's thread touches these.
  Request request_;
  Response response_;
  std::string request_id_;
  Lane lane_ = Lane::quick;
  std::optional<Resume> resume_;
  bool on_fiber_ = false;
};

}  // namespace segue::http::transport
