#include "mail/outbox.h"

#include "audit/event.h"
#include "base/log.h"
#include "base/text.h"
#include "outbound/receivers.h"

namespace segue::mail {
namespace {

// Longer than one hand-over may take: nobody else sends it meanwhile.
constexpr auto kTakenFor = std::chrono::minutes(2);

std::string context_of(base::TenantId tenant, base::RowId mail_id) {
  return tenancy::seal_context(tenant, "mail", std::to_string(base::to_integer(mail_id)));
}

std::string host_of_domain(std::string_view domain) { return std::string(domain.substr(0, domain.find(':'))); }

}  // namespace

store::mails::Mail Outbox::seal(base::TenantId tenant, const Message& message, base::Duration worth_sending_for) const {
  store::mails::Mail out;
  out.mail_id = tenants_.store().ids().next();
  out.sealed = key_file_.seal(random_, to_json(message), context_of(tenant, out.mail_id));
  out.created_at = clock_.now();
  out.expires_at = out.created_at + worth_sending_for;
  return out;
}

bool Outbox::send_one() {
  if (!sender_) return false;
  const auto now = clock_.now();
  auto& store = tenants_.store();
  std::optional<base::TenantId> tenant;
  store.database().read([&](sql::Connection& connection) { tenant = store::mails::find_tenant_due(connection, now); });
  if (!tenant) return false;
  const auto mail = store.write(*tenant, [&](const store::Writer& w) { return store::mails::take(w, now, now + kTakenFor); });
  if (!mail) return true;  // another worker was quicker; there may be more

  const auto opened = key_file_.open(mail->sealed, context_of(*tenant, mail->mail_id));
  const auto message = opened.ok() ? message_from(opened->reveal()) : base::Result<Message>(opened.error());
  if (!message.ok()) {
    // It waits for the key file that opens it, as long as it is worth anything.
    settle(*tenant, *mail, {}, {Handover::failed, message.error().description});
  } else if (mail->expires_at <= now) {
    settle(*tenant, *mail, *message, {Handover::refused, "It could not be sent in time."});
  } else {
    settle(*tenant, *mail, *message, hand_over(*tenant, *mail, *message));
  }
  return true;
}

SmtpAnswer Outbox::hand_over(base::TenantId tenant, const store::mails::Mail& mail, const Message& message) const {
  const auto host = host_of_domain(tenants_.snapshot(tenant)->tenant().canonical_domain());
  const auto id = std::to_string(base::to_integer(tenant)) + "-" + std::to_string(base::to_integer(mail.mail_id));
  const auto from = from_.empty() ? "no-reply@" + host : from_;
  const auto text = to_mime(message, {.from = from, .message_id = id + "@" + host, .date = mail.created_at});
  if (!text.ok()) return {Handover::refused, text.error().description};
  return sender_->send({.name = id, .from = from, .to = message.to, .text = *text});
}

void Outbox::settle(base::TenantId tenant, const store::mails::Mail& mail, const Message& message, const SmtpAnswer& answer) {
  const auto now = clock_.now();
  const bool late = mail.expires_at <= now;
  const bool over = answer.handover != Handover::failed || late;
  if (answer.handover == Handover::failed) {
    // Who operates the server sees the first failure, and that it goes on; the address and the text are nobody's business.
    base::log::warn(
        "a mail was not taken",
        {{"kind", message.kind}, {"attempts", std::to_string(mail.attempts)}, {"reason", base::shortened(answer.reason, 300)}});
  }
  audit::Event row;  // contract §7.4
  row.type = "fn";
  row.description = base::shortened(answer.reason, 500);
  row.user_id = message.user_id;
  row.client_id = message.client_id;
  if (const auto client = message.client_id.empty() ? nullptr : tenants_.snapshot(tenant)->client(message.client_id))
    row.client_name = client->name;
  row.connection = message.connection;
  row.details = json::object{{"email_type", message.kind},
                             {"notification_type", "email"},
                             {"to", message.to},
                             {"error", row.description},
                             {"attempts", mail.attempts}};
  tenants_.store().write(tenant, [&](const store::Writer& w) {
    if (!over) {
      store::mails::postpone(w, mail.mail_id, now + outbound::pause_after(mail.attempts));
      return true;
    }
    store::mails::remove(w, mail.mail_id);
    if (answer.handover != Handover::taken) audit::append(w, row, now);
    return true;
  });
}

}  // namespace segue::mail
