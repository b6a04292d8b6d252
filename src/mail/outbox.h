// Mails on their way: written with what they tell of, sealed, and sent beside the requests until they are taken (at least once)
// or would come too late.
#pragma once
#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "mail/message.h"
#include "mail/provider.h"
#include "mail/sender.h"
#include "outbound/receivers.h"
#include "store/mails.h"
#include "tenancy/key_file.h"
#include "tenancy/tenants.h"

namespace segue::mail {

class Outbox {
 public:
  // `from`: the operator's address; empty: no-reply@ the tenant's host. `sender` null: mails wait, but those of tenants with a
  // server of their own.
  Outbox(tenancy::Tenants& tenants, const tenancy::KeyFile& key_file, const base::Clock& clock, base::Random& random,
         std::shared_ptr<Sender> sender, std::string from, outbound::Options outbound, int threads)
      : tenants_(tenants),
        key_file_(key_file),
        clock_(clock),
        random_(random),
        sender_(std::move(sender)),
        from_(std::move(from)),
        outbound_(std::move(outbound)),
        receivers_(threads) {}

  // Before the transaction, which then writes it with store::mails::insert.
  store::mails::Mail seal(base::TenantId tenant, const Message& message, base::Duration worth_sending_for) const;

  // Sends one of the next tenant's that has any due. False when none is. Blocks; from any thread.
  bool send_one();

 private:
  std::vector<outbound::ReceiverKey> list_due() const;
  std::optional<outbound::Receivers::End> send_one_of(const outbound::ReceiverKey& receiver);
  SmtpAnswer hand_over(base::TenantId tenant, const store::mails::Mail& mail, const Message& message) const;
  void settle(base::TenantId tenant, const store::mails::Mail& mail, const Message& message, const SmtpAnswer& answer);

  tenancy::Tenants& tenants_;
  const tenancy::KeyFile& key_file_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::shared_ptr<Sender> sender_;
  const std::string from_;
  const outbound::Options outbound_;
  outbound::Receivers receivers_;
};

}  // namespace segue::mail
