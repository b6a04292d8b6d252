#include "oauth/authorize/respond.h"

#include "interaction/pages.h"
#include "oauth/faces.h"

namespace segue::oauth {

http::Response respond_to_application(const VerifiedRedirect& redirect, ResponseMode mode, const std::string& state,
                                      const std::string& issuer, http::Parameters parameters) {
  if (!state.empty()) parameters.add("state", state);
  parameters.add("iss", issuer);  // RFC 9207 §2
  switch (mode) {
    case ResponseMode::query: break;
    case ResponseMode::fragment: return http::redirect_response(http::append_fragment(redirect.uri(), parameters));
    case ResponseMode::form_post: return interaction::pages::form_post_page(redirect.uri(), parameters);
    case ResponseMode::web_message: return interaction::pages::web_message_page(redirect.web_origin(), parameters);
  }
  return http::redirect_response(http::append_query(redirect.uri(), parameters));
}

http::Response render_authorize_failure(const http::Call& call, const std::string& issuer, const AuthorizeFailure& failure) {
  if (failure.redirect) {
    http::Parameters parameters;
    parameters.add("error", failure.error.code);
    parameters.add("error_description", failure.error.description);
    return respond_to_application(*failure.redirect, failure.response_mode, failure.state, issuer, std::move(parameters));
  }
  const bool mismatch = failure.error.description.find("redirect_uri is not") != std::string::npos;
  return interaction::pages::message_page(status_of(failure.error),
                                          mismatch ? "Callback URL mismatch." : "This sign-in link does not work",
                                          failure.error.description, call.request_id);
}

}  // namespace segue::oauth
