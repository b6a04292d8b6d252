#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {

http::Response sign_out_page(const SignOutPage& page) {
  std::string main = R"(<h1>Signing out</h1><p class="lead">You are being signed out of your applications.</p>)";
  main += "<a class=\"button\" href=\"" + base::escape_html(page.goes_on_at) + "\">Continue</a>";
  return render(200, {.title_text = "Signing out", .main = main, .images = page.images, .goes_on_at = page.goes_on_at});
}

}  // namespace segue::interaction::pages
