// Delivers what waits in the outbox to relying parties (contract §5.3): POST logout_token, 200 or 204. At least once; again with
// growing pauses for a day, then it is given up and logged.
#pragma once
#include "base/clock.h"
#include "outbound/client.h"
#include "outbound/receivers.h"
#include "store/outbox.h"
#include "tenancy/tenants.h"

namespace segue::backchannel {

class Delivery {
 public:
  Delivery(tenancy::Tenants& tenants, const base::Clock& clock, int threads)
      : tenants_(tenants), clock_(clock), receivers_(threads) {}

  // Some messages to one receiver, over the calling thread's client. False when nobody is due. From any number of threads and
  // nodes.
  bool deliver_some(outbound::Client& client);
  // Whether anybody is due, rests of this node aside.
  bool is_due();
  // Gives up what is older than a day, of receivers that rest too long to say so themselves. Cheap when there is nothing.
  void give_up_old();

 private:
  struct Attempt;
  std::optional<outbound::Receivers::End> deliver_to(const outbound::ReceiverKey& receiver, outbound::Client& client);
  std::vector<Attempt> send_all(const tenancy::Snapshot& tenant, const model::Client& to,
                                const std::vector<store::outbox::Message>& messages, outbound::Client& client, base::Instant now);
  void record(const tenancy::Snapshot& tenant, const model::Client* to, const std::vector<Attempt>& attempts, base::Instant now);

  tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  outbound::Receivers receivers_;
};

}  // namespace segue::backchannel
