#include "support/smtp_receiver.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "base/bytes.h"

namespace segue::test {
namespace {

SSL_CTX* context_of(const SmtpReceiver::Options& options) {
  if (options.tls == SmtpReceiver::Tls::none) return nullptr;
  SSL_CTX* const context = ::SSL_CTX_new(::TLS_server_method());
  BIO* chain = ::BIO_new_mem_buf(options.certificate_pem.data(), static_cast<int>(options.certificate_pem.size()));
  BIO* key = ::BIO_new_mem_buf(options.key_pem.data(), static_cast<int>(options.key_pem.size()));
  X509* const certificate = ::PEM_read_bio_X509(chain, nullptr, nullptr, nullptr);
  EVP_PKEY* const private_key = ::PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
  if (::SSL_CTX_use_certificate(context, certificate) != 1 || ::SSL_CTX_use_PrivateKey(context, private_key) != 1)
    throw std::runtime_error("the receiver's certificate cannot be used");
  ::X509_free(certificate);
  ::EVP_PKEY_free(private_key);
  ::BIO_free(chain);
  ::BIO_free(key);
  return context;
}

}  // namespace

// One connection, until either side ends it.
class SmtpReceiver::Conversation {
 public:
  Conversation(SmtpReceiver& receiver, int socket) : receiver_(receiver), options_(receiver.options_), socket_(socket) {}
  ~Conversation() {
    if (tls_ != nullptr) ::SSL_free(tls_);
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void run() {
    if (options_.tls == Tls::from_the_start && !begin_tls()) return;
    if (!say("220 test")) return;
    for (std::string line; read_line(line);) {
      auto verb = line.substr(0, line.find_first_of(" :"));
      std::transform(verb.begin(), verb.end(), verb.begin(), [](unsigned char c) { return std::toupper(c); });
      {
        const std::scoped_lock lock(receiver_.mutex_);
        receiver_.verbs_.push_back(verb);
      }
      if (verb == options_.closes_at) return;
      if (verb == options_.silent_at) return wait_for_the_end();
      if (!take(verb, line)) return;
    }
  }

 private:
  bool take(const std::string& verb, const std::string& line) {
    if (const auto wanted = options_.replies.find(verb); wanted != options_.replies.end()) return say(wanted->second);
    if (verb == "EHLO") return greet();
    if (verb == "STARTTLS") return say("220 go on") && begin_tls();
    if (verb == "AUTH") return authenticate(line);
    if (verb == "MAIL") mail_ = {.from = between(line), .to = {}, .data = {}, .over_tls = tls_ != nullptr};
    if (verb == "RCPT") mail_.to = between(line);
    if (verb == "DATA") return say("354 go on") && read_data();
    if (verb == "QUIT") return say("221 bye") && false;
    return say("250 ok");
  }

  bool greet() {
    std::string out = "250-test\r\n";
    if (options_.tls == Tls::starttls && tls_ == nullptr) out += "250-STARTTLS\r\n";
    if (!options_.user.empty()) out += "250-AUTH PLAIN\r\n";
    return say(out + "250 8BITMIME");
  }

  // RFC 4616: NUL user NUL password.
  bool authenticate(const std::string& line) {
    std::string encoded = line.size() > 11 ? line.substr(11) : "";
    if (encoded.empty() && (!say("334 ") || !read_line(encoded))) return false;
    const auto wanted = std::string(1, '\0') + options_.user + std::string(1, '\0') + options_.password;
    return say(base::from_base64(encoded) == wanted ? "235 welcome" : "535 no");
  }

  bool read_data() {
    std::string line;
    while (read_line(line) && line != ".") mail_.data += (line.starts_with(".") ? line.substr(1) : line) + "\r\n";
    if (line != ".") return false;
    if (options_.closes_at == "END") {
      keep();
      return false;  // taken, and the client never hears of it
    }
    if (const auto wanted = options_.replies.find("END"); wanted != options_.replies.end()) return say(wanted->second);
    keep();
    return say("250 taken");
  }

  void keep() {
    const std::scoped_lock lock(receiver_.mutex_);
    receiver_.mails_.push_back(mail_);
  }

  static std::string between(const std::string& line) {
    const auto begin = line.find('<'), end = line.find('>');
    return begin == std::string::npos || end == std::string::npos ? "" : line.substr(begin + 1, end - begin - 1);
  }

  bool begin_tls() {
    tls_ = ::SSL_new(static_cast<SSL_CTX*>(receiver_.tls_context_));
    ::SSL_set_fd(tls_, socket_);
    return ::SSL_accept(tls_) == 1;
  }
  bool say(const std::string& text) {
    const auto line = text + "\r\n";
    const auto size = static_cast<int>(line.size());
    if (tls_ != nullptr) return ::SSL_write(tls_, line.data(), size) == size;
    return ::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) == size;
  }
  bool read_line(std::string& line) {
    for (;;) {
      if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return true;
      }
      char bytes[4096];
      const auto got =
          tls_ != nullptr ? ::SSL_read(tls_, bytes, sizeof bytes) : static_cast<int>(::recv(socket_, bytes, sizeof bytes, 0));
      if (got <= 0) return false;
      buffer_.append(bytes, static_cast<std::size_t>(got));
    }
  }
  void wait_for_the_end() {
    char byte = 0;
    while (::recv(socket_, &byte, 1, 0) > 0) {
    }
  }

  SmtpReceiver& receiver_;
  const Options& options_;
  const int socket_;
  SSL* tls_ = nullptr;
  std::string buffer_;
  Mail mail_;
};

SmtpReceiver::SmtpReceiver(Options options) : options_(std::move(options)) {
  tls_context_ = context_of(options_);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(socket_, 16) != 0)
    throw std::runtime_error("the receiver cannot listen");
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  listener_ = std::thread([this] { accept(); });
}

SmtpReceiver::~SmtpReceiver() {
  stopping_ = true;
  ::shutdown(socket_, SHUT_RDWR);
  listener_.join();
  {
    const std::scoped_lock lock(mutex_);
    for (const int each : open_) ::shutdown(each, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
  for (const int each : open_) ::close(each);
  ::close(socket_);
  ::SSL_CTX_free(static_cast<SSL_CTX*>(tls_context_));
}

void SmtpReceiver::accept() {
  while (!stopping_) {
    const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::scoped_lock lock(mutex_);
    open_.push_back(socket);
    threads_.emplace_back([this, socket] {
      Conversation(*this, socket).run();
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

std::vector<SmtpReceiver::Mail> SmtpReceiver::mails() const {
  const std::scoped_lock lock(mutex_);
  return mails_;
}

std::vector<std::string> SmtpReceiver::verbs() const {
  const std::scoped_lock lock(mutex_);
  return verbs_;
}

}  // namespace segue::test
