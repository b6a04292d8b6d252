// Discovery and keys (OIDC Discovery §4, RFC 8414, contract §5.2). Names only what exists.
#pragma once
#include <map>
#include <shared_mutex>
#include <string>

#include "base/result.h"
#include "http/call.h"
#include "tenancy/tenants.h"

namespace segue::oauth {

// Keeps each domain's document as text until the configuration of its tenant changes.
class DiscoveryDocuments {
 public:
  base::Result<http::Response> respond(const tenancy::Snapshot& tenant, const http::Call& call);

 private:
  struct Rendered {
    base::TenantId tenant;
    std::int64_t version;
    std::string document;
  };
  std::string document_of(const tenancy::Snapshot& tenant, const std::string& domain);

  std::shared_mutex mutex_;
  std::map<std::string, Rendered, std::less<>> rendered_;  // by domain
};

base::Result<http::Response> json_web_key_set(const tenancy::Snapshot& tenant);

}  // namespace segue::oauth
