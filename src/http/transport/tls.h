// TLS 1.2 and 1.3 on a non-blocking socket, without a loop: OpenSSL reads and writes the descriptor itself, so no second copy of
// every byte is kept per connection.
#pragma once
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace segue::http::transport {

using TlsContext = std::shared_ptr<SSL_CTX>;
// Throws std::runtime_error with a text for the operator when the certificate or the key cannot be used.
TlsContext make_tls_context(const std::string& certificate_pem, const std::string& key_pem);

// What a step on a socket came to.
struct Step {
  enum class State { done, want_read, want_write, closed };
  State state = State::closed;
  std::size_t bytes = 0;
};

// One connection's byte stream; plain when there is no context. Does not own the descriptor.
class Stream {
 public:
  Stream(int descriptor, const TlsContext& context);  // `context` null: plain
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Step handshake();  // done at once when plain
  Step read(char* into, std::size_t size);
  Step write(std::string_view text);
  // Bytes that were received but not read: no readiness of the socket will announce them.
  bool has_pending() const;
  // Says goodbye as far as that is possible without waiting, and ends our direction.
  void end_writing();

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Step step_of(int result, std::size_t bytes);
  int descriptor_;
  std::unique_ptr<SSL, Free> ssl_;
  bool broken_ = false;
};

}  // namespace segue::http::transport
