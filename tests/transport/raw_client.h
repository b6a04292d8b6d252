// A client that sends exactly the bytes it is given, over TCP or TLS. Blocking, with a timeout.
#pragma once
#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace segue::test {

struct RawResponse {
  int status = 0;  // 0: the connection ended or stayed silent
  std::string head;
  std::string body;
};

class RawClient {
 public:
  enum class Security { plain, tls };
  enum class Family { ipv4, ipv6 };
  struct Way {
    std::string_view opening = {};  // goes out before TLS begins
    Family family = Family::ipv4;
    const char* from = nullptr;  // the address to come from, of 127.0.0.0/8
  };
  RawClient(unsigned short port, Security security, const std::string& alpn = "http/1.1")
      : RawClient(port, security, alpn, Way{}) {}
  RawClient(unsigned short port, Security security, const std::string& alpn, const Way& way);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }  // the handshake included
  void send(std::string_view bytes);
  // The next response. `Body::absent` after HEAD.
  enum class Body { present, absent };
  RawResponse receive(Body body = Body::present);
  RawResponse ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  // True when the server ends the connection without another byte.
  bool is_closed_by_server();
  void finish_sending();
  std::string certificate_serial() const;
  const char* tls_version() const { return SSL_get_version(ssl_.get()); }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  bool read_more();
  int descriptor_ = -1;
  bool connected_ = false;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, Free> ssl_;
  std::string received_;
};

}  // namespace segue::test
