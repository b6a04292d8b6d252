#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
namespace {

std::string email_field(const SignUpPage& page, bool wrong) {
  return R"(<div class="field"><label for="email">Email</label><input id="email" name="email" type="email" autocomplete="email")"
         R"( autocapitalize="none" autocorrect="off" spellcheck="false" value=")" +
         base::escape_html(page.email) + "\"" + (page.email_is_fixed ? " readonly" : "") +
         field_state(wrong && !page.email_is_fixed, page.email.empty()) + "></div>";
}

std::string username_field(const SignUpPage& page, bool wrong) {
  return R"(<div class="field"><label for="username">Username</label><input id="username" name="username" type="text")"
         R"( autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" value=")" +
         base::escape_html(page.username) + "\"" + field_state(wrong, !page.email.empty() && page.username.empty()) + "></div>";
}

}  // namespace

http::Response sign_up_page(const SignUpPage& page, int status) {
  const bool wrong = !page.alert.empty();
  std::string main = "<h1>Sign up</h1>";
  if (!page.client_name.empty())
    main += "<p class=\"lead\">to continue to <strong>" + name_html(page.client_name) + "</strong></p>";
  main += alert_html(page.alert);
  main += "<form method=\"post\" action=\"" + base::escape_html(page.action) + "\">";
  main += hidden("state", page.state) + hidden("csrf", page.csrf);
  main += email_field(page, wrong);
  if (page.asks_username) main += username_field(page, wrong);
  const bool starts_here = !page.email.empty() && (!page.asks_username || !page.username.empty());
  main += R"(<div class="field"><label for="password">Password</label>)"
          R"(<input id="password" name="password" type="password" autocomplete="new-password")" +
          field_state(wrong, starts_here, "rules") + "></div>";
  main += "<p class=\"lead\" id=\"rules\">" + lines_html(page.rules) + "</p>";
  main += R"(<button class="button" type="submit">Sign up</button></form>)";
  main += aside_html("Do you have an account?", page.login_path, "Sign in");

  std::string title = wrong ? "Error: Sign up" : "Sign up";
  if (!page.client_name.empty()) title += " \u00b7 " + page.client_name;
  return render(status, {.title_text = title,
                         .main = main,
                         .footer = tenant_footer(page.tenant_name),
                         .form_action = own_form_action(page.redirect_origin, page.leads_elsewhere)});
}

}  // namespace segue::interaction::pages
