// How many device codes an address is given. Whoever knows a client_id, which is no secret, may ask for them, and each is a row.
#pragma once
#include <string_view>

#include "base/clock.h"
#include "store/store.h"

namespace segue::protection {

struct DeviceCodeLimits {
  std::int64_t per_client = 100;   // per client and address
  std::int64_t per_address = 300;  // per address, over all clients
  // As long as a device code lives, so that fewer than twice the limit can be pending. Who has used the quota up waits as long.
  base::Duration window = std::chrono::minutes(15);
};

class DeviceCodeQuota {
 public:
  explicit DeviceCodeQuota(DeviceCodeLimits limits = {}) : limits_(limits) {}
  const DeviceCodeLimits& limits() const { return limits_; }

  // Costs no commit: who is over the limit leaves the writer to others.
  bool is_used_up(const store::Reader& r, std::string_view client_id, std::string_view address, base::Instant now) const;
  // Counts one code, in the transaction that writes it.
  enum class Taken {
    one,
    last_of_client,   // exactly one request is told so: it logs that the limit is reached
    last_of_address,  // the same for the limit over all clients
    none,             // used up by another request since the look
  };
  Taken take(const store::Writer& w, std::string_view client_id, std::string_view address, base::Instant now) const;

 private:
  DeviceCodeLimits limits_;
};

}  // namespace segue::protection
