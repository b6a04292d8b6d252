#include "oauth/grants/session_transfer_audience.h"

namespace segue::oauth {

TransferAudience transfer_audience(const tenancy::Snapshot& tenant, std::string_view audience) {
  constexpr std::string_view kPrefix = "urn:", kSuffix = ":session_transfer";
  if (audience.size() <= kPrefix.size() + kSuffix.size() || !audience.starts_with(kPrefix) || !audience.ends_with(kSuffix))
    return TransferAudience::absent;
  const auto host = audience.substr(kPrefix.size(), audience.size() - kPrefix.size() - kSuffix.size());
  return tenant.has_domain(host) ? TransferAudience::ours : TransferAudience::foreign;
}

}  // namespace segue::oauth
