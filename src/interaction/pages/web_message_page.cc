#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"
#include "json/value.h"

namespace segue::interaction::pages {
namespace {

// One text for every answer, so that one hash allows it; what differs stands in attributes, where HTML's own escaping is all
// that a value needs. The receiver is the page that framed this one, else the one that opened it; both are told by exact origin.
constexpr std::string_view kPostScript =
    "(function(){var a=document.getElementById(\"answer\").dataset,"
    "to=window.parent!==window?window.parent:window.opener;"
    "if(to)to.postMessage({type:\"authorization_response\",response:JSON.parse(a.response)},a.target)})()";

}  // namespace

http::Response web_message_page(std::string_view origin, const http::Parameters& parameters) {
  json::object response;
  for (const auto& [name, value] : parameters.pairs()) response[name] = value;
  const std::string main = "<h1>One more step</h1><p class=\"lead\" id=\"answer\" data-target=\"" + base::escape_html(origin) +
                           "\" data-response=\"" + base::escape_html(json::write(response)) +
                           "\">The application did not take over by itself. Close this window and sign in there again.</p>";
  return render(
      200,
      {.title_text = "Continue", .main = main, .patient = true, .frame_ancestors = std::string(origin), .script = kPostScript});
}

}  // namespace segue::interaction::pages
