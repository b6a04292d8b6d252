#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
namespace {

// Through the prototype: a parameter named "submit" would hide the form's own method.
constexpr std::string_view kSubmitScript = "HTMLFormElement.prototype.submit.call(document.forms[0])";

// Posts the parameters when it is shown; `form_action` is the page's CSP source list.
http::Response posting_page(std::string_view action, const http::Parameters& parameters, std::string form_action) {
  std::string main = R"(<h1>One more step</h1><p class="lead">Your browser did not continue by itself.</p>)";
  main += "<form method=\"post\" action=\"" + base::escape_html(action) + "\">";
  for (const auto& [name, value] : parameters.pairs()) {
    main += "<input type=\"hidden\" name=\"" + base::escape_html(name) + "\" value=\"" + base::escape_html(value) + "\">";
  }
  // The page shows only when the script has had its time: without scripts, or when an extension stopped this one.
  main += R"(<button class="button" type="submit">Continue</button></form>)";
  return render(
      200,
      {.title_text = "Continue", .main = main, .patient = true, .form_action = std::move(form_action), .script = kSubmitScript});
}

}  // namespace

// OAuth 2.0 Form Post Response Mode §2. The application may redirect on to anywhere, its own front end or back to us with an
// answer, and Chromium holds the redirects that follow a form against form-action.
http::Response form_post_page(std::string_view redirect_uri, const http::Parameters& parameters) {
  const auto target = source_of(redirect_uri);
  return posting_page(redirect_uri, parameters, target.empty() ? "'none'" : target + " https: http:");
}

http::Response repost_page(std::string_view action, const http::Parameters& parameters, std::string_view redirect_origin) {
  return posting_page(action, parameters, own_form_action(redirect_origin, true));
}

}  // namespace segue::interaction::pages
