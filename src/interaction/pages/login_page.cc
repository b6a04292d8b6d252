#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
http::Response login_page(const LoginPage& page, int status) {
  const bool wrong = !page.alert.empty();
  const bool knows_user = !page.username.empty();

  std::string main = "<h1>Sign in</h1>";
  if (!page.client_name.empty())
    main += "<p class=\"lead\">to continue to <strong>" + name_html(page.client_name) + "</strong></p>";
  main += alert_html(page.alert);
  main += "<form method=\"post\" action=\"" + base::escape_html(page.action) + "\">";
  main += hidden("state", page.state) + hidden("csrf", page.csrf);
  main += R"(<div class="field"><label for="username">Email or username</label>)"
          R"(<input id="username" name="username" type="text" inputmode="email" autocomplete="username" autocapitalize="none")"
          R"( autocorrect="off" spellcheck="false" value=")" +
          base::escape_html(page.username) + "\"" + field_state(wrong, !knows_user) + "></div>";
  main += R"(<div class="field"><label for="password">Password</label>)"
          R"(<input id="password" name="password" type="password" autocomplete="current-password")" +
          field_state(wrong, knows_user) + "></div>";
  main += R"(<button class="button" type="submit">Sign in</button></form>)";
  if (!page.sign_up_path.empty()) main += aside_html("No account yet?", page.sign_up_path, "Sign up");

  const auto form_action = own_form_action(page.redirect_origin, page.leads_elsewhere);

  // A title that begins with the trouble is the first thing a screen reader says.
  std::string title = wrong ? "Error: Sign in" : "Sign in";
  if (!page.client_name.empty()) title += " \u00b7 " + page.client_name;
  return render(status,
                {.title_text = title, .main = main, .footer = tenant_footer(page.tenant_name), .form_action = form_action});
}

}  // namespace segue::interaction::pages
