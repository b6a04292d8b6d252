#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bn.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/text.h"

namespace segue::test {

namespace {

// A socket connected to that port of this machine, or -1.
int connected_socket(unsigned short port, const RawClient::Way& way) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(port);
  ipv6.sin6_addr = in6addr_loopback;
  const bool is_ipv4 = way.family == RawClient::Family::ipv4;
  const int descriptor = ::socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  const timeval patience{10, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (way.from != nullptr) {
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = ::inet_addr(way.from);
    ::bind(descriptor, reinterpret_cast<const sockaddr*>(&source), sizeof source);
  }
  const auto* address = is_ipv4 ? reinterpret_cast<const sockaddr*>(&ipv4) : reinterpret_cast<const sockaddr*>(&ipv6);
  if (::connect(descriptor, address, is_ipv4 ? sizeof ipv4 : sizeof ipv6) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

RawClient::RawClient(unsigned short port, Security security, const std::string& alpn, const Way& way) {
  std::signal(SIGPIPE, SIG_IGN);
  descriptor_ = connected_socket(port, way);
  connected_ = descriptor_ >= 0;
  if (connected_) send(way.opening);
  if (!connected_ || security == Security::plain) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  ssl_.reset(SSL_new(context_.get()));
  const std::string wire = std::string(1, static_cast<char>(alpn.size())) + alpn;
  SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
  SSL_set_fd(ssl_.get(), descriptor_);
  connected_ = SSL_connect(ssl_.get()) == 1;
}

RawClient::~RawClient() {
  ssl_.reset();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : static_cast<int>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawClient::read_more() {
  char block[16 * 1024];
  const auto got =
      ssl_ ? SSL_read(ssl_.get(), block, sizeof block) : static_cast<int>(::recv(descriptor_, block, sizeof block, 0));
  if (got <= 0) return false;
  received_.append(block, static_cast<std::size_t>(got));
  return true;
}

RawResponse RawClient::receive(Body body) {
  RawResponse response;
  std::size_t end;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return response;
  }
  response.head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  response.status = std::atoi(response.head.c_str() + 9);
  const auto at = base::ascii_lower(response.head).find("content-length: ");  // proxies write it otherwise
  if (body == Body::absent || at == std::string::npos) return response;
  const auto size = static_cast<std::size_t>(std::atol(response.head.c_str() + at + 16));
  while (received_.size() < size && read_more()) {
  }
  response.body = received_.substr(0, size);
  received_.erase(0, size);
  return response;
}

bool RawClient::is_closed_by_server() {
  char byte;
  if (!received_.empty()) return false;
  if (ssl_) {
    if (SSL_read(ssl_.get(), &byte, 1) > 0) return false;
    return SSL_get_error(ssl_.get(), -1) != SSL_ERROR_WANT_READ;
  }
  const auto got = ::recv(descriptor_, &byte, 1, 0);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

void RawClient::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

std::string RawClient::certificate_serial() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_.get());
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char* text = BN_bn2hex(number);
  std::string serial(text);
  OPENSSL_free(text);
  BN_free(number);
  X509_free(certificate);
  return serial;
}

}  // namespace segue::test
