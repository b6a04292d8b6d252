#include "http/transport/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>

namespace segue::http::transport {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

[[noreturn]] void refuse(const std::string& text) {
  char reason[160] = "no further reason";
  if (const auto code = ERR_peek_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  throw std::runtime_error(text + ": " + reason);
}

std::unique_ptr<BIO, FreeBio> bio_over(const std::string& text) {
  return std::unique_ptr<BIO, FreeBio>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without a passphrase; a key that has one is refused instead of asked about on a terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

void use_chain(SSL_CTX* context, const std::string& pem) {
  const auto bio = bio_over(pem);
  std::unique_ptr<X509, FreeCertificate> leaf(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) refuse("the TLS certificate cannot be read");
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      refuse("the TLS certificate chain cannot be used");
    }
  }
  ERR_clear_error();  // the end of the text counts as an error there
}

void use_key(SSL_CTX* context, const std::string& pem) {
  const auto bio = bio_over(pem);
  std::unique_ptr<EVP_PKEY, FreeKey> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) refuse("the TLS key cannot be read");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    refuse("the TLS key does not belong to the certificate");
  }
}

// RFC 7301: a client that offers protocols and not this one is told so in the handshake (ALPACA).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned int in_size,
                    void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11 - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// OpenSSL's own socket BIO calls write(), which raises SIGPIPE when the peer is gone; that would end the process.
int descriptor_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int note_retry(BIO* bio, ssize_t result, void (*set_retry)(BIO*)) {
  BIO_clear_retry_flags(bio);
  if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) set_retry(bio);
  return static_cast<int>(result);
}

int socket_write(BIO* bio, const char* data, int size) {
  const auto sent = ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  return note_retry(bio, sent, [](BIO* b) { BIO_set_retry_write(b); });
}

int socket_read(BIO* bio, char* data, int size) {
  const auto received = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), 0);
  return note_retry(bio, received, [](BIO* b) { BIO_set_retry_read(b); });
}

long socket_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(made, socket_write);
    BIO_meth_set_read(made, socket_read);
    BIO_meth_set_ctrl(made, socket_control);
    return made;
  }();
  return method;
}

}  // namespace

TlsContext make_tls_context(const std::string& certificate_pem, const std::string& key_pem) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) refuse("OpenSSL has no TLS");
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  // Forward secrecy and AEAD only; TLS 1.3 has nothing else.
  if (SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
      SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") != 1) {
    refuse("the TLS ciphers cannot be set");
  }
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection keeps no record buffers.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(raw, 1);                           // a record in one system call
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // tickets carry the state
  SSL_CTX_set_num_tickets(raw, 1);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  use_chain(raw, certificate_pem);
  use_key(raw, key_pem);
  return context;
}

Stream::Stream(int descriptor, const TlsContext& context) : descriptor_(descriptor) {
  if (!context) return;
  ssl_.reset(SSL_new(context.get()));
  BIO* bio = BIO_new(socket_method());
  if (!ssl_ || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

Step Stream::step_of(int result, std::size_t bytes) {
  if (result > 0) return {Step::State::done, bytes};
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return {Step::State::want_read, 0};
  if (error == SSL_ERROR_WANT_WRITE) return {Step::State::want_write, 0};
  // After these two, OpenSSL forbids further calls on the connection, SSL_shutdown included.
  broken_ = error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL;
  ERR_clear_error();
  return {Step::State::closed, 0};
}

Step Stream::handshake() {
  if (!ssl_) return {Step::State::done, 0};
  ERR_clear_error();
  return step_of(SSL_do_handshake(ssl_.get()), 0);
}

Step Stream::read(char* into, std::size_t size) {
  if (ssl_) {
    std::size_t bytes = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), into, size, &bytes);
    return step_of(result, bytes);
  }
  const auto received = ::recv(descriptor_, into, size, 0);
  if (received > 0) return {Step::State::done, static_cast<std::size_t>(received)};
  if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {Step::State::want_read, 0};
  return {Step::State::closed, 0};
}

Step Stream::write(std::string_view text) {
  if (ssl_) {
    std::size_t bytes = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), text.data(), text.size(), &bytes);
    return step_of(result, bytes);
  }
  const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {Step::State::done, static_cast<std::size_t>(sent)};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Step::State::want_write, 0};
  return {Step::State::closed, 0};
}

bool Stream::has_pending() const { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }

void Stream::end_writing() {
  if (ssl_ && !broken_ && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(descriptor_, SHUT_WR);
}

}  // namespace segue::http::transport
