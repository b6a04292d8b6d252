#include "mail/message.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/bytes.h"
#include "base/text.h"
#include "json/value.h"
#include "outbound/smtp.h"

namespace segue::mail {
namespace {

constexpr std::string_view kBreak = "\r\n";
constexpr std::size_t kLineOfBase64 = 76;   // RFC 2045 §6.8
constexpr std::size_t kWordOfSubject = 36;  // bytes that fit an encoded word of 75 characters (RFC 2047 §2)

// RFC 2047: one or more encoded words, each whole characters.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto part = base::shortened(text, kWordOfSubject);
    if (part.empty()) part = text.substr(0, 1);  // no UTF-8: bytes that nobody can read
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base::base64(part) + "?=";
    text.remove_prefix(part.size());
  }
  return out;
}

std::string base64_lines(std::string_view body) {
  const auto encoded = base::base64(body);
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kLineOfBase64)
    out += encoded.substr(at, kLineOfBase64) + std::string(kBreak);
  return out;
}

// RFC 2046 §4.1.1: lines of a text end in CRLF, also inside base64.
std::string canonical(std::string_view body) {
  std::string out;
  for (const char c : body) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string part(std::string_view boundary, std::string_view type, std::string_view body) {
  std::string out = "--" + std::string(boundary) + "\r\nContent-Type: " + std::string(type) +
                    "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  return out + base64_lines(canonical(body));
}

base::Error no_address(std::string_view what) {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_address",
          .description = "The mail's " + std::string(what) + " is no single e-mail address."};
}

}  // namespace

std::string mail_date(base::Instant at) {
  const auto seconds = std::chrono::seconds(base::to_seconds(at));
  const auto days = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::sys_days day{days};
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{seconds - days};
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> text{};
  const auto length = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000", kDays[std::chrono::weekday{day}.c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

base::Result<std::string> to_mime(const Message& m, const Envelope& envelope) {
  if (!outbound::is_mailbox(m.to)) return no_address("recipient");
  if (!outbound::is_mailbox(envelope.from)) return no_address("sender");
  // No base64 holds "_", so no body holds the boundary.
  constexpr std::string_view kBoundary = "=_segue_alternative";
  std::string out = "Date: " + mail_date(envelope.date) + std::string(kBreak);
  out += "From: ";
  if (!m.from_name.empty()) out += encoded_words(m.from_name) + " ";
  out += "<" + envelope.from + ">\r\nTo: <" + m.to + ">\r\n";
  out += "Subject: " + encoded_words(m.subject) + "\r\n";
  out += "Message-ID: <" + envelope.message_id + ">\r\n";
  // RFC 3834 §5: no automatic answers.
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/alternative; boundary=\"" + std::string(kBoundary) + "\"\r\n\r\n";
  out += part(kBoundary, "text/plain", m.text) + part(kBoundary, "text/html", m.html);
  return out + "--" + std::string(kBoundary) + "--\r\n";
}

std::string to_json(const Message& m) {
  return json::write(json::object{{"kind", m.kind},
                                  {"to", m.to},
                                  {"from_name", m.from_name},
                                  {"from", m.from},
                                  {"subject", m.subject},
                                  {"text", m.text},
                                  {"html", m.html},
                                  {"user_id", m.user_id},
                                  {"client_id", m.client_id},
                                  {"connection", m.connection}});
}

base::Result<Message> message_from(std::string_view text) {
  const auto parsed = TRY(json::parse(text));
  const auto& o = parsed.get_object();
  const auto member = [&](std::string_view name) { return json::find_string(o, name).value_or(""); };
  return Message{.kind = member("kind"),
                 .to = member("to"),
                 .from_name = member("from_name"),
                 .subject = member("subject"),
                 .text = member("text"),
                 .html = member("html"),
                 .from = member("from"),
                 .user_id = member("user_id"),
                 .client_id = member("client_id"),
                 .connection = member("connection")};
}

}  // namespace segue::mail
