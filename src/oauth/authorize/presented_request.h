// Where the parameters of an authorization request come from: the request itself, what its client signed
// (RFC 9101), or what it pushed before (RFC 9126).
#pragma once
#include <optional>

#include "base/result.h"
#include "http/call.h"
#include "http/parameters.h"
#include "model/authorize.h"
#include "oauth/services.h"
#include "tenancy/handles.h"

namespace segue::oauth {

// A pushed request that this request refers to: looked at, and not consumed yet.
struct PushedReference {
  tenancy::PresentedHandle handle;
  std::optional<model::PushedTransfer> transfer;
};

struct PresentedRequest {
  http::Parameters parameters;                        // what is validated
  std::optional<std::string> session_transfer_token;  // in front of the browser; counts beside a request_uri too (contract §1.7)
  std::optional<PushedReference> pushed;              // to be consumed by the transaction that decides
  bool unsolicited = false;                           // of another protocol: nobody asked for this sign-in
};
// An error here is told by a page: nothing that the browser brings beside a request_uri or a broken request
// object is believed (RFC 9126 §4).
base::Result<PresentedRequest> read_presented_request(const Services& services, const tenancy::Snapshot& tenant,
                                                      http::Call& call);

// Who the request says it comes from, for the log row of one that cannot be read; empty when it does not say.
std::string claimed_client_id(const http::Request& request);

// The answer to a request_uri that is unknown, foreign, expired or used: one text, so that nothing is told by it.
base::Error unusable_request_uri();

}  // namespace segue::oauth
