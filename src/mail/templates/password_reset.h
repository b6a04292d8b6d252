// The mail with the link to a new password.
#pragma once
#include <string>

#include "mail/message.h"

namespace segue::mail::templates {

// "5 days", "2 hours": whole units, never more than it is.
std::string in_words(base::Duration duration);

struct PasswordReset {
  std::string to, tenant_name;
  std::string link;
  base::Duration valid_for = std::chrono::days(5);
};
Message password_reset(const PasswordReset& mail);

}  // namespace segue::mail::templates
