#include "management/verification.h"

#include "management/answers.h"
#include "management/errors.h"

namespace segue::management {

base::Result<LinkContext> read_link_context(const Invocation& invocation, const model::User& user) {
  const auto body = invocation.body.is_object() ? invocation.body.get_object() : json::object{};
  const auto& tenant = *invocation.tenant;
  LinkContext out;
  if (const auto client_id = json::find_string(body, "client_id")) {
    out.client = tenant.client(*client_id);
    if (!out.client) return invalid_body("The specified client_id does not exist");
  }
  if (const auto id = json::find_string(body, "organization_id")) {
    out.organization = tenant.organization(*id);
    if (!out.organization) return invalid_body("No organization found by that id");
  }
  out.connection = tenant.connection(user.connection_id);
  if (user.email.empty()) return invalid_body("The user has no e-mail address");
  return out;
}

mail::Occasion occasion_of(const Invocation& invocation, const LinkContext& context, const model::User& user) {
  return {.name = mail::kVerifyEmail,
          .tenant = *invocation.tenant,
          .domain = invocation.call.domain,
          .client = context.client.get(),
          .connection = context.connection.get(),
          .user = &user,
          .organization = context.organization.get()};
}

mail::VerificationMail prepare_verification(const Services& services, const Invocation& invocation, const LinkContext& context,
                                            const model::User& user) {
  return mail::make_verification_mail(services.mails, services.tenants.store(), services.random, invocation.now,
                                      occasion_of(invocation, context, user));
}

void append_verification(const store::Writer& w, const Invocation& invocation, const mail::VerificationMail& mail,
                         const model::User& user) {
  mail::write(w, mail);
  auto row = event_of(invocation, "svr", 201);
  row.client_id = mail.link.ticket.client_id;
  row.user_id = user.subject();
  row.user_name = user.email;
  row.connection_id = user.connection_id;
  audit::append(w, row, invocation.now);
}

}  // namespace segue::management
