// A browser without scripts: keeps cookies, follows redirects within the server, fills in its forms.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "support/world.h"

namespace segue::test {

struct Page {
  int status = 0;
  std::string url;    // where it ended. Outside the server: the redirect's target, not fetched
  bool left = false;  // the last redirect led outside the server
  http::Response response;

  bool is_login_page() const;
  // A parameter of the URL's query, or "".
  std::string parameter(std::string_view name) const { return query_of(url).find(name).value_or(""); }
  // A hidden field of the page's form, or "".
  std::string field(std::string_view name) const;
  // Where the page's form goes.
  std::string form_action() const;
};

class Browser {
 public:
  using Server = std::function<http::Response(http::Request)>;
  explicit Browser(Node& node, std::string domain = kDomain)
      : Browser([&node](http::Request request) { return node.send(std::move(request)); }, std::move(domain)) {}
  // A server elsewhere.
  Browser(Server server, std::string domain) : server_(std::move(server)), domain_(std::move(domain)) {}

  // `url` is absolute, or a path with its query.
  Page open(std::string_view url);
  // Fills in the login page that `page` is.
  Page submit_login(const Page& page, const std::string& username, const std::string& password);
  Page submit_login(const Page& page, const User& user) { return submit_login(page, user.email, user.password); }
  Page submit(const Page& page, const http::Parameters& form);
  // A form that a page of another site posts here: cookies that are SameSite=Lax stay at home.
  Page post_from_elsewhere(std::string_view url, const http::Parameters& form, const std::string& origin);
  // Plants a cookie as a native app does in its web view.
  void plant(const std::string& name, const std::string& value) { cookies_[name] = value; }
  void forget(const std::string& name) { cookies_.erase(name); }
  const std::map<std::string, std::string>& cookies() const { return cookies_; }
  // Sent with every request.
  http::Headers extra;
  std::string peer_address = "192.0.2.7";

 private:
  Page send(http::Request request, std::string url);
  void keep_cookies(const http::Response& response);

  const Server server_;
  const std::string domain_;
  std::map<std::string, std::string> cookies_;
};

// /authorize for a code at this client's callback, with PKCE left out: a confidential web client.
std::string authorize_url(const Client& client, const std::string& redirect_uri, const http::Parameters& more = {});

}  // namespace segue::test
