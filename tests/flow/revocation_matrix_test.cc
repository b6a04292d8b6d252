// What each way of ending something ends besides, and what it leaves (contract §1.13, §4.9): every cell, with and without
// enforce_cascade_revocation.
//
// The scene, all of one person:
//
//   native ─┬─ stt                    a session transfer token that is not redeemed
//           ├─ pending                a transfer that waits for consent
//           ├─ n2w.session ─┬─ n2w.online, n2w.offline     refresh tokens: bound to the session, and not
//           │               └─ n2w.code, n2w.page          a code not exchanged, a consent page not answered
//           └─ (joins hand.session) ── joined.online, joined.offline, joined.code
//   native2                            another sign-in at the native app
//   hand.session ── hand.token, hand.token2, hand.code, hand.page     opened by hand, later joined by a transfer
//   plain.session ── plain.token, plain.token2, plain.code            never touched by a transfer
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "store/refresh_tokens.h"
#include "support/handoff.h"
#include "tenancy/handles.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

using http::Method;

struct SceneOptions {
  bool cascades = true;
  bool rotating = false;  // the native app's refresh tokens
  Engine engine = Engine::sqlite;
};

class Scene {
 public:
  explicit Scene(SceneOptions options)
      : h({.world = {.engine = options.engine},
           .native_transfer = {{"enforce_cascade_revocation", options.cascades}},
           .web_transfer = {{"allow_refresh_token", true}},
           .native = {{"refresh_token", options.rotating ? kRotating : kFixed}}}) {
    offline =
        h.world.web_client("https://offline.example",
                           {{"session_transfer", json::object{{"allowed_authentication_methods", json::array{"cookie", "query"}},
                                                              {"allow_refresh_token", true},
                                                              {"enforce_online_refresh_tokens", false}}}});
    keep(tokens, "plain.token", token_in(plain_browser, h.web));
    keep(tokens, "plain.token2", token_in(plain_browser, h.web));
    codes["plain.code"] = h.open(plain_browser);

    keep(tokens, "hand.token", token_in(hand_browser, h.web));
    keep(tokens, "hand.token2", token_in(hand_browser, offline));
    codes["hand.code"] = h.open(hand_browser);
    pages["hand.page"] = h.open(hand_browser, parameters({{"prompt", "consent"}}));

    parents["native"] = h.sign_in();
    parents["native2"] = h.sign_in();
    h.redeem(n2w_browser, transfer());
    keep(tokens, "n2w.online", token_in(n2w_browser, h.web));
    keep(tokens, "n2w.offline", token_in(n2w_browser, offline));
    codes["n2w.code"] = h.open(n2w_browser);
    pages["n2w.page"] = h.open(n2w_browser, parameters({{"prompt", "consent"}}));

    keep(tokens, "joined.online", h.exchange_code(join(h.web)).refresh_token());
    keep(tokens, "joined.offline", h.exchange_code(join(offline), offline).refresh_token());
    codes["joined.code"] = join(h.web);
    pages["pending"] = h.redeem(pending_browser, transfer(), parameters({{"prompt", "consent"}}));
    stt = transfer();
    for (const auto& [name, page] : pages) {
      if (page.form_action().empty()) throw std::runtime_error(name + " is no page: " + page.url);
    }
    for (const auto* browser : {&plain_browser, &hand_browser, &n2w_browser}) sids.push_back(h.stored_session(*browser).sid);
    if (options.rotating) {
      spent_native = native();
      parents["native"] = h.world.refresh(h.native, native()).refresh_token();
    }
  }

  Handoff h;
  Client offline;
  std::string spent_native;

  const std::string& native() { return parents["native"]; }
  const std::string& token(const std::string& name) { return tokens.at(name); }
  std::string plain_sid() const { return sids[0]; }
  std::string hand_sid() const { return sids[1]; }
  std::string n2w_sid() const { return sids[2]; }
  Browser& browser(const std::string& of) { return of == "plain" ? plain_browser : of == "hand" ? hand_browser : n2w_browser; }

  int manage(Method method, const std::string& path, const json::value& body = nullptr) {
    return h.world.manage(method, path, body).status;
  }
  std::string user_path(const std::string& what = "") const {
    auto id = h.ada.user_id;
    id.replace(id.find('|'), 1, "%7C");
    return "users/" + id + what;
  }
  // The Management API's id of the refresh token.
  std::string id_of(const std::string& refresh_token) {
    auto& product = h.world.node().product();
    const auto tenant = product.tenants().snapshot(h.world.tenant());
    const auto handle = tenancy::parse_handle(tenant->keys(), model::HandleKind::refresh_token, refresh_token);
    return product.store().read(h.world.tenant(), [&](const store::Reader& r) {
      const auto found = store::refresh_tokens::find(r, handle->id);
      return store::refresh_tokens::find_family(r, found->token.family_id)->public_id;
    });
  }
  int revoke(const Client& client, const std::string& refresh_token) {
    auto form = parameters({{"client_id", client.client_id}, {"token", refresh_token}});
    if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    return h.world.send(form_request("/oauth/revoke", form)).status;
  }

  // What has ended.
  std::set<std::string> ended() {
    std::set<std::string> out;
    const auto look = [&](const std::string& name, bool alive) {
      if (!alive) out.insert(name);
    };
    // Codes and pages first: looking at a session goes through /authorize.
    for (const auto& [name, page] : codes) look(name, exchanges(page));
    for (const auto& [name, page] : pages) look(name, finishes(name, page));
    for (const auto& [name, token] : tokens) look(name, h.world.refresh(client_of(name), token).status == 200);
    for (const auto& [name, token] : parents) look(name, h.world.refresh(h.native, token).status == 200);
    look("plain.session", !h.sid_in(plain_browser).empty());
    look("hand.session", !h.sid_in(hand_browser).empty());
    look("n2w.session", !h.sid_in(n2w_browser).empty());
    look("stt", h.is_unspent(stt));
    return out;
  }

 private:
  static const json::object kFixed, kRotating;

  static void keep(std::map<std::string, std::string>& in, const std::string& name, const std::string& token) {
    if (token.empty()) throw std::runtime_error(name + ": no refresh token");
    in[name] = token;
  }
  const Client& client_of(const std::string& name) {
    return name.ends_with("offline") || name == "hand.token2" ? offline : h.web;
  }
  static std::string callback_of(const Client& client, const Scene& s) {
    return client.client_id == s.offline.client_id ? "https://offline.example/callback" : kWebCallback;
  }
  std::string token_in(Browser& browser, const Client& client) {
    const auto page =
        browser.open(authorize_url(client, callback_of(client, *this), parameters({{"scope", "openid offline_access"}})));
    return h.exchange_code(page, client).refresh_token();
  }
  // Where the native app's refresh tokens rotate, an exchange does it too.
  std::string transfer() {
    const auto exchanged = h.world.exchange(h.native, native());
    if (exchanged.status != 200) throw std::runtime_error("no session transfer token");
    if (!exchanged.refresh_token().empty()) parents["native"] = exchanged.refresh_token();
    return exchanged.access_token();
  }
  Page join(const Client& client) {
    return hand_browser.open(
        authorize_url(client, callback_of(client, *this),
                      parameters({{"scope", "openid offline_access"}, {"session_transfer_token", transfer()}})));
  }
  bool exchanges(const Page& page) { return h.exchange_code(page).status == 200; }
  bool finishes(const std::string& name, const Page& page) {
    auto& browser = name == "pending" ? pending_browser : this->browser(name.substr(0, name.find('.')));
    const auto end =
        browser.submit(page, parameters({{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"action", "accept"}}));
    return !end.parameter("code").empty();
  }

  Browser plain_browser = h.browser_of(h.ada);
  Browser hand_browser = h.browser_of(h.ada);
  Browser n2w_browser = h.browser();
  Browser pending_browser = h.browser();
  std::map<std::string, std::string> tokens, parents;
  std::map<std::string, Page> codes, pages;
  std::vector<std::string> sids;
  std::string stt;
};
const json::object Scene::kFixed{{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}};
const json::object Scene::kRotating{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 0}};

// --- The table ---

constexpr const char* kEverything =
    "native native2 stt pending n2w.session n2w.online n2w.offline n2w.code n2w.page joined.online joined.offline joined.code "
    "hand.session hand.token hand.token2 hand.code hand.page plain.session plain.token plain.token2 plain.code";
// What hangs below the native app's refresh token, and falls where its client says that revocation cascades …
constexpr const char* kChildren = "n2w.session n2w.online n2w.offline n2w.code n2w.page joined.online joined.offline joined.code";
// … and what falls with it in any case: nothing more begins.
constexpr const char* kNotBegun = "stt pending";
constexpr const char* kSessions =
    "plain.session plain.code hand.session hand.code hand.page joined.code joined.online n2w.session n2w.code n2w.page "
    "n2w.online";
constexpr const char* kTokens =
    "plain.token plain.token2 hand.token hand.token2 joined.online joined.offline n2w.online n2w.offline native native2";

struct Row {
  const char* what;
  std::function<void(Scene&)> act;
  std::string ends;            // always
  std::string ends_cascading;  // besides, where the native client cascades
  bool rotating = false;
};

std::string both(std::string a, std::string_view b) { return a.append(" ").append(b); }

std::vector<Row> rows() {
  const auto accepted = [](int status) { EXPECT_EQ(status / 100, 2) << status; };
  const auto set_user = [=](const json::object& change) {
    return [=](Scene& s) { accepted(s.manage(Method::patch, s.user_path(), change)); };
  };
  return {
      {"/oauth/revoke of the parent", [=](Scene& s) { accepted(s.revoke(s.h.native, s.native())); }, both("native", kNotBegun),
       kChildren},
      {"/oauth/revoke of the parent where the tenant ends the whole grant",
       [=](Scene& s) {
         accepted(s.manage(Method::patch, "tenants/settings",
                           json::object{{"flags", json::object{{"revoke_refresh_token_grant", true}}}}));
         accepted(s.revoke(s.h.native, s.native()));
       },
       both("native native2", kNotBegun), kChildren},
      {"DELETE of the parent in the Management API",
       [=](Scene& s) { accepted(s.manage(Method::delete_, "refresh-tokens/" + s.id_of(s.native()))); }, both("native", kNotBegun),
       kChildren},
      {"POST refresh-tokens/revoke by ids",
       [=](Scene& s) {
         accepted(s.manage(Method::post, "refresh-tokens/revoke", json::object{{"ids", json::array{s.id_of(s.native())}}}));
       },
       both("native", kNotBegun), kChildren},
      {"POST refresh-tokens/revoke by user and client",
       [=](Scene& s) {
         accepted(s.manage(Method::post, "refresh-tokens/revoke",
                           json::object{{"user_id", s.h.ada.user_id}, {"client_id", s.h.native.client_id}}));
       },
       both("native native2", kNotBegun), kChildren},
      {"POST refresh-tokens/revoke by user",
       [=](Scene& s) {
         accepted(s.manage(Method::post, "refresh-tokens/revoke", json::object{{"user_id", s.h.ada.user_id}}));
       },
       both(kTokens, kNotBegun), kChildren},
      {"DELETE of a user's refresh tokens",
       [=](Scene& s) { accepted(s.manage(Method::delete_, s.user_path("/refresh-tokens"))); }, both(kTokens, kNotBegun),
       kChildren},
      {"reuse of the parent", [](Scene& s) { EXPECT_EQ(s.h.world.refresh(s.h.native, s.spent_native).status, 403); },
       both("native", kNotBegun), kChildren, true},
      {"/oauth/revoke of a refresh token in a session", [=](Scene& s) { accepted(s.revoke(s.h.web, s.token("plain.token"))); },
       "plain.token", ""},
      {"/oauth/revoke of a refresh token in a transferred session",
       [=](Scene& s) { accepted(s.revoke(s.h.web, s.token("n2w.online"))); }, "n2w.online", ""},
      {"DELETE of a refresh token in a session",
       [=](Scene& s) { accepted(s.manage(Method::delete_, "refresh-tokens/" + s.id_of(s.token("plain.token")))); }, "plain.token",
       ""},

      {"DELETE of a session", [=](Scene& s) { accepted(s.manage(Method::delete_, "sessions/" + s.plain_sid())); },
       "plain.session plain.code", ""},
      {"DELETE of a joined session", [=](Scene& s) { accepted(s.manage(Method::delete_, "sessions/" + s.hand_sid())); },
       "hand.session hand.code hand.page joined.code joined.online", ""},
      {"DELETE of a transferred session", [=](Scene& s) { accepted(s.manage(Method::delete_, "sessions/" + s.n2w_sid())); },
       "n2w.session n2w.code n2w.page n2w.online", ""},
      {"POST sessions/{id}/revoke", [=](Scene& s) { accepted(s.manage(Method::post, "sessions/" + s.plain_sid() + "/revoke")); },
       "plain.session plain.code plain.token plain.token2", ""},
      {"POST sessions/{id}/revoke of a joined session",
       [=](Scene& s) { accepted(s.manage(Method::post, "sessions/" + s.hand_sid() + "/revoke")); },
       "hand.session hand.code hand.page hand.token hand.token2 joined.code joined.online joined.offline", ""},
      {"POST sessions/{id}/revoke of a transferred session",
       [=](Scene& s) { accepted(s.manage(Method::post, "sessions/" + s.n2w_sid() + "/revoke")); },
       "n2w.session n2w.code n2w.page n2w.online n2w.offline", ""},
      {"DELETE of a user's sessions", [=](Scene& s) { accepted(s.manage(Method::delete_, s.user_path("/sessions"))); }, kSessions,
       ""},

      {"/v2/logout", [](Scene& s) { s.browser("plain").open("/v2/logout"); }, "plain.session plain.code", ""},
      {"/v2/logout of a joined session", [](Scene& s) { s.browser("hand").open("/v2/logout"); },
       "hand.session hand.code hand.page joined.code joined.online", ""},
      {"/v2/logout of a transferred session", [](Scene& s) { s.browser("n2w").open("/v2/logout"); },
       "n2w.session n2w.code n2w.page n2w.online", ""},
      {"/oidc/logout of a transferred session",
       [](Scene& s) { s.browser("n2w").open("/oidc/logout?logout_hint=" + s.n2w_sid()); },
       "n2w.session n2w.code n2w.page n2w.online", ""},

      {"a block of the user", set_user({{"blocked", true}}), kEverything, ""},
      {"a block of the user that was taken back",
       [=](Scene& s) {
         set_user({{"blocked", true}})(s);
         set_user({{"blocked", false}})(s);
       },
       kSessions, ""},
      {"deletion of the user", [=](Scene& s) { accepted(s.manage(Method::delete_, s.user_path())); }, kEverything, ""},
      {"a new password", set_user({{"password", "Another-horse-8-battery"}}), both(kSessions, kNotBegun), ""},
      {"another e-mail address", set_user({{"email", "ada@elsewhere.example"}}), kSessions, ""},
      {"another state of the e-mail address", set_user({{"email_verified", false}}), kSessions, ""},
      {"another name of the user", set_user({{"name", "Ada L."}, {"user_metadata", json::object{{"a", 1}}}}), "", ""},
  };
}

// Rows that stand for the others where all would take too long.
const std::set<std::string_view>& one_of_each_kind() {
  static const std::set<std::string_view> out{"/oauth/revoke of the parent",
                                              "DELETE of the parent in the Management API",
                                              "POST refresh-tokens/revoke by ids",
                                              "DELETE of a session",
                                              "DELETE of a user's sessions",
                                              "/v2/logout",
                                              "a block of the user",
                                              "a new password"};
  return out;
}

std::set<std::string> names(const std::string& list) {
  std::set<std::string> out;
  for (auto& name : base::split(list, ' ')) {
    if (!name.empty()) out.insert(std::move(name));
  }
  return out;
}

std::string to_text(const std::set<std::string>& names) {
  return base::join(std::vector<std::string>(names.begin(), names.end()), " ");
}

void expect_row(const Row& row, bool cascades, Engine engine = Engine::sqlite) {
  SCOPED_TRACE(std::string(row.what) + (cascades ? ", cascading" : ", not cascading"));
  Scene scene({.cascades = cascades, .rotating = row.rotating, .engine = engine});
  row.act(scene);
  EXPECT_EQ(to_text(scene.ended()), to_text(names(cascades ? both(row.ends, row.ends_cascading) : row.ends)));
}

TEST(RevocationMatrix, everything_in_the_scene_is_alive_before_anything_ends) {
  Scene scene({});
  EXPECT_EQ(to_text(scene.ended()), "");
}

TEST(RevocationMatrix, each_way_of_ending_ends_what_the_contract_says_where_revocation_cascades) {
  for (const auto& row : rows()) expect_row(row, true);
}

TEST(RevocationMatrix, each_way_of_ending_ends_what_the_contract_says_where_revocation_does_not_cascade) {
  for (const auto& row : rows()) expect_row(row, false);
}

TEST(RevocationMatrix, each_way_of_ending_ends_the_same_on_postgres) {
  if (!FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL server";
  for (const auto& row : rows()) {
    if (one_of_each_kind().contains(row.what)) expect_row(row, true, Engine::postgres);
  }
}

TEST(RevocationMatrix, what_is_gone_already_is_ended_again_without_complaint) {
  for (const auto& row : rows()) {
    if (!one_of_each_kind().contains(row.what)) continue;
    SCOPED_TRACE(row.what);
    Scene scene({});
    row.act(scene);
    row.act(scene);
    EXPECT_EQ(to_text(scene.ended()), to_text(names(both(row.ends, row.ends_cascading))));
  }
}

TEST(RevocationMatrix, the_end_of_a_session_by_time_takes_the_refresh_tokens_bound_to_it) {
  Scene scene({});
  scene.h.world.clock.advance(72h);
  EXPECT_EQ(to_text(scene.ended()), to_text(names(both(kSessions, kNotBegun))));
}

TEST(RevocationMatrix, after_a_new_password_only_a_later_sign_in_hands_over) {
  Scene scene({});
  scene.h.world.clock.advance(1s);
  ASSERT_EQ(scene.manage(Method::patch, scene.user_path(), json::object{{"password", "Another-horse-8-battery"}}), 200);
  EXPECT_EQ(scene.h.world.refresh(scene.h.native, scene.native()).status, 200);
  EXPECT_NE(scene.h.world.exchange(scene.h.native, scene.native()).status, 200);
  scene.h.world.clock.advance(1s);
  auto changed = scene.h.ada;
  changed.password = "Another-horse-8-battery";
  EXPECT_TRUE(scene.h.is_unspent(scene.h.transfer_of(scene.h.sign_in(changed))));
}

}  // namespace
}  // namespace segue::test
