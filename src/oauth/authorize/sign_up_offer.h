// Whether the person of an authorization request who has no account may make one, and with which address (contract §2.1
// screen_hint and invitation, §9.9 disable_signup, §9.11 is_signup_enabled).
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "oauth/authorize/authorization_request.h"
#include "oauth/services.h"

namespace segue::oauth {

struct SignUpOffer {
  std::shared_ptr<const model::Connection> connection;  // of the request, whether or not it takes sign-ups; null: none
  bool is_open = false;
  std::string invited_email;  // with an invitation that may be accepted: the only address that may sign up
  bool invited_has_account = false;
  bool is_over = false;  // an invitation is presented that may not be accepted

  // Worth a link: who is invited and has an account signs in.
  bool is_shown() const { return is_open && !invited_has_account; }
};
// Reads the store only for a request that presents an invitation.
SignUpOffer sign_up_offer(const Services& services, const tenancy::Snapshot& tenant, const ValidatedRequest& validated,
                          base::Instant now);

// The page that a request with nobody known begins with: the one for new people where it asks for it or is an invitation to
// somebody without an account, else the login page.
std::string_view first_page(const Services& services, const tenancy::Snapshot& tenant, const ValidatedRequest& validated,
                            base::Instant now);

inline constexpr std::string_view kLoginPath = "/u/login", kSignUpPath = "/u/signup";

}  // namespace segue::oauth
