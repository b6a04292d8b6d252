#include "mail/email_verification.h"

#include "base/text.h"
#include "mail/templates/accounts.h"
#include "tenancy/handles.h"

namespace segue::mail {

LinkOptions template_link_options(const Occasion& about) {
  return {.valid_for = link_lifetime(about.tenant, kVerifyEmail),
          .result_url = result_url(about),
          .tells_email = includes_email_in_redirect(about.tenant, kVerifyEmail)};
}

VerificationLink make_verification_link(store::Store& store, base::Random& random, base::Instant now, const Occasion& about,
                                        const LinkOptions& options) {
  const auto handle = tenancy::make_handle(about.tenant.keys(), random, model::HandleKind::email_ticket, store.ids().next());
  return {
      .ticket = {.email_ticket_id = handle.id,
                 .user_id = about.user->user_id,
                 .email = about.user->email,
                 .client_id = about.client != nullptr ? about.client->client_id : std::string(),
                 .result_url = options.result_url,
                 .tells_email = options.tells_email,
                 .created_at = now,
                 .expires_at = now + options.valid_for,
                 .used_at = {}},
      .secret_hash = handle.secret_hash,
      .url = "https://" + std::string(about.domain) + "/lo/verify_email?ticket=" + base::percent_encode(handle.text.reveal())};
}

VerificationMail make_verification_mail(const Outbox& outbox, store::Store& store, base::Random& random, base::Instant now,
                                        const Occasion& about) {
  auto of_mail = about;
  of_mail.name = kVerifyEmail;
  const auto options = template_link_options(of_mail);
  auto link = make_verification_link(store, random, now, of_mail, options);
  of_mail.url = link.url;
  auto message = in_words_of_tenant(
      templates::verify_email(
          {.to = about.user->email,
           .tenant_name = json::find_string(about.tenant.tenant().settings, "friendly_name").value_or(std::string(about.domain)),
           .link = link.url,
           .valid_for = options.valid_for}),
      of_mail);
  message.user_id = about.user->subject();
  message.client_id = link.ticket.client_id;
  message.connection = about.connection != nullptr ? about.connection->name : std::string();
  auto sealed = outbox.seal(about.tenant.tenant().id, message, options.valid_for);
  return {.link = std::move(link), .mail = std::move(sealed)};
}

void write(const store::Writer& w, const VerificationLink& link) {
  store::email_tickets::insert(w, link.ticket, link.secret_hash);
}

void write(const store::Writer& w, const VerificationMail& mail) {
  write(w, mail.link);
  store::mails::insert(w, mail.mail);
}

}  // namespace segue::mail
