#include "protection/device_code_quota.h"

#include "protection/counted_address.h"
#include "store/login_attempts.h"

namespace segue::protection {
namespace {

namespace counters = store::login_attempts;

struct QuotaKeys {
  std::string client, address;
};
QuotaKeys quota_keys(std::string_view client_id, std::string_view address) {
  const auto from = counted_address(address);
  return {.client = "device_code|" + std::string(client_id) + "|" + from, .address = "device_code_ip|" + from};
}

}  // namespace

bool DeviceCodeQuota::is_used_up(const store::Reader& r, std::string_view client_id, std::string_view address,
                                 base::Instant now) const {
  const auto keys = quota_keys(client_id, address);
  const auto blocks = [&](const std::string& key) {
    const auto counter = counters::find(r, key);
    return counter && counter->blocked_until && *counter->blocked_until > now;
  };
  return blocks(keys.address) || blocks(keys.client);
}

DeviceCodeQuota::Taken DeviceCodeQuota::take(const store::Writer& w, std::string_view client_id, std::string_view address,
                                             base::Instant now) const {
  const auto keys = quota_keys(client_id, address);
  const auto count = [&](const std::string& key, std::int64_t limit) {
    return counters::count_failure(w, key, limit, limits_.window, limits_.window, now).failures;
  };
  const auto of_address = count(keys.address, limits_.per_address);
  if (of_address > limits_.per_address) return Taken::none;
  const auto of_client = count(keys.client, limits_.per_client);
  if (of_client > limits_.per_client) {
    counters::take_back(w, keys.address, limits_.per_address);  // no code of that address
    return Taken::none;
  }
  if (of_address == limits_.per_address) return Taken::last_of_address;
  return of_client == limits_.per_client ? Taken::last_of_client : Taken::one;
}

}  // namespace segue::protection
