// Who takes a mail from us: the operator's mail server, or a folder where there is none. A tenant's own provider would be
// another.
#pragma once
#include <memory>
#include <string>

#include "outbound/smtp.h"

namespace segue::mail {

using outbound::Handover, outbound::SmtpAnswer, outbound::SmtpOptions;

struct Outgoing {
  std::string name;  // unique and the same at every attempt; letters, digits and dashes
  std::string from, to;
  std::string text;  // RFC 5322
};

class Sender {
 public:
  virtual ~Sender() = default;
  // Blocks. From several threads.
  virtual SmtpAnswer send(const Outgoing& mail) = 0;
};

std::unique_ptr<Sender> smtp_sender(SmtpOptions options);
// FOLDER/NAME.eml of mode 0600; the folder is made, of mode 0700.
std::unique_ptr<Sender> folder_sender(std::string folder);

}  // namespace segue::mail
