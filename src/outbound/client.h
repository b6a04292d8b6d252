// The one way in which the server calls others for others (design §8.13): an address that somebody named, checked where it is
// connected to. HTTPS only, no redirects, no proxy, no cookies, one time limit for all of it.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace segue::outbound {

struct Options {
  bool allow_private = false;                  // lets calls reach private addresses, and allows http there
  std::string ca_file;                         // authorities besides the system's; empty: none
  std::chrono::milliseconds time_limit{5000};  // from the name's resolution to the end of the answer
  std::size_t answer_limit = 64 * 1024;        // bytes of head and body
  std::vector<std::string> names;              // "HOST:PORT:ADDRESS[,ADDRESS]" in place of the resolver's answer: for tests
};

struct Header {
  std::string name, value;
};
// A name is a token, and a value holds no line break or other control character (RFC 9110 §5.1, §5.5): whoever lets people
// choose headers asks this first.
bool is_sendable(const Header& header);

struct Request {
  std::string url, content_type, body;
  std::vector<Header> headers = {};  // besides those that every call has; one that is not sendable is left out
};

enum class Failure { none, bad_url, unresolved, private_address, unreachable, untrusted, too_slow, too_large, broken };
std::string_view to_text(Failure failure);  // for people: "the name could not be resolved"

struct Answer {
  int status = 0;  // 0: there was none
  Failure failure = Failure::none;
  std::string body;
};

// Keeps connections open between calls. One thread at a time; a thread has its own.
class Client {
 public:
  explicit Client(const Options& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Answer post(const Request& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::outbound
