#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + base::escape_html(value) + "\"";
}

std::string field_html(const FormPage::Field& field, bool wrong) {
  std::string out = "<div class=\"field\"><label for=\"field\">" + base::escape_html(field.label) + "</label>";
  out +=
      "<input id=\"field\" type=\"text\" autocomplete=\"off\" autocapitalize=\"characters\" autocorrect=\"off\""
      " spellcheck=\"false\" required autofocus" +
      attribute("name", field.name) + attribute("value", field.value);
  if (wrong) out += R"( aria-invalid="true" aria-describedby="alert")";
  return out + "></div>";
}

std::string button_html(const FormPage::Button& button) {
  std::string out = "<button type=\"submit\"" + attribute("class", button.quiet ? "button quiet" : "button");
  if (!button.name.empty()) out += attribute("name", button.name) + attribute("value", button.value);
  // Pressed when the code is left out, as it is to say no.
  if (button.quiet) out += " formnovalidate";
  return out + ">" + base::escape_html(button.label) + "</button>";
}

}  // namespace

http::Response form_page(const FormPage& page, int status) {
  const bool wrong = !page.alert.empty();
  std::string main = "<h1>" + base::escape_html(page.heading) + "</h1><p class=\"lead\">" + base::escape_html(page.lead);
  // <bdi> keeps a name that holds direction marks from reordering the text around it.
  if (!page.subject.empty()) main += " <strong><bdi>" + base::escape_html(page.subject) + "</bdi></strong>";
  main += "</p>";
  if (wrong) main += "<div class=\"alert\" role=\"alert\"><p id=\"alert\">" + base::escape_html(page.alert) + "</p></div>";
  if (!page.code.empty()) main += "<p class=\"compare\"><code>" + base::escape_html(page.code) + "</code></p>";
  if (!page.note.empty()) main += "<p class=\"lead\">" + base::escape_html(page.note) + "</p>";
  main += "<form method=\"post\"" + attribute("action", page.action) + ">";
  for (const auto& [name, value] : page.hidden.pairs()) {
    main += "<input type=\"hidden\"" + attribute("name", name) + attribute("value", value) + ">";
  }
  if (page.field) main += field_html(*page.field, wrong);
  for (const auto& button : page.buttons) main += button_html(button);
  main += "</form>";

  const auto form_action = own_form_action(page.redirect_origin, page.leads_elsewhere);
  return render(status, {.title_text = (wrong ? "Error: " : "") + page.heading, .main = main, .form_action = form_action});
}

}  // namespace segue::interaction::pages
