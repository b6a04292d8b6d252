// Who is asking at the token endpoint and its neighbours (RFC 6749 §2.3, contract §3.2).
#pragma once
#include <memory>

#include "base/result.h"
#include "http/call.h"
#include "http/parameters.h"
#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

// A client that proved itself, or a public one that has nothing to prove. Only authenticate_client() makes one.
class AuthenticatedClient {
 public:
  const model::Client& operator*() const { return *client_; }
  const model::Client* operator->() const { return client_.get(); }
  const std::shared_ptr<const model::Client>& shared() const { return client_; }
  // False for a public client: its client_id is a claim, not a proof.
  bool is_confidential() const { return confidential_; }

 private:
  friend base::Result<AuthenticatedClient> authenticate_client(const tenancy::Snapshot&, http::Call&, const http::Parameters&);
  AuthenticatedClient(std::shared_ptr<const model::Client> client, bool confidential)
      : client_(std::move(client)), confidential_(confidential) {}
  std::shared_ptr<const model::Client> client_;
  bool confidential_;
};

// By the one method of the client: nothing, a secret (in the body or by Basic, whichever of the two it declares, contract §3.2
// [K]) or a signed assertion, which is spent by it. Inside Tenants::on_current: an assertion is judged on the current
// configuration.
base::Result<AuthenticatedClient> authenticate_client(const tenancy::Snapshot& tenant, http::Call& call,
                                                      const http::Parameters& parameters);

// Whom a request says it comes from, for the log row of one whose client proved nothing; empty when it does not say.
std::string said_client_id(const http::Request& request, const http::Parameters& parameters);

}  // namespace segue::oauth
