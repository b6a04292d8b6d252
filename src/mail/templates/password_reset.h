// The mail with the link to a new password.
#pragma once
#include <string>

#include "mail/message.h"

namespace segue::mail::templates {

struct PasswordReset {
  std::string to, tenant_name;
  std::string link;
  int valid_days = 5;
};
Message password_reset(const PasswordReset& mail);

}  // namespace segue::mail::templates
