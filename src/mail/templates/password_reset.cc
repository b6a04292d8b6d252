#include "mail/templates/password_reset.h"

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

Message password_reset(const PasswordReset& mail) {
  const auto days = in_words(mail.valid_for);
  Message out;
  out.kind = "reset_email";
  out.to = mail.to;
  out.from_name = mail.tenant_name;
  out.subject = "Set a new password";
  out.text = "Somebody asked for a new password of your account at " + mail.tenant_name +
             ".\n\nOpen this link to set one. It works once, for " + days + ":\n\n" + mail.link +
             "\n\nIf it was not you, nothing has to be done: your password stays as it is.\n";
  const auto link = base::escape_html(mail.link), name = base::escape_html(mail.tenant_name);
  out.html =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Set a new password</title></head>"
      "<body style=\"margin:0;padding:24px;font:16px/1.5 sans-serif;color:#151926;background:#f3f4f8\">"
      "<div style=\"max-width:480px;margin:0 auto;padding:32px;background:#ffffff;border-radius:12px\">"
      "<h1 style=\"margin:0 0 16px;font-size:22px\">Set a new password</h1>"
      "<p>Somebody asked for a new password of your account at <strong><bdi>" +
      name + "</bdi></strong>.</p><p style=\"margin:24px 0\"><a href=\"" + link +
      "\" style=\"display:inline-block;padding:12px 20px;border-radius:8px;background:#3a45d1;color:#ffffff;"
      "text-decoration:none\">Set a new password</a></p><p>The link works once, for " +
      days + ". If the button does not work, open this address:</p><p style=\"word-break:break-all\">" + link +
      "</p><p style=\"color:#555d70\">If it was not you, nothing has to be done: your password stays as it is.</p>"
      "</div></body></html>";
  return out;
}

}  // namespace segue::mail::templates
