#include "mail/templates/accounts.h"

#include "mail/templates/letter.h"

namespace segue::mail::templates {

Message password_reset(const WithLink& mail) {
  return letter({.kind = "reset_email",
                 .to = mail.to,
                 .tenant_name = mail.tenant_name,
                 .heading = "Set a new password",
                 .lead = "Somebody asked for a new password of your account at",
                 .label = "Set a new password",
                 .link = mail.link,
                 .about_link = "Open this link to set one. It works once, for " + in_words(mail.valid_for) + ".",
                 .note = "If it was not you, nothing has to be done: your password stays as it is."});
}

Message verify_email(const WithLink& mail) {
  return letter({.kind = "verify_email",
                 .to = mail.to,
                 .tenant_name = mail.tenant_name,
                 .heading = "Confirm your e-mail address",
                 .lead = "This address was given for an account at",
                 .label = "Confirm the address",
                 .link = mail.link,
                 .about_link = "Open this link to confirm that it is yours. It works once, for " + in_words(mail.valid_for) + ".",
                 .note = "If it was not you, do not confirm it."});
}

Message welcome(const std::string& to, const std::string& tenant_name) {
  return letter({.kind = "welcome_email",
                 .to = to,
                 .tenant_name = tenant_name,
                 .heading = "Welcome",
                 .lead = "Your e-mail address is confirmed, and you can sign in at",
                 .label = {},
                 .link = {},
                 .about_link = {},
                 .note = "Nothing has to be done."});
}

Message invitation(const WithLink& mail, const std::string& inviter, const std::string& organization) {
  return letter({.kind = "user_invitation",
                 .to = mail.to,
                 .tenant_name = mail.tenant_name,
                 .heading = "You are invited to " + organization,
                 .lead = inviter + " invites you to " + organization + " at",
                 .label = "Accept the invitation",
                 .link = mail.link,
                 .about_link = "Open this link to accept. It works once, for " + in_words(mail.valid_for) + ".",
                 .note = "If you know nothing of it, nothing has to be done."});
}

}  // namespace segue::mail::templates
