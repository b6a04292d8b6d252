// The pages at /activate, where a person lets a device in (RFC 8628 §3.3, contract §5.4): type the code, compare it, sign in as
// at any application, and be told how it ended. Works without scripts.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "model/device_code.h"
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/services.h"

namespace segue::oauth {

class Activation {
 public:
  Activation(const Services& services, AuthorizeEndpoint& authorize) : services_(services), authorize_(authorize) {}

  // GET /activate, with the code filled in from verification_uri_complete.
  base::Result<http::Response> show(const http::Call& call);
  // POST /activate: the code. Guesses are counted by the protection core. Logs fdeac, limit_mu.
  base::Result<http::Response> submit_code(const http::Call& call);
  // POST /activate/confirm: yes goes on to the sign-in, no ends it. Logs fdecc.
  base::Result<http::Response> confirm(const http::Call& call);
  // GET /activate/callback: where the sign-in ends. Logs fdeac when it failed.
  base::Result<http::Response> finish(const http::Call& call);

 private:
  base::Result<http::Response> begin_sign_in(const http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                             const model::DeviceCode& device);
  base::Result<http::Response> approve(const http::Call& call, const tenancy::Snapshot& tenant, const std::string& code);
  base::Result<http::Response> refused(const http::Call& call, const tenancy::Snapshot& tenant, const http::Parameters& answer);

  Services services_;
  AuthorizeEndpoint& authorize_;
};
http::Response activation_face(const base::Error& error, const http::Call& call);

}  // namespace segue::oauth
