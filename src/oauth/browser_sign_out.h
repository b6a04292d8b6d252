// What another protocol's sign-out does (interaction/sign_out.h).
#pragma once
#include "interaction/sign_out.h"
#include "oauth/services.h"

namespace segue::oauth {

class BrowserSignOut final : public interaction::SignOut {
 public:
  explicit BrowserSignOut(const Services& services) : services_(services) {}
  base::Result<http::Response> sign_out(const http::Call& call, const interaction::SignOutRequest& request) override;

 private:
  Services services_;
};

}  // namespace segue::oauth
