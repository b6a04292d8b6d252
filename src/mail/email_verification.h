// A link that verifies an e-mail address, and the mail that holds it: made before the transaction, written in it.
#pragma once
#include "mail/outbox.h"
#include "mail/tenant_template.h"
#include "store/email_tickets.h"

namespace segue::mail {

struct VerificationLink {
  store::email_tickets::Ticket ticket;
  model::Digest secret_hash{};
  std::string url;
};
struct LinkOptions {
  base::Duration valid_for{};
  std::string result_url;
  bool tells_email = false;
};
// `about.user` is whose address it is; `about.client` may be null.
VerificationLink make_verification_link(store::Store& store, base::Random& random, base::Instant now, const Occasion& about,
                                        const LinkOptions& options);
// As the tenant's template says.
LinkOptions template_link_options(const Occasion& about);

struct VerificationMail {
  VerificationLink link;
  store::mails::Mail mail;
};
VerificationMail make_verification_mail(const Outbox& outbox, store::Store& store, base::Random& random, base::Instant now,
                                        const Occasion& about);
void write(const store::Writer& w, const VerificationLink& link);
void write(const store::Writer& w, const VerificationMail& mail);

}  // namespace segue::mail
