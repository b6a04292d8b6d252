// Mails with a link that verifies an address, as the Management API sends them.
#pragma once
#include "mail/email_verification.h"
#include "management/operation.h"
#include "model/directory.h"

namespace segue::management {

// What the bodies of tickets and jobs name besides the user.
struct LinkContext {
  std::shared_ptr<const model::Client> client;
  std::shared_ptr<const model::Connection> connection;
  std::shared_ptr<const model::Organization> organization;
};
base::Result<LinkContext> read_link_context(const Invocation& invocation, const model::User& user);
mail::Occasion occasion_of(const Invocation& invocation, const LinkContext& context, const model::User& user);

// To be written in the transaction that it belongs to, by append_verification().
mail::VerificationMail prepare_verification(const Services& services, const Invocation& invocation, const LinkContext& context,
                                            const model::User& user);
// The link, the mail, and the row that says so.
void append_verification(const store::Writer& w, const Invocation& invocation, const mail::VerificationMail& mail,
                         const model::User& user);

}  // namespace segue::management
