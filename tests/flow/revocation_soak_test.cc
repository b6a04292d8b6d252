// Revocations that race everything below them, a few thousand times in random order (design §4 "Revocation", §8.6): whatever won,
// nothing works once the revocation has been answered, and nothing dies that does not hang below.
#include <array>
#include <barrier>
#include <numeric>
#include <optional>
#include <random>
#include <thread>

#include "openid.h"

namespace segue::test {
namespace {

enum class Setting { sqlite, postgres, postgres_two_nodes };

std::string name_of(const ::testing::TestParamInfo<Setting>& setting) {
  switch (setting.param) {
    case Setting::sqlite: return "sqlite";
    case Setting::postgres: return "postgres";
    default: return "postgres_two_nodes";
  }
}

// Each round races six uses with one revocation. Two nodes share the rounds of PostgreSQL.
constexpr int kUses = 6;
int rounds_of(Setting setting) { return setting == Setting::sqlite ? 1700 : 850; }

enum class Revocation {
  given_back,  // the native app revokes its refresh token
  deleted,     // an administrator does
  reused,      // somebody presents a spent one
  user_blocked,
  user_deleted,
  logged_out,       // the browser signs out
  session_deleted,  // an administrator ends the web session
  session_revoked,  // and what was issued in it
};
constexpr int kRevocations = 8;
bool ends_only_the_session(Revocation revocation) { return revocation >= Revocation::logged_out; }

struct RevocationSoak : ::testing::TestWithParam<Setting> {
  void SetUp() override {
    if (GetParam() != Setting::sqlite && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    WorldOptions options;
    if (GetParam() != Setting::sqlite) options.engine = Engine::postgres;
    world.emplace(options);
    nodes.push_back(&world->node());
    if (GetParam() == Setting::postgres_two_nodes) nodes.push_back(&world->add_node());
    native = world->native_client(
        {{"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 60}}}});
    web = world->web_client(
        kApp, {{"session_transfer",
                json::object{{"allowed_authentication_methods", json::array{"query"}}, {"allow_refresh_token", true}}},
               {"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 60}}}});
    for (auto* node : nodes) node->product().refresh_tenants();
  }

  // What one person holds: a native app signed in, a web session that it opened, with a refresh token and an unspent code, and an
  // unspent session transfer token.
  struct Tree {
    User user;
    std::string spent, refresh_token, transfer, code, web_refresh_token, session_id;
    std::map<std::string, std::string> cookies;
  };
  std::string authorize_url_of(const std::string& transfer, bool silent = false) const {
    auto more = parameters({{"scope", "openid offline_access"}});
    if (!transfer.empty()) more.add("session_transfer_token", transfer);
    if (silent) more.add("prompt", "none");
    return authorize_url(web, kCallback, more);
  }
  Tree grow(int round) {
    Tree out;
    out.user = world->create_user("ada-" + std::to_string(round) + "@example.com");
    out.spent = world->password_tokens(native, out.user).refresh_token();
    const auto first = world->exchange(native, out.spent);
    const auto second = world->exchange(native, first.refresh_token());
    out.refresh_token = second.refresh_token();
    out.transfer = second.access_token();
    Browser browser(world->node());
    const auto code = browser.open(authorize_url_of(first.access_token())).parameter("code");
    out.web_refresh_token = world->token_request(OpenId::code_form(web, code)).refresh_token();
    out.code = browser.open(authorize_url_of("", true)).parameter("code");
    out.cookies = browser.cookies();
    EXPECT_FALSE(out.refresh_token.empty() || out.transfer.empty() || out.web_refresh_token.empty() || out.code.empty());
    const auto sessions = world->managed(http::Method::get, "users/" + out.user.user_id + "/sessions").at("sessions").as_array();
    EXPECT_EQ(sessions.size(), 1u);
    out.session_id = std::string(sessions.at(0).at("id").as_string());
    return out;
  }

  Browser browser_with(const std::map<std::string, std::string>& cookies, Node& node) {
    Browser out(node);
    for (const auto& [name, value] : cookies) out.plant(name, value);
    return out;
  }

  // What the uses brought, which must all be dead afterwards.
  struct Harvest {
    std::string refresh_token, transfer, code_of_transfer, code_of_session, refresh_token_of_code, web_refresh_token;
    std::map<std::string, std::string> cookies_of_transfer;
  };
  void use(int which, const Tree& tree, Node& node, Harvest& out) {
    switch (which) {
      case 0: out.refresh_token = world->refresh(native, tree.refresh_token, {}, &node).refresh_token(); return;
      case 1: out.transfer = world->exchange(native, tree.refresh_token, &node).access_token(); return;
      case 2: {
        Browser browser(node);
        out.code_of_transfer = browser.open(authorize_url_of(tree.transfer)).parameter("code");
        out.cookies_of_transfer = browser.cookies();
        return;
      }
      case 3: out.refresh_token_of_code = world->token_request(OpenId::code_form(web, tree.code), &node).refresh_token(); return;
      case 4: out.web_refresh_token = world->refresh(web, tree.web_refresh_token, {}, &node).refresh_token(); return;
      default: out.code_of_session = browser_with(tree.cookies, node).open(authorize_url_of("", true)).parameter("code"); return;
    }
  }

  // `refresh_token_id`: the native app's, for an administrator.
  void revoke(Revocation how, const Tree& tree, const std::string& refresh_token_id, Node& node) {
    const auto status = [&](http::Method method, const std::string& path, const json::value& body = nullptr) {
      return world->manage(method, path, body).status;
    };
    switch (how) {
      case Revocation::given_back:
        EXPECT_EQ(
            node.send(form_request("/oauth/revoke", parameters({{"client_id", native.client_id}, {"token", tree.spent}}))).status,
            200);
        return;
      case Revocation::deleted: EXPECT_EQ(status(http::Method::delete_, "refresh-tokens/" + refresh_token_id), 202); return;
      case Revocation::reused: EXPECT_EQ(world->refresh(native, tree.spent, {}, &node).status, 403); return;
      case Revocation::user_blocked:
        EXPECT_EQ(status(http::Method::patch, "users/" + tree.user.user_id, json::object{{"blocked", true}}), 200);
        return;
      case Revocation::user_deleted: EXPECT_EQ(status(http::Method::delete_, "users/" + tree.user.user_id), 204); return;
      case Revocation::logged_out: EXPECT_EQ(browser_with(tree.cookies, node).open("/v2/logout").status, 200); return;
      case Revocation::session_deleted: EXPECT_EQ(status(http::Method::delete_, "sessions/" + tree.session_id), 202); return;
      case Revocation::session_revoked:
        EXPECT_EQ(status(http::Method::post, "sessions/" + tree.session_id + "/revoke"), 202);
        return;
    }
  }

  bool refreshes(const Client& client, const std::string& token) {
    return !token.empty() && world->refresh(client, token).status == 200;
  }
  bool redeems(const std::string& code) {
    return !code.empty() && world->token_request(OpenId::code_form(web, code)).status == 200;
  }
  bool opens(const std::map<std::string, std::string>& cookies) {
    return !browser_with(cookies, *nodes.back()).open(authorize_url_of("", true)).parameter("code").empty();
  }
  bool transfers(const std::string& token) {
    return !token.empty() && !Browser(*nodes.back()).open(authorize_url_of(token)).parameter("code").empty();
  }

  // Of the session that the tree had, by whatever was made of it.
  void expect_session_dead(const Tree& tree, const Harvest& got) {
    EXPECT_FALSE(opens(tree.cookies));
    EXPECT_FALSE(redeems(tree.code)) << "a code that was in flight";
    EXPECT_FALSE(redeems(got.code_of_session));
    EXPECT_FALSE(refreshes(web, tree.web_refresh_token));
    EXPECT_FALSE(refreshes(web, got.web_refresh_token));
    EXPECT_FALSE(refreshes(web, got.refresh_token_of_code));
  }
  // Revocation flows only downwards: the native app and the session that another browser opened go on.
  void expect_the_rest_alive(const Harvest& got) {
    EXPECT_TRUE(refreshes(native, got.refresh_token));
    EXPECT_TRUE(opens(got.cookies_of_transfer));
    EXPECT_TRUE(redeems(got.code_of_transfer));
  }
  void expect_all_dead(const Tree& tree, const Harvest& got) {
    expect_session_dead(tree, got);
    EXPECT_FALSE(transfers(tree.transfer));
    EXPECT_FALSE(transfers(got.transfer));
    EXPECT_FALSE(opens(got.cookies_of_transfer));
    EXPECT_FALSE(redeems(got.code_of_transfer));
    EXPECT_FALSE(refreshes(native, tree.refresh_token));
    EXPECT_FALSE(refreshes(native, got.refresh_token));
  }

  std::optional<World> world;
  std::vector<Node*> nodes;
  Client native, web;
};
INSTANTIATE_TEST_SUITE_P(Engines, RevocationSoak,
                         ::testing::Values(Setting::sqlite, Setting::postgres, Setting::postgres_two_nodes), name_of);

TEST_P(RevocationSoak, leaves_nothing_alive_below_what_was_revoked_and_kills_nothing_above) {
  const auto* const given = std::getenv("SEGUE_SOAK_SEED");
  const auto seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 engine(seed);
  std::array<int, kUses> won{};
  for (int round = 0; round < rounds_of(GetParam()); ++round) {
    SCOPED_TRACE("SEGUE_SOAK_SEED=" + std::to_string(seed) + ", round " + std::to_string(round));
    world->clock.advance(std::chrono::seconds(10));  // within the limits that count requests over time
    const auto tree = grow(round);
    const auto how = static_cast<Revocation>(round % kRevocations);
    std::string refresh_token_id;
    if (how == Revocation::deleted) {
      const auto page = world->managed(http::Method::get, "users/" + tree.user.user_id + "/refresh-tokens");
      for (const auto& token : page.at("tokens").as_array())
        if (token.at("client_id").as_string() == native.client_id) refresh_token_id = std::string(token.at("id").as_string());
    }
    std::array<int, kUses + 1> delays{};
    for (auto& delay : delays) delay = static_cast<int>(engine() % 400);
    Harvest got;
    std::barrier start(kUses + 1);
    std::vector<std::thread> all;
    for (int k = 0; k <= kUses; ++k) {
      all.emplace_back([&, k] {
        auto& node = *nodes[static_cast<std::size_t>(k + round) % nodes.size()];
        start.arrive_and_wait();
        const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(delays[static_cast<std::size_t>(k)]);
        while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
        if (k == kUses) {
          revoke(how, tree, refresh_token_id, node);
        } else {
          use(k, tree, node, got);
        }
      });
    }
    for (auto& thread : all) thread.join();

    const std::array<bool, kUses> used{!got.refresh_token.empty(),     !got.transfer.empty(),
                                       !got.code_of_transfer.empty(),  !got.refresh_token_of_code.empty(),
                                       !got.web_refresh_token.empty(), !got.code_of_session.empty()};
    for (std::size_t k = 0; k < kUses; ++k) won[k] += used[k] ? 1 : 0;
    if (ends_only_the_session(how)) {
      expect_session_dead(tree, got);
      expect_the_rest_alive(got);
    } else {
      expect_all_dead(tree, got);
    }
    if (HasFailure()) break;
  }
  // Both orders came up, or the delays prove nothing.
  for (std::size_t k = 0; k < kUses; ++k) {
    RecordProperty("won_by_use_" + std::to_string(k), won[k]);
    EXPECT_GT(won[k], rounds_of(GetParam()) / 50) << "use " << k;
  }
  EXPECT_LT(std::accumulate(won.begin(), won.end(), 0), rounds_of(GetParam()) * kUses * 49 / 50);
}

}  // namespace
}  // namespace segue::test
