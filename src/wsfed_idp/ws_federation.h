// The answers to relying parties of WS-Federation: a form with a token, or with a fault that says why there is none (contract
// §5.9).
#pragma once
#include "interaction/foreign_protocol.h"
#include "wsfed_idp/services.h"

namespace segue::wsfed_idp {

class WsFederation final : public interaction::ForeignProtocol {
 public:
  explicit WsFederation(const Services& services) : services_(services) {}

  // Its requests name nobody.
  bool admits(const store::Reader&, const interaction::ForeignSignIn&, const model::User&) const override { return true; }
  http::Response respond(const interaction::ForeignSignIn& sign_in, const interaction::SignedIn& signed_in) override;
  http::Response refuse(const interaction::ForeignSignIn& sign_in, const base::Error& error) override;

 private:
  struct Answer {
    std::string wresult;
    std::string consumer_url;
    std::optional<std::string> context;
  };
  base::Result<Answer> answer(const interaction::ForeignSignIn& sign_in, const interaction::SignedIn& signed_in);

  Services services_;
};

}  // namespace segue::wsfed_idp
