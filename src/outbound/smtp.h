// Hands one mail over to a mail server (RFC 5321): the operator's, or one that a tenant names. TLS always, but to this machine
// itself.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace segue::outbound {

struct SmtpOptions {
  std::string url;  // smtp://HOST[:PORT] (STARTTLS) or smtps://HOST[:PORT]
  std::string username = {};
  crypto::Secret password = {};
  std::string ca_file = {};                      // authorities besides the system's; empty: none
  std::chrono::milliseconds time_limit{30'000};  // from the name's resolution to the server's last word
  bool public_only = false;                      // a tenant's: no private address is reached by it (design §8.13)
  std::vector<std::string> names = {};           // "HOST:PORT:ADDRESS" in place of the resolver's answer: for tests
};

// Refuses what is no URL of a mail server, with a text for the operator.
base::Outcome check_smtp_url(const std::string& url);

enum class Handover {
  taken,
  failed,   // may work later
  refused,  // the server will never take this mail (RFC 5321 §4.2.1: 5yz)
};
struct SmtpAnswer {
  Handover handover = Handover::failed;
  std::string reason;  // for the log, when it was not taken
};

// One thread at a time; a thread has its own.
class SmtpClient {
 public:
  explicit SmtpClient(const SmtpOptions& options);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  // `from` and `to` are addresses without names; `text` is a whole message of RFC 5322. An address that holds anything but one
  // mailbox is refused and sent nowhere.
  SmtpAnswer send(const std::string& from, const std::string& to, const std::string& text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether it can stand in an envelope and a header: one local part, one domain, no white space, controls, brackets or commas.
bool is_mailbox(std::string_view address);

}  // namespace segue::outbound
