// Mails on their way: written with what they tell of, sealed, and sent beside the requests until they are taken (at least once)
// or would come too late.
#pragma once
#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "mail/message.h"
#include "mail/sender.h"
#include "store/mails.h"
#include "tenancy/key_file.h"
#include "tenancy/tenants.h"

namespace segue::mail {

class Outbox {
 public:
  // `from`: the operator's address; empty: no-reply@ the tenant's host. `sender` null: mails wait.
  Outbox(tenancy::Tenants& tenants, const tenancy::KeyFile& key_file, const base::Clock& clock, base::Random& random,
         std::shared_ptr<Sender> sender, std::string from)
      : tenants_(tenants),
        key_file_(key_file),
        clock_(clock),
        random_(random),
        sender_(std::move(sender)),
        from_(std::move(from)) {}

  // Before the transaction, which then writes it with store::mails::insert.
  store::mails::Mail seal(base::TenantId tenant, const Message& message, base::Duration worth_sending_for) const;

  // Sends the one that has waited longest. False when none is due. Blocks; from any thread.
  bool send_one();

 private:
  SmtpAnswer hand_over(base::TenantId tenant, const store::mails::Mail& mail, const Message& message) const;
  void settle(base::TenantId tenant, const store::mails::Mail& mail, const Message& message, const SmtpAnswer& answer);

  tenancy::Tenants& tenants_;
  const tenancy::KeyFile& key_file_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::shared_ptr<Sender> sender_;
  const std::string from_;
};

}  // namespace segue::mail
