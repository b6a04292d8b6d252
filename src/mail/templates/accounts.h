// The mails that people get about their account.
#pragma once
#include <string>

#include "mail/message.h"

namespace segue::mail::templates {

struct WithLink {
  std::string to, tenant_name;
  std::string link;
  base::Duration valid_for = std::chrono::days(5);
};
Message password_reset(const WithLink& mail);
Message verify_email(const WithLink& mail);
Message welcome(const std::string& to, const std::string& tenant_name);
Message invitation(const WithLink& mail, const std::string& inviter, const std::string& organization);

}  // namespace segue::mail::templates
