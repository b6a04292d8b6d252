#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
namespace {

constexpr std::string_view kAlertIcon =
    R"(<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="10" cy="10" r="8.25" fill="none" stroke="currentColor")"
    R"( stroke-width="1.6"/><path d="M10 5.6v5.2" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>)"
    R"(<circle cx="10" cy="13.9" r="1.1" fill="currentColor"/></svg>)";
// The alert stands in the page when it loads, which not every screen reader announces: the fields name it as their description,
// and the focus starts on one of them.
std::string field_state(bool wrong, bool focused) {
  std::string out = " required";
  if (wrong) out += R"( aria-invalid="true" aria-describedby="alert")";
  if (focused) out += " autofocus";
  return out;
}

}  // namespace

http::Response login_page(const LoginPage& page, int status) {
  const bool wrong = !page.alert.empty();
  const bool knows_user = !page.username.empty();

  std::string main = "<h1>Sign in</h1>";
  if (!page.client_name.empty())
    main += "<p class=\"lead\">to continue to <strong>" + name_html(page.client_name) + "</strong></p>";
  if (wrong) {
    main.append("<div class=\"alert\" role=\"alert\">").append(kAlertIcon);
    main += "<p id=\"alert\">" + base::escape_html(page.alert) + "</p></div>";
  }
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

  const auto form_action = own_form_action(page.redirect_origin, page.leads_elsewhere);

  // A title that begins with the trouble is the first thing a screen reader says.
  std::string title = wrong ? "Error: Sign in" : "Sign in";
  if (!page.client_name.empty()) title += " \u00b7 " + page.client_name;
  return render(status,
                {.title_text = title, .main = main, .footer = tenant_footer(page.tenant_name), .form_action = form_action});
}

}  // namespace segue::interaction::pages
