// Delivers log streams to webhooks (contract §7.3): at least once, from a cursor in the database. A receiver that fails is tried
// again with growing pauses, and holds no other up.
#pragma once
#include "base/clock.h"
#include "logstreams/turn.h"
#include "outbound/client.h"
#include "outbound/receivers.h"
#include "tenancy/key_file.h"
#include "tenancy/tenants.h"

namespace segue::logstreams {

class Delivery {
 public:
  Delivery(tenancy::Tenants& tenants, const tenancy::KeyFile& key_file, const base::Clock& clock, int threads)
      : tenants_(tenants), key_file_(key_file), clock_(clock), receivers_(threads) {}

  // Whether any has rows to deliver and may be taken.
  bool is_due();
  // One turn of one stream, over the calling thread's client. False when nothing is due. From any number of threads and nodes.
  bool deliver_some(outbound::Client& client);

 private:
  std::vector<outbound::ReceiverKey> list_due(base::Instant now);
  std::optional<outbound::Receivers::End> deliver(const outbound::ReceiverKey& stream, outbound::Client& client);
  std::string send(const Turn& turn, outbound::Client& client, std::size_t& delivered);

  tenancy::Tenants& tenants_;
  const tenancy::KeyFile& key_file_;
  const base::Clock& clock_;
  outbound::Receivers receivers_;
};

}  // namespace segue::logstreams
