#include "support/browser.h"

#include "base/text.h"

namespace segue::test {
namespace {

constexpr int kMostRedirects = 10;

// The text of attribute `name` behind `from`; enough for the pages of this server, which write attributes with double quotes.
std::string attribute_after(std::string_view html, std::size_t from, std::string_view name) {
  const auto start = html.find(" " + std::string(name) + "=\"", from);
  if (start == std::string_view::npos) return {};
  const auto value = start + name.size() + 3;
  auto text = std::string(html.substr(value, html.find('"', value) - value));
  for (const auto& [entity, character] :
       {std::pair{"&quot;", "\""}, {"&#39;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
      text.replace(at, std::string_view(entity).size(), character);
  }
  return text;
}

}  // namespace

bool Page::is_login_page() const { return status == 200 && !left && url.find("/u/login") != std::string::npos; }

std::string Page::field(std::string_view name) const {
  const auto at = response.body.find("name=\"" + std::string(name) + "\"");
  return at == std::string::npos ? std::string() : attribute_after(response.body, at, "value");
}

std::string Page::form_action() const {
  const auto at = response.body.find("<form");
  return at == std::string::npos ? std::string() : attribute_after(response.body, at, "action");
}

Page Browser::open(std::string_view url) {
  auto current = std::string(url);
  if (current.starts_with('/')) current = "https://" + domain_ + current;
  const auto target = current.substr(std::string("https://" + domain_).size());
  auto request = request_for(http::Method::get, target.substr(0, target.find('#')), domain_);
  request.headers.add("sec-fetch-site", "none");
  request.headers.add("sec-fetch-mode", "navigate");
  request.headers.add("sec-fetch-dest", "document");
  return send(std::move(request), current);
}

Page Browser::submit(const Page& page, const http::Parameters& form) {
  const auto action = page.form_action();
  auto request = form_request(action, form, domain_);
  // Referrer-Policy: no-referrer makes browsers send this origin.
  request.headers.add("origin", "null");
  request.headers.add("sec-fetch-site", "same-origin");
  request.headers.add("sec-fetch-mode", "navigate");
  request.headers.add("sec-fetch-dest", "document");
  return send(std::move(request), "https://" + domain_ + action);
}

Page Browser::post_from_elsewhere(std::string_view url, const http::Parameters& form, const std::string& origin) {
  constexpr std::string_view kLaxCookie = "__Host-segue_browser";
  auto request = form_request(url.substr(std::string("https://" + domain_).size()), form, domain_);
  request.headers.add("origin", origin);
  request.headers.add("sec-fetch-site", "cross-site");
  request.headers.add("sec-fetch-mode", "navigate");
  request.headers.add("sec-fetch-dest", "document");
  auto at_home = cookies_.extract(std::string(kLaxCookie));
  auto page = send(std::move(request), std::string(url));
  if (!at_home.empty()) cookies_.insert(std::move(at_home));
  return page;
}

Page Browser::submit_login(const Page& page, const std::string& username, const std::string& password) {
  return submit(
      page,
      parameters({{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"username", username}, {"password", password}}));
}

Page Browser::send(http::Request request, std::string url) {
  const auto own = "https://" + domain_ + "/";
  Page page;
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    std::string cookies;
    for (const auto& [name, value] : cookies_) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
    if (!cookies.empty()) request.headers.set("cookie", cookies);
    for (const auto& [name, value] : extra.fields()) request.headers.set(name, value);
    request.peer_address = peer_address;
    page.response = server_(request);
    page.status = page.response.status;
    page.url = url;
    keep_cookies(page.response);
    const auto location = page.response.headers.find("location");
    if (page.status / 100 != 3 || !location) return page;
    url = location->starts_with('/') ? "https://" + domain_ + std::string(*location) : std::string(*location);
    if (!url.starts_with(own)) {
      page.url = url;
      page.left = true;
      return page;
    }
    const auto target = url.substr(own.size() - 1);
    request = request_for(http::Method::get, target.substr(0, target.find('#')), domain_);
    request.headers.add("sec-fetch-site", "same-origin");
    request.headers.add("sec-fetch-mode", "navigate");
    request.headers.add("sec-fetch-dest", "document");
  }
  return page;
}

void Browser::keep_cookies(const http::Response& response) {
  for (const auto text : response.headers.find_all("set-cookie")) {
    const auto pair = text.substr(0, text.find(';'));
    const auto equals = pair.find('=');
    const std::string name(pair.substr(0, equals));
    if (text.find("Max-Age=0") != std::string_view::npos) {
      cookies_.erase(name);
    } else {
      cookies_[name] = pair.substr(equals + 1);
    }
  }
}

std::string authorize_url(const Client& client, const std::string& redirect_uri, const http::Parameters& more) {
  auto query = parameters({{"response_type", "code"},
                           {"client_id", client.client_id},
                           {"redirect_uri", redirect_uri},
                           {"scope", "openid profile email"},
                           {"state", "s-1"}});
  for (const auto& [name, value] : more.pairs()) {
    query.remove(name);
    if (!value.empty()) query.add(name, value);
  }
  return "/authorize?" + query.encode();
}

}  // namespace segue::test
