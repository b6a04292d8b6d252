#include "mail/templates/letter.h"

#include "base/text.h"

namespace segue::mail::templates {

std::string in_words(base::Duration duration) {
  const auto of = [&](auto unit, const char* name) -> std::string {
    const auto count = duration / unit;
    return count == 0 ? std::string() : std::to_string(count) + " " + name + (count == 1 ? "" : "s");
  };
  auto out = of(std::chrono::days(1), "day");
  if (out.empty()) out = of(std::chrono::hours(1), "hour");
  return out.empty() ? of(std::chrono::minutes(1), "minute") : out;
}

Message letter(const Letter& letter) {
  Message out;
  out.kind = letter.kind;
  out.to = letter.to;
  out.from_name = letter.tenant_name;
  out.subject = letter.heading;
  out.text = letter.lead + " " + letter.tenant_name + ".\n\n";
  if (!letter.link.empty()) out.text += letter.about_link + "\n\n" + letter.link + "\n\n";
  out.text += letter.note + "\n";
  const auto heading = base::escape_html(letter.heading);
  out.html = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + heading +
             "</title></head><body style=\"margin:0;padding:24px;font:16px/1.5 sans-serif;color:#151926;background:#f3f4f8\">"
             "<div style=\"max-width:480px;margin:0 auto;padding:32px;background:#ffffff;border-radius:12px\">"
             "<h1 style=\"margin:0 0 16px;font-size:22px\">" +
             heading + "</h1><p>" + base::escape_html(letter.lead) + " <strong><bdi>" + base::escape_html(letter.tenant_name) +
             "</bdi></strong>.</p>";
  if (!letter.link.empty()) {
    const auto link = base::escape_html(letter.link);
    out.html += "<p style=\"margin:24px 0\"><a href=\"" + link +
                "\" style=\"display:inline-block;padding:12px 20px;border-radius:8px;background:#3a45d1;color:#ffffff;"
                "text-decoration:none\">" +
                base::escape_html(letter.label) + "</a></p><p>" + base::escape_html(letter.about_link) +
                " If the button does not work, open this address:</p><p style=\"word-break:break-all\">" + link + "</p>";
  }
  out.html += "<p style=\"color:#555d70\">" + base::escape_html(letter.note) + "</p></div></body></html>";
  return out;
}

}  // namespace segue::mail::templates
