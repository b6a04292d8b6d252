// What every page with a form asks of a request, before the authorization request it names is looked for.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/call.h"
#include "http/parameters.h"
#include "interaction/authorization_flow.h"

namespace segue::login {

inline constexpr std::size_t kFormLimit = 16 * 1024;

base::Error invalid_request(std::string description, std::string detail = {});
base::Result<http::Parameters> unique_parameters(std::string_view text);
base::Result<std::string> required(const http::Parameters& parameters, std::string_view name);

struct PageForm {
  std::string state;  // the address and the form name the same request
  http::Parameters form;
};
// Sent by a page of this site, as a browser sends a form.
base::Result<http::Parameters> read_plain_form(const http::Call& call);
base::Result<PageForm> read_form(const http::Call& call);
// The form was made by the page of this very request: compared in constant time.
base::Outcome require_csrf(const http::Parameters& form, std::string_view expected);

// The two pages that a request with nobody known may begin with lead to each other.
std::string login_path(std::string_view state);
std::string sign_up_path(std::string_view state);

// contract §2.6: a stale page leads to the client's initiate_login_uri. After a form the browser holds a redirect against the
// page's form-action, which does not name that URI, so the person is given a link instead.
base::Result<http::Response> stale_page(const http::Call& call, interaction::AuthorizationFlow& flow, std::string_view state,
                                        const base::Error& error);

}  // namespace segue::login
