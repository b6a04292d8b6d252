// The answers to service providers of SAML 2.0: a Response with an assertion, or one that says why there is none (contract §5.8).
#pragma once
#include "assertions/answer.h"
#include "interaction/foreign_protocol.h"
#include "saml_idp/saml_message.h"
#include "saml_idp/services.h"

namespace segue::saml_idp {

class SamlProtocol final : public interaction::ForeignProtocol {
 public:
  explicit SamlProtocol(const Services& services) : services_(services) {}

  bool admits(const store::Reader& r, const interaction::ForeignSignIn& sign_in, const model::User& user) const override;
  http::Response respond(const interaction::ForeignSignIn& sign_in, const interaction::SignedIn& signed_in) override;
  http::Response refuse(const interaction::ForeignSignIn& sign_in, const base::Error& error) override;

 private:
  struct Answer {
    std::string xml;
    std::string consumer_url;
    std::optional<std::string> relay_state;
    saml_messages::NameId subject;
  };
  base::Result<Answer> answer(const interaction::ForeignSignIn& sign_in, const interaction::SignedIn& signed_in);
  assertions::Occasion occasion() const;

  Services services_;
};

}  // namespace segue::saml_idp
