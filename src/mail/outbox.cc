#include "mail/outbox.h"

#include <algorithm>

#include "audit/event.h"
#include "base/log.h"
#include "base/text.h"
#include "outbound/receivers.h"
#include "store/settings_documents.h"
#include "tenancy/email_provider.h"

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

// A tenant's server that is slow or dead holds up that tenant's mails, and after its first failure one thread at most.
std::vector<outbound::ReceiverKey> Outbox::list_due() const {
  std::vector<base::TenantId> tenants;
  const auto now = clock_.now();
  tenants_.store().database().read(
      [&](sql::Connection& connection) { tenants = store::mails::list_tenants_due(connection, now); });
  const auto known = tenants_.list();
  std::vector<outbound::ReceiverKey> due;
  for (const auto tenant : tenants) {
    if (std::find(known.begin(), known.end(), tenant) == known.end()) continue;
    const auto provider = tenants_.snapshot(tenant)->stored_settings(tenancy::kEmailProvider);
    if (provider && is_in_use(&provider->document)) {
      due.emplace_back(tenant, receiver_of(*provider));
    } else if (sender_) {
      due.emplace_back(tenant, "");
    }
  }
  return due;
}

bool Outbox::send_one() {
  return receivers_.serve_one(list_due(), clock_, [&](const outbound::ReceiverKey& receiver) { return send_one_of(receiver); });
}

// Nothing when another worker was quicker.
std::optional<outbound::Receivers::End> Outbox::send_one_of(const outbound::ReceiverKey& receiver) {
  const auto tenant = receiver.first;
  const auto now = clock_.now();
  const auto mail =
      tenants_.store().write(tenant, [&](const store::Writer& w) { return store::mails::take(w, now, now + kTakenFor); });
  if (!mail) return std::nullopt;

  const auto opened = key_file_.open(mail->sealed, context_of(tenant, mail->mail_id));
  const auto message = opened.ok() ? message_from(opened->reveal()) : base::Result<Message>(opened.error());
  SmtpAnswer answer;
  if (!message.ok()) {
    // It waits for the key file that opens it, as long as it is worth anything.
    settle(tenant, *mail, {}, {Handover::failed, message.error().description});
    return outbound::Receivers::End::answered;
  }
  if (mail->expires_at <= now) {
    answer = {Handover::refused, "It could not be sent in time."};
  } else {
    answer = hand_over(tenant, *mail, *message);
  }
  settle(tenant, *mail, *message, answer);
  // The operator's server is everybody's: one tenant's failure says nothing about the next mail.
  const bool own_failed = !receiver.second.empty() && answer.handover == Handover::failed;
  return own_failed ? outbound::Receivers::End::failed : outbound::Receivers::End::answered;
}

SmtpAnswer Outbox::hand_over(base::TenantId tenant, const store::mails::Mail& mail, const Message& message) const {
  const auto host = host_of_domain(tenants_.snapshot(tenant)->tenant().canonical_domain());
  const auto id = std::to_string(base::to_integer(tenant)) + "-" + std::to_string(base::to_integer(mail.mail_id));
  // As they stand now, password and server from one row.
  const auto standing = tenants_.store().read(
      tenant, [](const store::Reader& r) { return store::settings_documents::find(r, tenancy::kEmailProvider, ""); });
  std::optional<Provider> own;
  if (standing && is_in_use(&standing->document)) {
    auto read = read_provider(*standing, key_file_, tenant, outbound_);
    if (!read.ok()) return {Handover::failed, read.error().description};
    own = std::move(*read);
  }
  if (!own && !sender_) return {Handover::failed, "There is no mail server."};

  // Who may write under which name, the server decides that the mail goes by: a tenant chooses for its own only.
  auto dressed = message;
  auto from = from_.empty() ? "no-reply@" + host : from_;
  if (own) {
    const auto wanted = message.from.empty() ? own->from : parse_mailbox(message.from);
    if (!message.from.empty() && !wanted) return {Handover::refused, "The sender that the template names is no address."};
    if (wanted) {
      from = wanted->address;
      if (!wanted->name.empty()) dressed.from_name = wanted->name;
    }
  }
  const auto text = to_mime(dressed, {.from = from, .message_id = id + "@" + host, .date = mail.created_at});
  if (!text.ok()) return {Handover::refused, text.error().description};
  const Outgoing outgoing{.name = id, .from = from, .to = message.to, .text = *text};
  return own ? smtp_sender(std::move(own->server))->send(outgoing) : sender_->send(outgoing);
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
