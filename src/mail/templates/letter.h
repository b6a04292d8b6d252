// How a mail of this server looks: a heading, a text, one button.
#pragma once
#include <string>

#include "mail/message.h"

namespace segue::mail::templates {

struct Letter {
  std::string kind, to, tenant_name;
  std::string heading;
  std::string lead;         // before the tenant's name: "Somebody asked for a new password of your account at"
  std::string label, link;  // of the button; no link: none
  std::string about_link;   // "The link works once, for 5 days."
  std::string note;
};
Message letter(const Letter& letter);

// "5 days", "2 hours": whole units, never more than it is.
std::string in_words(base::Duration duration);

}  // namespace segue::mail::templates
