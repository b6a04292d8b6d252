// What a User-Agent header says, in the words of contract §7.1. Every byte of the result is ours but the digits.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "audit/event.h"

namespace segue::audit {
namespace {

// A browser names the one it descends from as well, so the most particular token stands first.
struct Product {
  std::string_view token;  // the version follows it
  std::string_view name;
  std::string_view with = {};  // must also occur
};
constexpr std::array kBrowsers = {
    Product{"Edg/", "Edge"},
    Product{"EdgA/", "Edge Mobile"},
    Product{"EdgiOS/", "Edge Mobile"},
    Product{"Edge/", "Edge"},
    Product{"OPR/", "Opera"},
    Product{"SamsungBrowser/", "Samsung Internet"},
    Product{"YaBrowser/", "Yandex Browser"},
    Product{"CriOS/", "Chrome Mobile iOS"},
    Product{"FxiOS/", "Firefox iOS"},
    Product{"Firefox/", "Firefox Mobile", "Mobile;"},
    Product{"Firefox/", "Firefox"},
    Product{"HeadlessChrome/", "HeadlessChrome"},
    Product{"Chrome/", "Chrome Mobile WebView", "; wv)"},
    Product{"Chrome/", "Chrome Mobile", " Mobile "},
    Product{"Chrome/", "Chrome"},
    Product{"Version/", "Mobile Safari", "Mobile/"},
    Product{"Version/", "Safari", "Safari/"},
    Product{"AppleWebKit/", "Mobile Safari UI/WKWebView", "Mobile/"},
    Product{"MSIE ", "IE"},
    Product{"rv:", "IE", "Trident/"},
    Product{"PostmanRuntime/", "PostmanRuntime"},
    Product{"okhttp/", "okhttp"},
    Product{"CFNetwork/", "CFNetwork"},
    Product{"curl/", "curl"},
};
constexpr std::array kSystems = {
    Product{"Windows Phone ", "Windows Phone"},
    Product{"Windows NT ", "Windows"},
    Product{"CPU iPhone OS ", "iOS"},
    Product{"CPU OS ", "iOS"},
    Product{"Mac OS X ", "Mac OS X"},
    Product{"Android ", "Android"},
    Product{"Android", "Android"},
    Product{"CrOS ", "Chrome OS"},
    Product{"Ubuntu", "Ubuntu"},
    Product{"Linux", "Linux"},
    Product{"Darwin/", "Darwin"},
};
constexpr std::size_t kLongestUserAgent = 512;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Three numbers: "17_1" is "17.1.0". A number longer than any version has is cut.
std::string version_at(std::string_view text) {
  constexpr std::size_t kParts = 3, kLongestNumber = 6;
  std::string out;
  for (std::size_t part = 0; part < kParts; ++part) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    if (part > 0) out += '.';
    out += digits == 0 ? std::string_view("0") : text.substr(0, std::min(digits, kLongestNumber));
    text.remove_prefix(digits);
    const bool more = text.size() > 1 && (text[0] == '.' || text[0] == '_') && is_digit(text[1]);
    text = more ? text.substr(1) : std::string_view();
  }
  return out;
}

template <std::size_t N>
std::string first_of(const std::array<Product, N>& products, std::string_view header) {
  for (const auto& product : products) {
    const auto at = header.find(product.token);
    if (at == std::string_view::npos) continue;
    if (!product.with.empty() && header.find(product.with) == std::string_view::npos) continue;
    return std::string(product.name) + ' ' + version_at(header.substr(at + product.token.size()));
  }
  return "Other 0.0.0";
}

}  // namespace

std::string normalised_user_agent(std::string_view header) {
  header = header.substr(0, kLongestUserAgent);
  return first_of(kBrowsers, header) + " / " + first_of(kSystems, header);
}

bool is_mobile(std::string_view user_agent) {
  user_agent = user_agent.substr(0, kLongestUserAgent);
  constexpr std::array<std::string_view, 4> kSigns = {"Mobi", "Android", "iPhone", "iPad"};
  for (const auto sign : kSigns) {
    if (user_agent.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace segue::audit
