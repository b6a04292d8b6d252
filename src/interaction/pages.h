// The HTML of the product. Server-rendered, works without scripts; every value is escaped here.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/parameters.h"

namespace segue::interaction::pages {

struct LoginPage {
  std::string client_name, tenant_name;
  std::string action;  // path of the form
  std::string state, csrf;
  std::string username;          // prefilled
  std::string alert;             // an error text for the person; empty: none
  std::string redirect_origin;   // allowed in form-action beside 'self'
  bool leads_elsewhere = false;  // the answer may redirect to any site: Chromium holds that against form-action, too
  std::string sign_up_path;      // for who has no account; empty: no link
};
http::Response login_page(const LoginPage& page, int status = 200);

// For who has no account.
struct SignUpPage {
  std::string client_name, tenant_name;
  std::string action;
  std::string state, csrf;
  std::string email;  // prefilled
  bool email_is_fixed = false;
  std::string username;  // prefilled
  bool asks_username = false;
  std::string rules;            // what a password must be, a line each
  std::string alert;            // an error text for the person; empty: none
  std::string login_path;       // for who has an account
  std::string redirect_origin;  // as for the login page
  bool leads_elsewhere = false;
};
http::Response sign_up_page(const SignUpPage& page, int status = 200);

// contract §2.7: who asks, for whom, and what for.
struct ConsentPage {
  std::string client_name, user_name, tenant_name;
  std::string api_name;  // empty: no API is asked for
  std::string action;
  std::string state, csrf;
  std::vector<std::string> profile;     // what of the person's own data is asked for, in words
  std::vector<std::string> api_scopes;  // what at the API
  std::string redirect_origin;
};
http::Response consent_page(const ConsentPage& page);
// A page with one question: what is asked, perhaps a code to compare or to type, and the buttons that answer.
struct FormPage {
  std::string heading, lead;  // plain text
  std::string subject = {};   // a name, set off behind the lead
  std::string code = {};      // shown large, to be compared with another screen
  std::string note = {};      // below the lead
  std::string alert = {};     // an error text for the person
  std::string action;         // path of the form
  http::Parameters hidden = {};
  struct Field {
    std::string name, label, value;
  };
  std::optional<Field> field = {};  // one line of text
  struct Button {
    std::string label;
    std::string name = {}, value = {};  // sent when it is pressed
    bool quiet = false;                 // not what most people want
  };
  std::vector<Button> buttons;
  std::string redirect_origin = {};  // allowed in form-action beside 'self'
  bool leads_elsewhere = false;      // as for the login page
};
http::Response form_page(const FormPage& page, int status = 200);

// A new password, twice. `rules` is what it must be, a line each.
struct ResetPasswordPage {
  std::string tenant_name;
  std::string action;
  std::string csrf;
  std::string username;  // for password managers
  std::string rules;
  std::string alert;                 // an error text for the person; empty: none
  std::string redirect_origin = {};  // allowed in form-action beside 'self'
};
http::Response reset_password_page(const ResetPasswordPage& page, int status = 200);

// Between two steps of a sign-out: shows images by which applications of WS-Federation end their sessions, and goes on by itself.
struct SignOutPage {
  std::vector<std::string> images;  // addresses, http and https only
  std::string goes_on_at;           // a path here
};
http::Response sign_out_page(const SignOutPage& page);

// A page that explains (contract §2.2): heading, text, and the request id. Nothing that the caller sent is shown unescaped.
struct Link {
  std::string href;  // only http and https are linked; empty: none
  std::string label;
};
http::Response message_page(int status, std::string_view heading, std::string_view text, std::string_view request_id,
                            const Link& link = {});

// An auto-submitting form (OAuth 2.0 Form Post Response Mode); a button for browsers without scripts. CSP allows only this
// form's target, and the one script by its hash.
http::Response form_post_page(std::string_view redirect_uri, const http::Parameters& parameters);

// The same for a form that another site posted here: browsers send it again from our own page, with the cookies that stay at home
// in requests of other sites. Its answer may redirect to the application or to any site.
http::Response repost_page(std::string_view action, const http::Parameters& parameters, std::string_view redirect_origin);

// Posts {type: "authorization_response", response: {…}} to the page of `origin` that framed or opened this one (contract §2.2).
// Only that origin may frame it. `origin` is a web origin without a trailing slash.
http::Response web_message_page(std::string_view origin, const http::Parameters& parameters);

}  // namespace segue::interaction::pages
