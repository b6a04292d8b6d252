// One-time secrets under concurrency (design §4 "Exactly once", §8.1, §8.6): on SQLite, on PostgreSQL, and through two nodes on
// one PostgreSQL, which share nothing but the database.
#include <atomic>
#include <barrier>
#include <set>
#include <thread>

#include "openid.h"

namespace segue::test {
namespace {

constexpr int kParallel = 64;
constexpr const char* kDead = "Unknown or invalid refresh token.";

enum class Setting { sqlite, postgres, postgres_two_nodes };

std::string name_of(const ::testing::TestParamInfo<Setting>& setting) {
  switch (setting.param) {
    case Setting::sqlite: return "sqlite";
    case Setting::postgres: return "postgres";
    default: return "postgres_two_nodes";
  }
}

WorldOptions options_of(Setting setting) {
  WorldOptions options;
  if (setting != Setting::sqlite) options.engine = Engine::postgres;
  return options;
}

// The nodes of one setting. Making a PostgreSQL database takes longer than a race, so all tests of a setting share them, each
// with clients and a person of its own.
struct Shared {
  explicit Shared(Setting setting) : world(options_of(setting)) {
    nodes.push_back(&world.node());
    if (setting == Setting::postgres_two_nodes) nodes.push_back(&world.add_node());
  }
  World world;
  std::vector<Node*> nodes;
};

struct Races : ::testing::TestWithParam<Setting> {
  static void TearDownTestSuite() { shared.clear(); }
  void SetUp() override {
    if (GetParam() != Setting::sqlite && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    auto& mine = shared[GetParam()];
    if (!mine) mine = std::make_unique<Shared>(GetParam());
    world = &mine->world;
    nodes = mine->nodes;
    web = world->web_client(kApp);
    static int people = 0;
    ada = world->create_user("ada-" + std::to_string(++people) + "@example.com");
    for (auto* node : nodes) node->product().refresh_tenants();
  }
  std::size_t count_logs(const std::string& type) {
    return world->logs("type:" + type + " AND user_id:\"" + ada.user_id + "\"").size();
  }
  // Calls `ask(index, node)` in as many threads at once as there are answers, spread over the nodes.
  template <class Ask>
  auto at_once(int threads, const Ask& ask) {
    using Answer = decltype(ask(0, world->node()));
    std::vector<Answer> answers(static_cast<std::size_t>(threads));
    std::barrier start(threads);
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&, i] {
        start.arrive_and_wait();
        answers[static_cast<std::size_t>(i)] = ask(i, *nodes[static_cast<std::size_t>(i) % nodes.size()]);
      });
    }
    for (auto& thread : all) thread.join();
    return answers;
  }
  Client native(int leeway) {
    auto made = world->native_client(
        {{"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", leeway}}}});
    for (auto* node : nodes) node->product().refresh_tenants();
    return made;
  }
  std::string code(Browser& browser) {
    auto page = browser.open(authorize_url(web, kCallback, parameters({{"scope", "openid offline_access"}})));
    if (page.is_login_page()) page = browser.submit_login(page, ada);
    return page.parameter("code");
  }

  static std::map<Setting, std::unique_ptr<Shared>> shared;
  World* world = nullptr;
  std::vector<Node*> nodes;
  Client web;
  User ada;
};
std::map<Setting, std::unique_ptr<Shared>> Races::shared;
INSTANTIATE_TEST_SUITE_P(Engines, Races, ::testing::Values(Setting::sqlite, Setting::postgres, Setting::postgres_two_nodes),
                         name_of);

int successes_among(const std::vector<Tokens>& answers) {
  return static_cast<int>(std::count_if(answers.begin(), answers.end(), [](const Tokens& each) { return each.status == 200; }));
}

TEST_P(Races, a_session_transfer_token_opens_the_web_once) {
  const auto app = native(0);
  const auto transfer = world->exchange(app, world->password_tokens(app, ada).refresh_token()).access_token();
  ASSERT_FALSE(transfer.empty());
  const auto pages = at_once(kParallel, [&](int, Node& node) {
    Browser browser(node);
    browser.plant("auth0_session_transfer_token", transfer);
    return browser.open(authorize_url(web, kCallback));
  });
  int codes = 0, prompts = 0;
  for (const auto& page : pages) {
    codes += page.left && !page.parameter("code").empty() ? 1 : 0;
    prompts += page.is_login_page() ? 1 : 0;
  }
  EXPECT_EQ(codes, 1);
  EXPECT_EQ(prompts, kParallel - 1);
  EXPECT_EQ(count_logs("s"), 1u);
}

TEST_P(Races, a_pushed_request_is_decided_once) {
  Browser signed_in(*nodes.front());
  ASSERT_TRUE(signed_in.submit_login(signed_in.open(authorize_url(web, kCallback)), ada).left);
  const auto pushed = world->send(form_request("/oauth/par", parameters({{"client_id", web.client_id},
                                                                         {"client_secret", web.client_secret},
                                                                         {"response_type", "code"},
                                                                         {"redirect_uri", kCallback},
                                                                         {"scope", "openid"}})));
  ASSERT_EQ(pushed.status, 201) << pushed.body;
  const auto uri = json::find_string(object_of(pushed), "request_uri").value();
  const auto target = "/authorize?" + parameters({{"client_id", web.client_id}, {"request_uri", uri}}).encode();
  const auto pages = at_once(kParallel, [&](int, Node& node) {
    Browser browser(node);
    for (const auto& [name, value] : signed_in.cookies()) browser.plant(name, value);
    return browser.open(target);
  });
  int codes = 0, refused = 0;
  for (const auto& page : pages) {
    codes += page.left && !page.parameter("code").empty() ? 1 : 0;
    refused += page.status == 400 && !page.left ? 1 : 0;
  }
  EXPECT_EQ(codes, 1);
  EXPECT_EQ(refused, kParallel - 1);
  EXPECT_EQ(count_logs("ssa") + count_logs("s"), 2u);  // the sign-in by hand, and the one request
}

TEST_P(Races, a_code_is_exchanged_once_and_the_losers_end_what_it_produced) {
  Browser browser(world->node());
  const auto form = OpenId::code_form(web, code(browser));
  const auto answers = at_once(kParallel, [&](int, Node& node) { return world->token_request(form, &node); });
  EXPECT_EQ(successes_among(answers), 1);
  for (const auto& answer : answers) {
    if (answer.status == 200) {
      expect_refused(world->refresh(web, answer.refresh_token()), 403, "invalid_grant", kDead);
    } else {
      expect_refused(answer, 403, "invalid_grant", "Invalid authorization code");
    }
  }
  EXPECT_EQ(count_logs("seacft"), 1u);
}

TEST_P(Races, a_rotated_refresh_token_without_leeway_works_once_and_the_losers_end_the_family) {
  const auto app = native(0);
  const auto token = world->password_tokens(app, ada).refresh_token();
  const auto answers = at_once(kParallel, [&](int, Node& node) { return world->refresh(app, token, {}, &node); });
  EXPECT_EQ(successes_among(answers), 1);
  for (const auto& answer : answers) {
    if (answer.status == 200) expect_refused(world->refresh(app, answer.refresh_token()), 403, "invalid_grant", kDead);
  }
  EXPECT_EQ(count_logs("ferrt"), 1u) << "the first loser ends the family, for the others it is over";
}

TEST_P(Races, a_rotated_refresh_token_within_its_leeway_gives_one_and_the_same_successor) {
  const auto app = native(30);
  const auto token = world->password_tokens(app, ada).refresh_token();
  const auto answers = at_once(kParallel, [&](int, Node& node) { return world->refresh(app, token, {}, &node); });
  EXPECT_EQ(successes_among(answers), kParallel);
  std::set<std::string> successors;
  for (const auto& answer : answers) successors.insert(answer.refresh_token());
  ASSERT_EQ(successors.size(), 1u);
  const auto next = world->refresh(app, *successors.begin());
  EXPECT_EQ(next.status, 200);
  EXPECT_EQ(world->refresh(app, next.refresh_token()).status, 200);
}

// Whatever each asks for, a new access token or a session transfer token: one successor.
TEST_P(Races, different_requests_within_the_leeway_get_one_and_the_same_successor) {
  const auto app = native(30);
  const auto token = world->password_tokens(app, ada).refresh_token();
  const auto answers = at_once(kParallel, [&](int i, Node& node) {
    auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", app.client_id}, {"refresh_token", token}});
    if (i % 3 == 0) form.add("audience", "urn:tenant.example:session_transfer");
    if (i % 3 == 1) form.add("scope", "openid");
    return world->token_request(form, &node);
  });
  EXPECT_EQ(successes_among(answers), kParallel);
  std::set<std::string> successors;
  for (const auto& answer : answers) successors.insert(answer.refresh_token());
  EXPECT_EQ(successors.size(), 1u);
  EXPECT_EQ(world->refresh(app, *successors.begin()).status, 200);
}

// Each of the tokens ends the others: whoever is first stays.
TEST_P(Races, of_a_client_that_begins_to_rotate_one_token_stays) {
  const auto app =
      world->native_client({{"refresh_token", json::object{{"rotation_type", "non-rotating"}, {"expiration_type", "expiring"}}}});
  for (auto* node : nodes) node->product().refresh_tenants();
  std::vector<std::string> tokens;
  for (int i = 0; i < 16; ++i) tokens.push_back(world->password_tokens(app, ada).refresh_token());
  world->managed(http::Method::patch, "clients/" + app.client_id,
                 json::object{{"refresh_token", json::object{{"rotation_type", "rotating"}}}});
  const auto answers =
      at_once(16, [&](int i, Node& node) { return world->refresh(app, tokens[static_cast<std::size_t>(i)], {}, &node); });
  EXPECT_EQ(successes_among(answers), 1);
  for (const auto& answer : answers) {
    if (answer.status == 200) {
      EXPECT_EQ(world->refresh(app, answer.refresh_token()).status, 200);
    } else {
      expect_refused(answer, 403, "invalid_grant", kDead);
    }
  }
}

TEST_P(Races, one_transaction_is_finished_by_one_of_two_logins) {
  Browser browser(world->node());
  const auto page = browser.open(authorize_url(web, kCallback));
  const auto ends = at_once(8, [&](int, Node& node) {
    Browser tab(node);
    for (const auto& [name, value] : browser.cookies()) tab.plant(name, value);
    return tab.submit_login(page, ada);
  });
  int codes = 0;
  for (const auto& end : ends) codes += end.parameter("code").empty() ? 0 : 1;
  EXPECT_EQ(codes, 1);
  EXPECT_EQ(count_logs("s"), 1u);
}

// A refresh beside a revocation: whichever comes first, nothing that it gave works afterwards.
TEST_P(Races, no_refresh_slips_past_a_revocation) {
  for (int round = 0; round < 8; ++round) {
    const auto app = native(0);
    const auto first = world->password_tokens(app, ada).refresh_token();
    const auto second = world->refresh(app, first).refresh_token();
    // The replay of `first` revokes the family while `second` is rotated.
    const auto answers =
        at_once(2, [&](int i, Node& node) { return world->refresh(app, i % 2 == round % 2 ? first : second, {}, &node); });
    for (const auto& answer : answers) {
      if (answer.status == 200) expect_refused(world->refresh(app, answer.refresh_token()), 403, "invalid_grant", kDead);
    }
    expect_refused(world->refresh(app, second), 403, "invalid_grant", kDead);
  }
}

// The same with the client's own revocation (RFC 7009): no successor survives it.
TEST_P(Races, no_refresh_slips_past_the_client_giving_its_token_back) {
  for (int round = 0; round < 8; ++round) {
    const auto app = native(0);
    const auto token = world->password_tokens(app, ada).refresh_token();
    const auto form = parameters({{"client_id", app.client_id}, {"token", token}});
    const auto answers = at_once(2, [&](int i, Node& node) {
      if (i % 2 != round % 2) return world->refresh(app, token, {}, &node);
      Tokens none;
      none.status = node.send(form_request("/oauth/revoke", form)).status == 200 ? 0 : 500;
      return none;
    });
    EXPECT_EQ(answers[static_cast<std::size_t>(round % 2)].status, 0) << "the revocation is done in any order";
    for (const auto& answer : answers) {
      if (answer.status == 200) expect_refused(world->refresh(app, answer.refresh_token()), 403, "invalid_grant", kDead);
    }
    expect_refused(world->refresh(app, token), 403, "invalid_grant", kDead);
  }
}

TEST_P(Races, no_handoff_slips_past_a_revocation_of_its_parent) {
  for (int round = 0; round < 8; ++round) {
    const auto app = native(0);
    const auto first = world->password_tokens(app, ada).refresh_token();
    const auto transfer = world->exchange(app, first);
    std::map<std::string, std::string> cookies;
    at_once(2, [&](int i, Node& node) {
      if (i % 2 == round % 2) return world->refresh(app, first, {}, &node).status;  // a replay: the family ends
      Browser browser(node);
      browser.plant("auth0_session_transfer_token", transfer.access_token());
      browser.open(authorize_url(web, kCallback));
      cookies = browser.cookies();
      return 0;
    });
    Browser after(*nodes.back());
    for (const auto& [name, value] : cookies) after.plant(name, value);
    EXPECT_TRUE(after.open(authorize_url(web, kCallback)).is_login_page()) << "a session outlived its parent";
  }
}

TEST_P(Races, logging_out_beside_silent_sign_ins_leaves_no_session) {
  Browser browser(world->node());
  code(browser);
  const auto answers = at_once(16, [&](int i, Node& node) {
    Browser tab(node);
    for (const auto& [name, value] : browser.cookies()) tab.plant(name, value);
    if (i == 8) return tab.open("/v2/logout"), std::string();
    return tab.open(authorize_url(web, kCallback, parameters({{"prompt", "none"}}))).parameter("code");
  });
  EXPECT_TRUE(browser.open(authorize_url(web, kCallback)).is_login_page());
  for (const auto& answer : answers) {
    if (answer.empty()) continue;
    EXPECT_EQ(world->token_request(OpenId::code_form(web, answer)).status, 403) << "the session is over";
  }
}

TEST_P(Races, an_approved_device_gets_its_tokens_once) {
  const std::string grant = "urn:ietf:params:oauth:grant-type:device_code";
  const auto tv = world->native_client({{"grant_types", json::array{grant, "refresh_token"}}});
  for (auto* node : nodes) node->product().refresh_tenants();
  const auto device = object_of(world->send(
      form_request("/oauth/device/code", parameters({{"client_id", tv.client_id}, {"scope", "openid offline_access"}}))));
  Browser browser(world->node());
  auto page = browser.open("/activate");
  page = browser.submit(
      page, parameters({{"csrf", page.field("csrf")}, {"user_code", json::find_string(device, "user_code").value()}}));
  page = browser.submit(
      page, parameters({{"csrf", page.field("csrf")}, {"user_code", page.field("user_code")}, {"decision", "allow"}}));
  browser.submit_login(page, ada);
  const auto form = parameters(
      {{"grant_type", grant}, {"client_id", tv.client_id}, {"device_code", json::find_string(device, "device_code").value()}});
  const auto answers = at_once(kParallel, [&](int, Node& node) { return world->token_request(form, &node); });
  EXPECT_EQ(successes_among(answers), 1);
  for (const auto& answer : answers) {
    if (answer.status == 200) {
      EXPECT_EQ(world->refresh(tv, answer.refresh_token()).status, 200);
    } else {
      expect_refused(answer, 403, "invalid_grant", "Invalid or expired device code.");
    }
  }
  EXPECT_EQ(count_logs("sede"), 1u);
}

// Everything that locks a user, a grant, a family or a session, beside the deletion that locks them all: nobody waits for ever,
// and nothing of the user is left.
TEST_P(Races, deleting_a_user_beside_everything_they_do_leaves_nothing) {
  const auto app = native(0);
  std::vector<std::string> tokens, exchanged;
  for (int i = 0; i < 16; ++i) tokens.push_back(world->password_tokens(app, ada).refresh_token());
  const auto transfer = world->exchange(app, tokens.back()).access_token();
  Browser browser(world->node());
  const auto unspent = code(browser);
  const auto session = browser.cookies().at("auth0");
  const auto statuses = at_once(16, [&](int i, Node& node) {
    Browser tab(node);
    switch (i) {
      case 0: return world->manage(http::Method::delete_, "users/" + base::percent_encode(ada.user_id)).status;
      case 1: return world->token_request(OpenId::code_form(web, unspent), &node).status;
      case 2: tab.plant("auth0", session); return tab.open(authorize_url(web, kCallback)).status;
      case 3: tab.plant("auth0_session_transfer_token", transfer); return tab.open(authorize_url(web, kCallback)).status;
      case 4: return tab.submit_login(tab.open(authorize_url(web, kCallback)), ada).status;
      default:
        return i % 2 == 0 ? world->refresh(app, tokens[static_cast<std::size_t>(i)], {}, &node).status
                          : world->exchange(app, tokens[static_cast<std::size_t>(i)], &node).status;
    }
  });
  EXPECT_EQ(statuses.front(), 204);
  for (const auto status : statuses) EXPECT_LT(status, 500);
  for (const auto& token : tokens) EXPECT_EQ(world->refresh(app, token).status, 403);
  EXPECT_TRUE(browser.open(authorize_url(web, kCallback)).is_login_page());
}

TEST_P(Races, parallel_guesses_do_not_slip_in_under_the_limit) {
  const auto app = native(0);
  const auto answers = at_once(kParallel, [&](int, Node& node) {
    return world->token_request(
        parameters({{"grant_type", "password"}, {"client_id", app.client_id}, {"username", ada.email}, {"password", "guess"}}),
        &node);
  });
  int looked_at = 0;
  for (const auto& answer : answers) looked_at += answer.error() == "invalid_grant" ? 1 : 0;
  EXPECT_EQ(looked_at, 10);
}

}  // namespace
}  // namespace segue::test
