// The tenants' RSA keys in the form that signs XML. Reading one from PEM costs as much as a signature, so they are kept. Safe to
// use from many threads.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "tenancy/snapshot.h"
#include "xml/keys.h"

namespace segue::assertions {

class KeyRing {
 public:
  // The one that signs now. Error: the tenant has no RSA key; it says how to add one.
  base::Result<std::shared_ptr<const xml::PrivateKey>> signing_key(const tenancy::Snapshot& tenant, base::Instant now);
  // The certificates that service providers should know, as DER in base64: of the key that signs, then of those that may sign
  // next, so that a rotation needs no new set-up.
  static base::Result<std::vector<std::string>> certificates(const tenancy::Snapshot& tenant, base::Instant now);

 private:
  std::mutex mutex_;
  // By tenant and kid. A key goes when its tenant has it no more.
  std::map<std::pair<base::TenantId, std::string>, std::shared_ptr<const xml::PrivateKey>> keys_;
};

}  // namespace segue::assertions
