// What every story of a session transfer begins with: a native app, a web app, and a person who uses both.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/session_graph.h"
#include "support/browser.h"
#include "support/world.h"

namespace segue::test {

inline constexpr const char* kWebCallback = "https://app.example/callback";
inline constexpr const char* kTransferUrn = "urn:tenant.example:session_transfer";

struct HandoffOptions {
  WorldOptions world = {};
  json::object native_transfer = {};  // added to the native client's session_transfer
  json::object web_transfer = {};     // added to the web client's
  json::object native = {};           // added to the native client
};

class Handoff {
 public:
  explicit Handoff(HandoffOptions options = {});

  World world;
  Client native, web;
  User ada;

  // A sign-in at the native app: its refresh token.
  std::string sign_in(const User& user);
  std::string sign_in() { return sign_in(ada); }
  // A session transfer token, of this refresh token or of a new sign-in.
  std::string transfer_of(const std::string& refresh_token);
  std::string transfer() { return transfer_of(sign_in()); }

  Browser browser() { return Browser(world.node()); }
  // A browser in which the person signed in by hand at the web client.
  Browser browser_of(const User& user);
  // /authorize with the token in the query, or without one.
  Page open(Browser& browser, const http::Parameters& more = {});
  Page redeem(Browser& browser, const std::string& token, http::Parameters more = {});
  // Whether the token still opens the web: spends it.
  bool is_unspent(const std::string& token);

  Tokens exchange_code(const Page& page, const Client& client);
  Tokens exchange_code(const Page& page) { return exchange_code(page, web); }
  // Opens without a page: the `sid` of the session that the browser has, or "" when it has none.
  std::string sid_in(Browser& browser);
  // The session that the browser's cookie names, live or not.
  model::Session stored_session(const Browser& browser);

  void set_native(json::object session_transfer) { patch(native, std::move(session_transfer)); }
  void set_web(json::object session_transfer) { patch(web, std::move(session_transfer)); }
  // Revokes the family of the refresh token, as a revocation that cascades or does not would.
  void revoke(const std::string& refresh_token, bool cascades);

  // The only row of that type; throws when there is another number.
  json::object only_row(const std::string& type);

 private:
  void patch(const Client& client, json::object session_transfer);
};

// Fields of a log row.
std::string text_of(const json::object& row, std::string_view name);
std::string detail_of(const json::object& row, std::string_view name);
// What a JWT claims; its signature is not looked at.
json::object claims_of(const std::string& jwt);
std::string header_of(const http::Response& response, std::string_view name);
// The page's answer to the application is this error.
bool tells(const Page& page, std::string_view error);

}  // namespace segue::test
