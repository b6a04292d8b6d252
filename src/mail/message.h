// A mail, and the text of RFC 5322 that stands for it on the wire.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace segue::mail {

struct Message {
  std::string kind;       // "reset_email": what the tenant's log calls it
  std::string to;         // one address
  std::string from_name;  // shown beside the operator's address
  std::string subject, text, html;
  std::string from = {};  // a mailbox that the tenant's template names; used where the tenant's own server takes it
  // For the log: whom it is about.
  std::string user_id = {}, client_id = {}, connection = {};
};

struct Envelope {
  std::string from;        // the operator's address
  std::string message_id;  // the same for every attempt, so that a mail that arrives twice is recognised
  base::Instant date{};
};

// Values can begin no header of their own: names and subjects are encoded words (RFC 2047), bodies are base64. An error when `to`
// or `from` is no single address.
base::Result<std::string> to_mime(const Message& message, const Envelope& envelope);

// RFC 5322 §3.3: "Fri, 27 Nov 2026 13:04:23 +0000".
std::string mail_date(base::Instant at);

// As it is kept until it is sent.
std::string to_json(const Message& message);
base::Result<Message> message_from(std::string_view json);

}  // namespace segue::mail
