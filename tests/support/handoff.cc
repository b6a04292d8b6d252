#include "support/handoff.h"

#include <stdexcept>

#include "base/bytes.h"
#include "base/text.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "tenancy/handles.h"

namespace segue::test {
namespace {

json::object merged(json::object base, const json::object& more) {
  for (const auto& member : more) base[member.key()] = member.value();
  return base;
}

}  // namespace

Handoff::Handoff(HandoffOptions options) : world(options.world) {
  auto native_fields = options.native;
  native_fields["session_transfer"] = merged({{"can_create_session_transfer_token", true}}, options.native_transfer);
  native = world.native_client(std::move(native_fields));
  web = world.web_client(
      "https://app.example",
      {{"session_transfer", merged({{"allowed_authentication_methods", json::array{"cookie", "query"}}}, options.web_transfer)}});
  ada = world.create_user();
}

std::string Handoff::sign_in(const User& user) {
  const auto tokens = world.password_tokens(native, user);
  if (tokens.refresh_token().empty()) throw std::runtime_error("no sign-in: " + json::write(tokens.body));
  return tokens.refresh_token();
}

std::string Handoff::transfer_of(const std::string& refresh_token) {
  const auto tokens = world.exchange(native, refresh_token);
  if (tokens.status != 200) throw std::runtime_error("no session transfer token: " + json::write(tokens.body));
  return tokens.access_token();
}

Browser Handoff::browser_of(const User& user) {
  auto out = browser();
  if (!out.submit_login(open(out), user).left) throw std::runtime_error("no sign-in by hand");
  return out;
}

Page Handoff::open(Browser& browser, const http::Parameters& more) {
  return browser.open(authorize_url(web, kWebCallback, more));
}

Page Handoff::redeem(Browser& browser, const std::string& token, http::Parameters more) {
  more.add("session_transfer_token", token);
  return open(browser, more);
}

bool Handoff::is_unspent(const std::string& token) {
  auto fresh = browser();
  return !redeem(fresh, token).parameter("code").empty();
}

Tokens Handoff::exchange_code(const Page& page, const Client& client) {
  return world.token_request(parameters({{"grant_type", "authorization_code"},
                                         {"client_id", client.client_id},
                                         {"client_secret", client.client_secret},
                                         {"code", page.parameter("code")},
                                         {"redirect_uri", page.url.substr(0, page.url.find('?'))}}));
}

std::string Handoff::sid_in(Browser& browser) {
  const auto page = open(browser, parameters({{"prompt", "none"}}));
  if (page.parameter("code").empty()) return {};
  return text_of(claims_of(exchange_code(page).text("id_token")), "sid");
}

model::Session Handoff::stored_session(const Browser& browser) {
  auto& product = world.node().product();
  const auto tenant = product.tenants().snapshot(world.tenant());
  const auto handle = tenancy::parse_handle(tenant->keys(), model::HandleKind::session, browser.cookies().at("auth0"));
  if (!handle) throw std::runtime_error("the browser's cookie names no session");
  return product.store().read(world.tenant(),
                              [&](const store::Reader& r) { return store::sessions::find(r, handle->id)->session; });
}

void Handoff::revoke(const std::string& refresh_token, bool cascades) {
  auto& product = world.node().product();
  const auto tenant = product.tenants().snapshot(world.tenant());
  const auto handle = tenancy::parse_handle(tenant->keys(), model::HandleKind::refresh_token, refresh_token);
  if (!handle) throw std::runtime_error("not a refresh token");
  product.store().write(world.tenant(), [&](const store::Writer& w) {
    const auto found = store::refresh_tokens::find(w, handle->id);
    return store::refresh_tokens::revoke_family(w, found->token.family_id, cascades, world.clock.now());
  });
}

json::object Handoff::only_row(const std::string& type) {
  auto rows = world.logs("type:" + type);
  if (rows.size() != 1) throw std::runtime_error(std::to_string(rows.size()) + " rows of type " + type);
  return std::move(rows.front());
}

void Handoff::patch(const Client& client, json::object session_transfer) {
  world.managed(http::Method::patch, "clients/" + client.client_id,
                json::object{{"session_transfer", std::move(session_transfer)}});
}

std::string text_of(const json::object& row, std::string_view name) { return json::find_string(row, name).value_or(""); }

std::string detail_of(const json::object& row, std::string_view name) {
  const auto* const details = json::find_object(row, "details");
  const auto* const value = details != nullptr ? json::find(*details, name) : nullptr;
  if (value == nullptr) return {};
  return value->is_string() ? std::string(json::to_view(value->get_string())) : json::write(*value);
}

json::object claims_of(const std::string& jwt) {
  const auto parts = base::split(jwt, '.');
  const auto payload = parts.size() == 3 ? base::from_base64url(parts[1]) : std::nullopt;
  if (!payload) return {};
  const auto parsed = json::parse(*payload);
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object{};
}

std::string header_of(const http::Response& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or(""));
}

bool tells(const Page& page, std::string_view error) { return page.left && page.parameter("error") == error; }

}  // namespace segue::test
