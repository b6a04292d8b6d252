#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {

http::Response message_page(int status, std::string_view heading, std::string_view text, std::string_view request_id,
                            const Link& link) {
  std::string main = "<h1>" + base::escape_html(heading) + "</h1><p class=\"lead\">" + base::escape_html(text) + "</p>";
  if (link.href.starts_with("https://") || link.href.starts_with("http://")) {
    main += "<a class=\"button\" href=\"" + base::escape_html(link.href) + "\">" + base::escape_html(link.label) + "</a>";
  }
  if (!request_id.empty()) main += "<p class=\"request\">Request ID <code>" + base::escape_html(request_id) + "</code></p>";
  return render(status, {.title_text = std::string(heading), .main = main});
}

}  // namespace segue::interaction::pages
