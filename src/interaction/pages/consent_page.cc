#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
namespace {

std::string list_html(const std::vector<std::string>& items) {
  std::string out = "<ul class=\"asked\">";
  for (const auto& item : items) out += "<li>" + name_html(item) + "</li>";
  return out + "</ul>";
}

}  // namespace

http::Response consent_page(const ConsentPage& page) {
  const auto client = page.client_name.empty() ? std::string("An application") : page.client_name;
  std::string main = "<h1>Allow access?</h1><p class=\"lead\"><strong>" + name_html(client) + "</strong> asks for access to " +
                     "the account <strong>" + name_html(page.user_name) + "</strong>.</p>";
  if (!page.profile.empty()) main += "<h2>Your account</h2>" + list_html(page.profile);
  if (!page.api_name.empty()) {
    main += "<h2>" + name_html(page.api_name) + "</h2>";
    main += page.api_scopes.empty() ? "<p class=\"asked\">Use it in your name</p>" : list_html(page.api_scopes);
  }
  main += "<form method=\"post\" action=\"" + base::escape_html(page.action) + "\">";
  main += hidden("state", page.state) + hidden("csrf", page.csrf);
  // The one that changes nothing comes second, and neither has the focus: Enter on a page that has just appeared agrees to
  // nothing.
  main += R"(<button class="button" type="submit" name="action" value="accept">Accept</button>)"
          R"(<button class="button quiet" type="submit" name="action" value="deny">Decline</button></form>)";
  return render(200, {.title_text = "Allow access? \u00b7 " + client,
                      .main = main,
                      .footer = tenant_footer(page.tenant_name),
                      .form_action = own_form_action(page.redirect_origin)});
}

}  // namespace segue::interaction::pages
