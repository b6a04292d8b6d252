// What a tenant makes of a mail (contract §9.12 email-templates): its own words, sender and link, in place of this server's.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mail/liquid.h"
#include "mail/message.h"
#include "model/organization.h"
#include "tenancy/snapshot.h"

namespace segue::mail {

inline constexpr std::string_view kVerifyEmail = "verify_email", kResetEmail = "reset_email", kWelcomeEmail = "welcome_email",
                                  kUserInvitation = "user_invitation";

// The names that a template may use.
std::span<const std::string_view> template_variables();
// Reads body, from, subject and resultUrl; the error names the field, the place in it, and the reason.
base::Outcome check_template(const json::object& document);

// What a mail is about. Everything outlives the call.
struct Occasion {
  std::string_view name;  // of the template
  const tenancy::Snapshot& tenant;
  std::string_view domain;  // of the tenant, as registered
  const model::Client* client = nullptr;
  const model::Connection* connection = nullptr;
  const model::User* user = nullptr;
  const model::Organization* organization = nullptr;
  std::string_view url = {};  // the link
  json::object more = {};     // further variables
};

// The tenant's own template, when it has one and it is on; `own` as it is otherwise. Outside of transactions.
Message in_words_of_tenant(Message own, const Occasion& occasion);

// Whether the tenant asks for mails that this server does not send by itself: verify_email, welcome_email.
bool is_asked_for(const tenancy::Snapshot& tenant, std::string_view name);
// urlLifetimeInSeconds, five days where it is not set (contract §5.5).
base::Duration link_lifetime(const tenancy::Snapshot& tenant, std::string_view name);
// Where a used link leads: an absolute URL, or nothing.
// Of http or https, with a host and without a user name.
bool is_result_url(std::string_view url);
std::string result_url(const Occasion& occasion);
bool includes_email_in_redirect(const tenancy::Snapshot& tenant, std::string_view name);

}  // namespace segue::mail
