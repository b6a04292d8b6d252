// A mail server of this machine (RFC 5321): takes mails, or fails as the test wants.
#pragma once
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace segue::test {

class SmtpReceiver {
 public:
  enum class Tls { none, starttls, from_the_start };
  struct Options {
    Tls tls = Tls::none;
    std::string certificate_pem = {}, key_pem = {};
    std::string user = {}, password = {};             // asked for with AUTH PLAIN
    std::map<std::string, std::string> replies = {};  // by verb, in place of the good one: {"RCPT", "550 no such user"}
    std::string silent_at = {};                       // the verb after which nothing is said any more
    std::string closes_at = {};                       // the verb after which the connection is closed without a word
  };
  struct Mail {
    std::string from, to, data;
    bool over_tls = false;
  };

  explicit SmtpReceiver(Options options);
  ~SmtpReceiver();
  SmtpReceiver(const SmtpReceiver&) = delete;
  SmtpReceiver& operator=(const SmtpReceiver&) = delete;

  unsigned short port() const { return port_; }
  std::vector<Mail> mails() const;
  std::vector<std::string> verbs() const;  // of every connection, in order

 private:
  class Conversation;
  void accept();

  const Options options_;
  int socket_ = -1;
  unsigned short port_ = 0;
  void* tls_context_ = nullptr;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Mail> mails_;
  std::vector<std::string> verbs_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread listener_;
};

}  // namespace segue::test
