// The session graph, seen and cut through the Management API (design §4).
#include <gtest/gtest.h>

#include <set>

#include "store/refresh_tokens.h"
#include "store/session_clients.h"
#include "store/sessions.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

using http::Method;
using namespace std::chrono_literals;

struct SessionGraph : ::testing::Test {
  explicit SessionGraph(Engine engine = Engine::sqlite)
      : handoff({.world = {.engine = engine},
                 .web_transfer = {{"allow_refresh_token", true}, {"enforce_online_refresh_tokens", false}},
                 .native = {
                     {"refresh_token", json::object{{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}}}}}) {}

  Handoff handoff;
  World& world = handoff.world;

  static http::Parameters offline() { return parameters({{"scope", "openid offline_access"}}); }
  json::object graph(const std::string& query) { return world.managed(Method::get, "segue/session-graph?" + query).get_object(); }
  json::object of_user() { return graph("user_id=auth0%7C" + handoff.ada.user_id.substr(6)); }

  // Every node of the tree, from its tops down.
  static void collect(const json::array& nodes, std::vector<json::object>& into) {
    for (const auto& node : nodes) {
      into.push_back(node.get_object());
      collect(node.at("children").get_array(), into);
    }
  }
  static std::vector<json::object> nodes_of(const json::object& answer) {
    std::vector<json::object> out;
    collect(answer.at("trees").get_array(), out);
    return out;
  }
  static std::vector<json::object> nodes_of(const json::object& answer, std::string_view type) {
    auto out = nodes_of(answer);
    std::erase_if(out, [&](const auto& node) { return text_of(node, "type") != type; });
    return out;
  }
  static json::object only(const json::object& answer, std::string_view type) {
    const auto found = nodes_of(answer, type);
    EXPECT_EQ(found.size(), 1u) << type << " in " << json::write(answer);
    return found.empty() ? json::object{} : found.front();
  }
  // "grant(refresh_token(…))"
  static std::string shape(const json::array& nodes) {
    std::string out;
    for (const auto& node : nodes) {
      if (!out.empty()) out += ' ';
      out += text_of(node.get_object(), "type");
      const auto children = shape(node.at("children").get_array());
      if (!children.empty()) out += "(" + children + ")";
    }
    return out;
  }
  static std::string shape(const json::object& answer) { return shape(answer.at("trees").get_array()); }

  // A handoff from a native app to a browser, and the refresh token that the web application got there.
  struct Handed {
    std::string native, web, sid;
    Browser browser;
  };
  Handed hand_over() { return hand_over(handoff.sign_in(), handoff.browser()); }
  Handed hand_over(const std::string& native, Browser browser) {
    const auto page = handoff.redeem(browser, handoff.transfer_of(native), offline());
    const auto tokens = handoff.exchange_code(page);
    EXPECT_NE(tokens.refresh_token(), "") << json::write(tokens.body);
    auto sid = handoff.stored_session(browser).sid;
    return {native, tokens.refresh_token(), std::move(sid), std::move(browser)};
  }
};

constexpr const char* kHandoffShape = "grant(refresh_token(session_transfer_token(session(relying_party grant(refresh_token)))))";

TEST_F(SessionGraph, shows_a_handoff_from_the_sign_in_to_the_relying_party) {
  hand_over();
  const auto answer = of_user();
  EXPECT_EQ(shape(answer), kHandoffShape) << json::write(answer);
  EXPECT_EQ(answer.at("truncated"), json::value(false));
  EXPECT_EQ(answer.at("nodes").to_number<int>(), 7);
  const auto transfer_id = text_of(handoff.only_row("sertft"), "transfer_id");
  ASSERT_NE(transfer_id, "");
  for (const auto* type : {"session_transfer_token", "session", "relying_party"})
    EXPECT_EQ(text_of(only(answer, type), "transfer_id"), transfer_id) << type;
  const auto tokens = nodes_of(answer, "refresh_token");
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_TRUE(tokens[0].at("transfer_id").is_null());
  EXPECT_EQ(text_of(tokens[0], "client_id"), handoff.native.client_id);
  EXPECT_EQ(text_of(tokens[1], "transfer_id"), transfer_id);
  EXPECT_EQ(text_of(tokens[1], "client_id"), handoff.web.client_id);
  EXPECT_EQ(only(answer, "session").at("device").at("initial_ip"), json::value("192.0.2.7"));
  EXPECT_EQ(text_of(only(answer, "session_transfer_token"), "state"), "consumed");
  EXPECT_EQ(text_of(only(answer, "session_transfer_token"), "consumed_by_client_id"), handoff.web.client_id);
  EXPECT_TRUE(only(answer, "relying_party").at("node").is_null());
}

TEST_F(SessionGraph, is_the_same_tree_from_each_of_its_sessions_and_refresh_tokens) {
  const auto handed = hand_over();
  hand_over();  // another tree of the same user
  const auto session = graph("session_id=" + handed.sid);
  EXPECT_EQ(shape(session), kHandoffShape);
  EXPECT_EQ(only(session, "session").at("selected"), json::value(true));
  for (const auto& token : nodes_of(session, "refresh_token")) {
    const auto answer = graph("refresh_token_id=" + text_of(token, "id"));
    EXPECT_EQ(shape(answer), kHandoffShape);
    for (const auto& node : nodes_of(answer)) EXPECT_EQ(node.contains("selected"), node.at("node") == token.at("node"));
  }
}

TEST_F(SessionGraph, shows_what_a_transfer_brought_into_a_session_opened_by_hand_below_both) {
  auto browser = handoff.browser_of(handoff.ada);
  const auto by_hand = handoff.stored_session(browser).sid;
  const auto handed = hand_over(handoff.sign_in(), browser);
  ASSERT_EQ(handed.sid, by_hand);
  const std::string brought = "grant(refresh_token)";
  const auto answer = graph("session_id=" + by_hand);
  EXPECT_EQ(shape(answer), "session(relying_party " + brought + ")") << "what its end takes";
  const auto id = text_of(only(answer, "refresh_token"), "id");
  // The other parent's tree comes with it.
  EXPECT_EQ(shape(graph("refresh_token_id=" + id)),
            "session(relying_party " + brought + ") grant(refresh_token(session_transfer_token(" + brought + ")))");
}

TEST_F(SessionGraph, says_what_state_each_node_is_in) {
  const auto handed = hand_over();
  handoff.transfer_of(handed.native);
  world.clock.advance(61s);
  handoff.transfer_of(handed.native);
  const auto states = [&] {
    std::vector<std::string> out;
    for (const auto& node : nodes_of(of_user(), "session_transfer_token")) out.push_back(text_of(node, "state"));
    return out;
  };
  EXPECT_EQ(states(), (std::vector<std::string>{"consumed", "expired", "live"}));
  handoff.revoke(handed.native, true);
  EXPECT_EQ(states(), (std::vector<std::string>{"consumed", "expired", "ended_with_parent"}));
  const auto after = of_user();
  EXPECT_EQ(text_of(nodes_of(after, "refresh_token")[0], "state"), "revoked");
  EXPECT_EQ(text_of(nodes_of(after, "refresh_token")[1], "state"), "ended_with_parent");
  EXPECT_EQ(text_of(only(after, "session"), "state"), "ended_with_parent");
  EXPECT_EQ(text_of(only(after, "relying_party"), "state"), "ended_with_parent");
}

TEST_F(SessionGraph, leaves_alive_what_a_revocation_that_does_not_cascade_leaves) {
  handoff.set_native({{"can_create_session_transfer_token", true}, {"enforce_cascade_revocation", false}});
  const auto handed = hand_over();
  EXPECT_EQ(nodes_of(of_user(), "refresh_token")[0].at("revocation_cascades"), json::value(false));
  handoff.revoke(handed.native, false);
  EXPECT_EQ(text_of(only(of_user(), "session"), "state"), "live");
  world.clock.advance(std::chrono::hours(73));
  EXPECT_EQ(text_of(only(of_user(), "session"), "state"), "expired");
  // The token row is swept, and the tree holds together without it.
  world.sweep();
}

TEST_F(SessionGraph, names_no_row_and_no_secret) {
  const auto handed = hand_over();
  const auto text = json::write(of_user());
  EXPECT_EQ(text.find(std::to_string(base::to_integer(handoff.stored_session(handed.browser).session_id))), std::string::npos);
  for (const auto& secret : {handed.native, handed.web}) {
    EXPECT_EQ(text.find(secret.substr(3, 22)), std::string::npos) << "the id part of a handle";
    EXPECT_EQ(text.find(secret.substr(26)), std::string::npos);
  }
}

TEST_F(SessionGraph, refuses_a_question_without_one_subject) {
  EXPECT_EQ(world.manage(Method::get, "segue/session-graph").status, 400);
  EXPECT_EQ(world.manage(Method::get, "segue/session-graph?user_id=").status, 400);
  EXPECT_EQ(world.manage(Method::get, "segue/session-graph?user_id=a&session_id=b").status, 400);
  for (const auto* unknown : {"user_id=auth0%7Cnobody", "session_id=nothing", "refresh_token_id=nothing"})
    EXPECT_EQ(world.manage(Method::get, std::string("segue/session-graph?") + unknown).status, 404) << unknown;
}

TEST_F(SessionGraph, of_a_user_with_ten_thousand_sessions_is_cut_and_says_so) {
  world.node().product().store().write(world.tenant(), [&](const store::Writer& w) {
    for (int k = 0; k < 10'000; ++k) {
      model::Session session;
      session.session_id = w.ids.next();
      session.sid = "s" + std::to_string(k);
      session.user_id = handoff.ada.user_id;
      session.created_at = world.clock.now();
      session.expires_at = session.idle_expires_at = world.clock.now() + 1h;
      store::sessions::insert(w, session, {});
      store::session_clients::record(w, session.session_id, handoff.web.client_id, "", {}, world.clock.now());
    }
    return true;
  });
  const auto answer = of_user();
  EXPECT_EQ(answer.at("truncated"), json::value(true));
  EXPECT_EQ(nodes_of(answer).size(), 1000u);
  EXPECT_EQ(shape(graph("session_id=s4")), "session(relying_party)");
}

struct SessionGraphRevocation : SessionGraph {
  using SessionGraph::SessionGraph;

  http::Response revoke(const std::string& node) {
    return world.manage(Method::post, "segue/session-graph/" + node + "/revoke", json::object{});
  }
  // What fell: "sessions=1 grants=0 refresh_tokens=1 session_transfer_tokens=0"
  std::string fallen(const json::object& node) {
    const auto answer = revoke(text_of(node, "node"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto body = object_of(answer);
    std::string out;
    std::size_t sum = 0;
    for (const auto& count : body.at("revoked").get_object()) {
      const auto n = count.value().to_number<std::size_t>();
      sum += n;
      if (n > 0) out += std::string(count.key()) + "=" + std::to_string(n) + " ";
    }
    EXPECT_EQ(body.at("nodes").get_array().size(), sum);
    EXPECT_EQ(body.at("truncated"), json::value(false));
    return out;
  }
  bool lives(const Client& client, const std::string& refresh_token) {
    return world.refresh(client, refresh_token).status == 200;
  }
  // Alive: the native token, the session of the browser, the web application's token.
  std::string alive(Handed& h) {
    return std::string(lives(handoff.native, h.native) ? "native " : "") + (handoff.sid_in(h.browser).empty() ? "" : "session ") +
           (lives(handoff.web, h.web) ? "web " : "");
  }
};

TEST_F(SessionGraphRevocation, of_each_node_takes_its_subtree_and_nothing_above) {
  struct Case {
    const char* type;
    std::size_t index;
    const char* fallen;
    const char* alive;
  };
  for (const auto& c : {Case{"grant", 0, "sessions=1 grants=2 refresh_tokens=2 ", ""},
                        Case{"refresh_token", 0, "sessions=1 grants=1 refresh_tokens=2 ", ""},
                        Case{"session_transfer_token", 0, "sessions=1 grants=1 refresh_tokens=1 ", "native "},
                        Case{"session", 0, "sessions=1 grants=1 refresh_tokens=1 ", "native "},
                        Case{"grant", 1, "grants=1 refresh_tokens=1 ", "native session "},
                        Case{"refresh_token", 1, "refresh_tokens=1 ", "native session "}}) {
    auto handed = hand_over();
    EXPECT_EQ(alive(handed), "native session web ");
    const auto node = nodes_of(graph("session_id=" + handed.sid), c.type).at(c.index);
    EXPECT_EQ(fallen(node), c.fallen) << c.type << c.index;
    EXPECT_EQ(alive(handed), c.alive) << c.type << c.index;
    EXPECT_EQ(fallen(node), "") << "again";
  }
}

TEST_F(SessionGraphRevocation, cascades_whatever_the_client_says_and_what_was_revoked_before_without) {
  handoff.set_native({{"can_create_session_transfer_token", true}, {"enforce_cascade_revocation", false}});
  auto one = hand_over(), two = hand_over();
  handoff.revoke(two.native, false);
  EXPECT_EQ(alive(one), "native session web ");
  EXPECT_EQ(alive(two), "session web ");
  for (auto* handed : {&one, &two}) {
    fallen(nodes_of(graph("session_id=" + handed->sid), "refresh_token").at(0));
    EXPECT_EQ(alive(*handed), "");
  }
}

TEST_F(SessionGraphRevocation, leaves_a_session_opened_by_hand_and_takes_what_the_transfer_brought_into_it) {
  auto handed = hand_over(handoff.sign_in(), handoff.browser_of(handoff.ada));
  EXPECT_EQ(alive(handed), "native session web ");
  fallen(only(of_user(), "session_transfer_token"));
  EXPECT_EQ(alive(handed), "native session ");
  auto again = hand_over(handed.native, handed.browser);
  for (const auto& node : nodes_of(of_user(), "refresh_token"))
    if (text_of(node, "client_id") == handoff.native.client_id) fallen(node);
  EXPECT_EQ(alive(again), "session ");
}

TEST_F(SessionGraphRevocation, of_a_handoff_takes_the_token_in_hand_and_the_code_in_flight) {
  const auto native = handoff.sign_in();
  const auto unspent = handoff.transfer_of(native);
  EXPECT_EQ(fallen(only(of_user(), "session_transfer_token")), "session_transfer_tokens=1 ");
  auto stranger = handoff.browser();
  EXPECT_TRUE(handoff.redeem(stranger, unspent).is_login_page());
  EXPECT_TRUE(handoff.stored_session(handoff.browser_of(handoff.ada)).ancestry.transfer_id.empty());

  // Into a session that lives on, and one that the transfer opened.
  for (auto browser : {handoff.browser_of(handoff.ada), handoff.browser()}) {
    const auto page = handoff.redeem(browser, handoff.transfer_of(native), offline());
    ASSERT_FALSE(page.parameter("code").empty());
    fallen(nodes_of(of_user(), "session_transfer_token").back());
    EXPECT_EQ(handoff.exchange_code(page).error(), "invalid_grant");
  }
  EXPECT_TRUE(lives(handoff.native, native));
}

TEST_F(SessionGraphRevocation, of_an_unknown_node_is_told_and_ends_nothing) {
  auto handed = hand_over();
  const auto node = text_of(only(of_user(), "session"), "node");
  for (const auto& bad : {std::string("nothing"), handed.sid, node + "A", "node_" + node.substr(6) + "A"}) {
    const auto answer = revoke(bad);
    EXPECT_EQ(answer.status, 404) << bad;
    EXPECT_EQ(text_of(object_of(answer), "errorCode"), "inexistent_node") << bad;
  }
  EXPECT_EQ(alive(handed), "native session web ");
}

// One handoff, followed through the log by its transfer_id alone.
struct TransferTrail : SessionGraphRevocation {
  std::multiset<std::string> trail(const std::string& transfer_id) {
    std::multiset<std::string> out;
    for (const auto& row : world.logs("transfer_id:" + transfer_id)) out.insert(text_of(row, "type"));
    return out;
  }
  std::string transfer_id() { return text_of(only(of_user(), "session"), "transfer_id"); }
};

TEST_F(TransferTrail, names_every_row_from_the_exchange_to_the_revocation) {
  auto handed = hand_over();
  EXPECT_EQ(trail(transfer_id()), (std::multiset<std::string>{"sertft", "s", "seacft"}));
  ASSERT_TRUE(lives(handoff.web, handed.web));  // a later refresh
  handoff.sid_in(handed.browser);               // a later sign-in without a page
  EXPECT_EQ(trail(transfer_id()), (std::multiset<std::string>{"sertft", "s", "seacft", "sertft", "ssa", "seacft"}));
  const auto revoked = world.send(form_request(
      "/oauth/revoke",
      parameters({{"client_id", handoff.web.client_id}, {"client_secret", handoff.web.client_secret}, {"token", handed.web}})));
  EXPECT_EQ(revoked.status, 200);
  EXPECT_EQ(trail(transfer_id()).count("srrt"), 1u);
  ASSERT_FALSE(lives(handoff.web, handed.web));
  EXPECT_EQ(trail(transfer_id()).count("fertft"), 1u);
  handed.browser.open("/v2/logout?client_id=" + handoff.web.client_id);
  EXPECT_EQ(trail(transfer_id()).count("slo"), 1u);
}

TEST_F(TransferTrail, names_a_refused_redemption_and_a_code_that_came_too_late) {
  auto first = handoff.browser(), second = handoff.browser();
  const auto token = handoff.transfer();
  const auto page = handoff.redeem(first, token);
  const auto id = text_of(handoff.only_row("sertft"), "transfer_id");
  EXPECT_TRUE(handoff.redeem(second, token).is_login_page());
  EXPECT_EQ(trail(id), (std::multiset<std::string>{"sertft", "s", "w"}));
  world.manage(Method::delete_, "sessions/" + handoff.sid_in(first));
  EXPECT_EQ(trail(id).count("sapi"), 1u);
  EXPECT_EQ(handoff.exchange_code(page).error(), "invalid_grant");
  EXPECT_EQ(trail(id).count("feacft"), 1u);
}

TEST_F(TransferTrail, names_what_the_management_api_ended) {
  auto handed = hand_over();
  const auto id = transfer_id();
  world.manage(Method::delete_, "refresh-tokens/" + text_of(nodes_of(of_user(), "refresh_token").at(1), "id"));
  EXPECT_EQ(trail(id).count("sapi"), 1u);
  fallen(only(of_user(), "session"));
  EXPECT_EQ(trail(id).count("sapi"), 2u);
}

struct SessionGraphOnPostgres : SessionGraph {
  SessionGraphOnPostgres() : SessionGraph(Engine::postgres) {}
};

TEST_F(SessionGraphOnPostgres, is_the_same) {
  const auto handed = hand_over();
  EXPECT_EQ(shape(of_user()), kHandoffShape);
  EXPECT_EQ(shape(graph("session_id=" + handed.sid)), kHandoffShape);
  for (const auto* type : {"session_transfer_token", "session", "refresh_token", "grant"}) {
    const auto node = text_of(nodes_of(of_user(), type).at(0), "node");
    EXPECT_EQ(world.manage(Method::post, "segue/session-graph/" + node + "/revoke", json::object{}).status, 200) << type;
  }
  for (const auto& node : nodes_of(of_user())) EXPECT_NE(text_of(node, "state"), "live") << json::write(node);
}

}  // namespace
}  // namespace segue::test
