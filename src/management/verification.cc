#include "management/verification.h"

#include "management/answers.h"
#include "management/errors.h"

namespace segue::management {
namespace {

// contract §9.12: `identity` names which of the user's identities is meant.
base::Outcome check_identity(const json::object& body, const model::User& user) {
  const auto* const identity = json::find_object(body, "identity");
  if (identity == nullptr) return base::Unit{};
  const auto bar = user.user_id.find('|');
  if (json::find_string(*identity, "provider") == user.user_id.substr(0, bar) &&
      json::find_string(*identity, "user_id") == user.user_id.substr(bar + 1))
    return base::Unit{};
  return invalid_body("identity: the user has no such identity");
}

}  // namespace

base::Result<LinkContext> read_link_context(const Invocation& invocation, const model::User& user) {
  const auto body = invocation.body.is_object() ? invocation.body.get_object() : json::object{};
  const auto& tenant = *invocation.tenant;
  LinkContext out;
  TRY(check_identity(body, user));
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
  row.user_id = user.user_id;
  row.user_name = user.email;
  row.connection_id = user.connection_id;
  audit::append(w, row, invocation.now);
}

}  // namespace segue::management
