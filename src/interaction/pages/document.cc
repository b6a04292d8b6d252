#include "interaction/pages/document.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "interaction/pages/stylesheet.h"

namespace segue::interaction::pages {
namespace {

// Two places and the way from one to the other.
constexpr std::string_view kMark =
    R"(<svg class="mark" viewBox="0 0 44 44" aria-hidden="true" focusable="false"><defs><linearGradient id="mark" x1="0" y1="0" x2="1" y2="1">)"
    R"(<stop offset="0" stop-color="#5b67f0"/><stop offset="1" stop-color="#1f9d95"/></linearGradient></defs>)"
    R"svg(<rect width="44" height="44" rx="12" fill="url(#mark)"/><path d="M29 13H18a5 5 0 0 0 0 10h8a5 5 0 0 1 0 10H15" fill="none")svg"
    R"( stroke="#fff" stroke-width="3.4" stroke-linecap="round"/><circle cx="30.5" cy="13" r="3.6" fill="#fff"/>)"
    R"(<circle cx="13.5" cy="33" r="3.6" fill="#fff"/></svg>)";

constexpr std::string_view kLockIcon =
    R"(<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><rect x="2.75" y="7" width="10.5" height="7" rx="1.75" fill="none")"
    R"( stroke="currentColor" stroke-width="1.4"/><path d="M5 7V4.9a3 3 0 0 1 6 0V7" fill="none" stroke="currentColor" stroke-width="1.4"/></svg>)";

constexpr std::string_view kAlertIcon =
    R"(<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="10" cy="10" r="8.25" fill="none" stroke="currentColor")"
    R"( stroke-width="1.6"/><path d="M10 5.6v5.2" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>)"
    R"(<circle cx="10" cy="13.9" r="1.1" fill="currentColor"/></svg>)";
constexpr std::string_view kIcon =
    R"(<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 44 44'%3E)"
    R"(%3Crect width='44' height='44' rx='12' fill='%233f6fd0'/%3E%3Cpath d='M29 13H18a5 5 0 0 0 0 10h8a5 5 0 0 1 0 10H15' fill='none' )"
    R"(stroke='%23fff' stroke-width='4' stroke-linecap='round'/%3E%3C/svg%3E">)";

// The origins of images from elsewhere.
std::string image_sources(const Document& document) {
  std::string out;
  for (const auto& image : document.images) {
    const auto source = source_of(image);
    if (!source.empty() && out.find(' ' + source) == std::string::npos) out += ' ' + source;
  }
  return out;
}

// How long images get before the page goes on without them.
constexpr std::string_view kImagesTake = "3";

std::string content_security_policy(const Document& document) {
  static const std::string style = hash_source(kStylesheet);
  std::string policy = "default-src 'none'; style-src " + style + "; img-src 'self' data:" + image_sources(document) +
                       "; form-action " + document.form_action + "; base-uri 'none'; frame-ancestors " + document.frame_ancestors;
  if (!document.script.empty()) policy += "; script-src " + hash_source(document.script);
  return policy;
}

bool is_scheme(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

}  // namespace

http::Response render(int status, const Document& document) {
  std::string html;
  html.reserve(kStylesheet.size() + document.main.size() + 3072);
  html += R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><title>)";
  html += base::escape_html(document.title_text);
  html += R"(</title><meta name="viewport" content="width=device-width, initial-scale=1">)";
  html += R"(<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex, nofollow">)";
  html += kIcon;
  if (!document.goes_on_at.empty()) {
    html.append("<meta http-equiv=\"refresh\" content=\"").append(document.images.empty() ? "0" : kImagesTake);
    html += ";url=" + base::escape_html(document.goes_on_at) + "\">";
  }
  html += "<style>";
  html += kStylesheet;
  html += "</style></head><body>";
  html += document.patient ? "<main class=\"patient\">" : "<main>";
  html += kMark;
  html += document.main;
  html += "</main>";
  for (const auto& image : document.images)
    html += "<img alt=\"\" width=\"1\" height=\"1\" src=\"" + base::escape_html(image) + "\">";
  if (!document.footer.empty()) html += "<footer>" + document.footer + "</footer>";
  if (!document.script.empty()) html.append("<script>").append(document.script).append("</script>");
  html += "</body></html>";

  auto response = http::html_response(status, std::move(html));
  response.headers.set("content-security-policy", content_security_policy(document));
  // The page's address holds the transaction's state: no other site and no cache may keep it.
  response.headers.set("referrer-policy", "no-referrer");
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

std::string name_html(std::string_view name) { return "<bdi>" + base::escape_html(name) + "</bdi>"; }

std::string hidden(std::string_view name, std::string_view value) {
  return "<input type=\"hidden\" name=\"" + std::string(name) + "\" value=\"" + base::escape_html(value) + "\">";
}

std::string alert_html(std::string_view alert) {
  if (alert.empty()) return {};
  return "<div class=\"alert\" role=\"alert\">" + std::string(kAlertIcon) + "<p id=\"alert\">" + base::escape_html(alert) +
         "</p></div>";
}

std::string field_state(bool wrong, bool focused, std::string_view describes) {
  std::string out = " required";
  std::string description = wrong ? "alert" : "";
  if (!describes.empty()) description += (wrong ? " " : "") + std::string(describes);
  if (wrong) out += R"( aria-invalid="true")";
  if (!description.empty()) out += " aria-describedby=\"" + description + "\"";
  if (focused) out += " autofocus";
  return out;
}

std::string lines_html(std::string_view lines) {
  std::string out;
  for (const auto& line : base::split(lines, '\n')) {
    if (!out.empty()) out += "<br>";
    out += base::escape_html(line);
  }
  return out;
}

std::string aside_html(std::string_view question, std::string_view path, std::string_view label) {
  return "<p class=\"aside\">" + base::escape_html(question) + " <a href=\"" + base::escape_html(path) + "\">" +
         base::escape_html(label) + "</a></p>";
}

std::string tenant_footer(std::string_view tenant_name) {
  return tenant_name.empty() ? std::string()
                             : std::string(kLockIcon) + "<span>Signing in at " + name_html(tenant_name) + "</span>";
}

std::string own_form_action(std::string_view redirect_origin, bool leads_elsewhere) {
  auto target = source_of(redirect_origin);
  if (leads_elsewhere) target += target.empty() ? "https: http:" : " https: http:";
  return target.empty() ? "'self'" : "'self' " + target;
}

std::string hash_source(std::string_view text) { return "'sha256-" + base::base64(crypto::sha256(text)) + "'"; }

std::string source_of(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || !is_scheme(uri.substr(0, colon))) return {};
  const auto scheme = base::ascii_lower(uri.substr(0, colon));
  if ((scheme != "http" && scheme != "https") || uri.substr(colon + 1) == "") return scheme + ":";

  auto authority = uri.substr(colon + 1);
  if (!authority.starts_with("//")) return {};
  authority = authority.substr(2, authority.find_first_of("/?#", 2) - 2);
  // CSP has no way to write an IPv6 host (CSP Level 3 §2.3.1, host-part): its scheme is the narrowest source.
  if (authority.starts_with('[')) return scheme + ":";
  static constexpr std::string_view kHostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:";
  if (authority.empty() || authority.find_first_not_of(kHostCharacters) != std::string_view::npos) return {};
  return scheme + "://" + base::ascii_lower(authority);
}

}  // namespace segue::interaction::pages
