#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
namespace {

std::string password_field(std::string_view name, std::string_view label, bool wrong, bool focused) {
  const std::string id(name);
  std::string out = "<div class=\"field\"><label for=\"" + id + "\">" + std::string(label) + "</label><input id=\"" + id +
                    "\" name=\"" + id + R"(" type="password" autocomplete="new-password" required)";
  out += wrong ? R"( aria-invalid="true" aria-describedby="alert rules")" : R"( aria-describedby="rules")";
  if (focused) out += " autofocus";
  return out + "></div>";
}

}  // namespace

http::Response reset_password_page(const ResetPasswordPage& page, int status) {
  const bool wrong = !page.alert.empty();
  std::string main = "<h1>Set a new password</h1><p class=\"lead\">for " + name_html(page.username) + "</p>";
  if (wrong) main += "<div class=\"alert\" role=\"alert\"><p id=\"alert\">" + base::escape_html(page.alert) + "</p></div>";
  main += "<form method=\"post\" action=\"" + base::escape_html(page.action) + "\">" + hidden("csrf", page.csrf);
  // Shown to password managers only: they store the new password under this name.
  main += "<input type=\"text\" name=\"username\" autocomplete=\"username\" readonly hidden value=\"" +
          base::escape_html(page.username) + "\">";
  main += password_field("new_password", "New password", wrong, true);
  main += password_field("confirm_password", "New password again", wrong, false);
  main += "<p class=\"lead\" id=\"rules\">" + lines_html(page.rules) + "</p>";
  main += R"(<button class="button" type="submit">Set password</button></form>)";
  return render(status, {.title_text = wrong ? "Error: Set a new password" : "Set a new password",
                         .main = main,
                         .footer = tenant_footer(page.tenant_name),
                         .form_action = own_form_action(page.redirect_origin)});
}

}  // namespace segue::interaction::pages
