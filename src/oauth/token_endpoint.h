// POST /oauth/token: the phases that every grant shares, and none can skip.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/client_authentication.h"
#include "oauth/dpop/presentation.h"
#include "oauth/services.h"

namespace segue::oauth {

// A token request whose client is known and may use the grant. What a grant is handed.
struct TokenRequest {
  const http::Call& call;
  std::shared_ptr<const tenancy::Snapshot> tenant;
  AuthenticatedClient client;
  http::Parameters parameters;
  std::string grant_type;
  base::Instant now;
  std::string jkt;      // the key that the request proved (RFC 9449); empty: none
  std::any found = {};  // by the grant itself, before it moved to another lane

  std::string token_type() const { return jkt.empty() ? "Bearer" : "DPoP"; }
};

class TokenEndpoint {
 public:
  explicit TokenEndpoint(const Services& services) : services_(services) {}
  base::Result<http::Response> respond(http::Call& call);

 private:
  struct GrantEntry;
  // A proof counts once, and a decision may be made again on a newer configuration: what was found out is kept for it.
  using ProofOutcome = base::Result<std::optional<dpop::Proof>>;
  static const GrantEntry kGrants[];
  static const GrantEntry* find_grant(std::string_view grant_type);
  base::Result<http::Response> exchange(http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                        const GrantEntry& grant, const http::Parameters& parameters,
                                        std::optional<ProofOutcome>& proof, const std::any& found);
  // True when Actions will run for the grant: the thread must not wait for them.
  bool waits(const tenancy::Snapshot& tenant, const GrantEntry& grant) const;
  // What goes with a request to another lane: what counts once has been counted.
  struct Moved;
  Services services_;
};

}  // namespace segue::oauth
