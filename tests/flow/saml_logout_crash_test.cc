// kill -9 around every commit of single logout (design §8.1, docs/decisions/0041): the browser that comes back is led on from
// where it stood, each service provider is asked under one ID, and whoever was not told is named in the log.
#include <gmock/gmock.h>

#include <set>

#include "base/system_clock.h"
#include "crash.h"
#include "saml_logout_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

using http::Method;
using ::testing::HasSubstr;

constexpr const char* kRealm = "https://rp.example/signin";

base::Instant now() { return base::SystemClock().now(); }

// Service providers of a deployment.
struct Providers {
  const Deployment* deployment = nullptr;
  Party a, b;
  xml::PublicKey idp_key;
  std::string token;              // of the Management API
  std::chrono::seconds ahead{0};  // the server's time

  Providers(const Deployment& in, const ServerProcess& server)
      : deployment(&in),
        a(add(server, "a")),
        b(add(server, "b")),
        idp_key(SamlFlow::idp_key_in(server.send(request_for(Method::get, "/samlp/metadata/" + a.client.client_id)))),
        token(in.management_token(server)) {
    if (b.client.client_id < a.client.client_id) std::swap(a, b);  // who is asked first
    deployment->managed(server, Method::patch, "clients/" + deployment->web.client_id,
                        json::object{{"allowed_logout_urls", json::array{kAfterLogout}},
                                     {"callbacks", json::array{kCallback, kRealm}},
                                     {"addons", {{"wsfed", json::object{}}}}});
  }
  Party add(const ServerProcess& server, const std::string& name) const {
    const auto callback = "https://" + name + ".example/slo";
    const auto made = deployment->managed(server, Method::post, "clients",
                                          json::object{{"name", name},
                                                       {"app_type", "regular_web"},
                                                       {"callbacks", json::array{"https://" + name + ".example/callback"}},
                                                       {"addons", {{"samlp", logout_addon(callback)}}}});
    const auto client_id = text_of(made.as_object(), "client_id");
    const auto connections = deployment->managed(server, Method::get, std::string("connections?name=") + kPasswordRealm);
    deployment->managed(server, Method::patch,
                        "connections/" + text_of(connections.as_array().at(0).as_object(), "id") + "/clients",
                        json::array{json::object{{"client_id", client_id}, {"status", true}}});
    return {{client_id, ""}, callback, {}, {}};
  }
  void sign_in(Browser& browser, Party& at) const {
    static int count = 0;
    const auto request = SamlFlow::text_of({.id = "_r" + std::to_string(++count),
                                            .issuer = "sp",
                                            .consumer = at.callback.substr(0, at.callback.rfind('/')) + "/callback",
                                            .destination = logout_party_url(at),
                                            .issued = now() + ahead});
    auto page =
        browser.open(saml_messages::redirect_to(logout_party_url(at), saml_messages::MessageKind::request, request, std::nullopt,
                                                saml_messages::RedirectSignature{service_provider_key().key}));
    if (page.is_login_page()) page = browser.submit_login(page, deployment->ada);
    const auto answer = SamlFlow::read(page);
    at.name_id = answer.name_id();
    at.session_index = answer.session_index();
  }
  std::string v2_logout() const {
    return "/v2/logout?client_id=" + deployment->web.client_id + "&returnTo=" + base::percent_encode(kAfterLogout);
  }
  // The newest rows of the log, down to the one that the last sign-out wrote and further.
  std::vector<json::object> newest_rows(const ServerProcess& server) const {
    auto request = request_for(Method::get, "/api/v2/logs?per_page=100&sort=date:-1");
    request.headers.set("authorization", "Bearer " + token);
    std::vector<json::object> out;
    const auto answer = json::parse(server.send(request).body).value();
    for (const auto& row : answer.as_array()) out.push_back(row.as_object());
    return out;
  }
  // Rows that say who was not told, by their ids.
  std::map<std::string, std::string> untold_rows(const ServerProcess& server) const {
    // The log is shown in order and a little later: what was written before this refusal is there when it is.
    static int count = 0;
    const auto mark = "https://evil.example/" + std::to_string(++count);
    server.browser().open("/v2/logout?client_id=" + deployment->web.client_id + "&returnTo=" + base::percent_encode(mark));
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < end) {
      std::map<std::string, std::string> out;
      bool complete = false;
      for (const auto& row : newest_rows(server)) {
        complete |= detail_of(row, "return_to") == mark;
        const auto description = text_of(row, "description");
        if (description.find("Not told: ") != std::string::npos) out[text_of(row, "log_id")] = description;
      }
      if (complete) return out;
    }
    throw std::runtime_error("the log was not shown in time");
  }
};

// A browser that is signed in at both.
struct SignedIn {
  std::map<std::string, std::string> cookies;
  Party a, b;
  Page asked = {};  // where the walk stands, if it has begun
};

struct SamlLogoutCrash : Crash {
  std::optional<Providers> providers;
  std::map<std::string, std::string> cookies;          // of the browser, as the kill left them
  std::map<std::string, std::set<std::string>> asked;  // IDs of requests, by SessionIndex
  std::set<std::string> seen;                          // rows of the log

  void SetUp() override {
    Crash::SetUp();
    if (!IsSkipped()) providers.emplace(*deployment, *server);
  }
  Browser browser_with(const std::map<std::string, std::string>& kept) const {
    auto out = server->browser();
    for (const auto& [name, value] : kept) out.plant(name, value);
    return out;
  }
  SignedIn signed_in() {
    auto browser = server->browser();
    SignedIn out{.cookies = {}, .a = providers->a, .b = providers->b};
    providers->sign_in(browser, out.a);
    providers->sign_in(browser, out.b);
    out.cookies = browser.cookies();
    asked.clear();
    return out;
  }
  SignedIn asked_first() {
    auto out = signed_in();
    auto browser = browser_with(out.cookies);
    out.asked = browser.open(providers->v2_logout());
    EXPECT_TRUE(is_at(out.asked, out.a)) << out.asked.url;
    out.cookies = browser.cookies();
    note(out, out.asked);
    return out;
  }
  Page open(const SignedIn& signed_in, const std::string& url) {
    auto browser = browser_with(signed_in.cookies);
    auto page = browser.open(url);
    cookies = browser.cookies();
    return page;
  }
  // A service provider has been asked. It answers.
  std::string note(const SignedIn& signed_in, const Page& page) {
    const auto& party = is_at(page, signed_in.a) ? signed_in.a : signed_in.b;
    const auto sent = read_logout_request_of(page, providers->idp_key);
    EXPECT_EQ(sent.request.session_indexes, std::vector<std::string>{party.session_index});
    asked[party.session_index].insert(sent.request.header.id);
    return logout_answer_link(party, sent, {}, now());
  }
  // The service providers answer until somebody else has the browser.
  Page play(const SignedIn& signed_in, Browser& browser, Page page) {
    for (int k = 0; k < 4 && (is_at(page, signed_in.a) || is_at(page, signed_in.b)); ++k)
      page = browser.open(note(signed_in, page));
    return page;
  }
  bool is_session_live(const SignedIn& signed_in) const {
    auto browser = server->browser();
    browser.plant("auth0", signed_in.cookies.at("auth0"));
    return !browser.open(login_url()).is_login_page();
  }
  // What the log says of this round: each looks once.
  std::string untold() {
    std::string out;
    for (const auto& [id, description] : providers->untold_rows(*server)) {
      const auto names = [&](const Party& party) { return description.find(party.client.client_id) != std::string::npos; };
      if ((names(providers->a) || names(providers->b)) && seen.insert(id).second) out += description + "\n";
    }
    return out;
  }
  void expect_all_told_once(const SignedIn& signed_in) {
    for (const auto* party : {&signed_in.a, &signed_in.b}) EXPECT_EQ(asked[party->session_index].size(), 1u);
    EXPECT_EQ(untold(), "");
  }
};
INSTANTIATE_TEST_SUITE_P(Kill, SamlLogoutCrash, every_kill(), kill_name);

TEST_P(SamlLogoutCrash, a_sign_out_goes_on_where_it_stood_when_the_page_is_loaded_again) {
  int round = 0;
  around_every_commit([&] { return signed_in(); }, [&](const SignedIn& before) { return open(before, providers->v2_logout()); },
                      [&](const SignedIn& before, const Page& page, bool answered) {
                        const bool committed = answered || round > 0 || point() == "after_commit";
                        EXPECT_EQ(is_session_live(before), !committed) << round;
                        ++round;
                        auto browser = browser_with(cookies);
                        const auto end = play(before, browser, answered ? page : browser.open(page.url));
                        EXPECT_EQ(end.url, kAfterLogout) << end.response.body;
                        expect_all_told_once(before);
                      });
}

TEST_P(SamlLogoutCrash, a_sign_out_that_is_asked_for_again_tells_the_others_and_names_whom_it_cannot) {
  around_every_commit([&] { return signed_in(); }, [&](const SignedIn& before) { return open(before, providers->v2_logout()); },
                      [&](const SignedIn& before, const Page&, bool) {
                        auto browser = browser_with(cookies);
                        const auto end = play(before, browser, browser.open(providers->v2_logout()));
                        EXPECT_EQ(end.url, kAfterLogout) << end.response.body;
                        EXPECT_FALSE(is_session_live(before));
                        const auto named_ones = untold();
                        for (const auto* party : {&before.a, &before.b}) {
                          const bool named = named_ones.find(party->client.client_id) != std::string::npos;
                          EXPECT_EQ(asked[party->session_index].size(), named ? 0u : 1u) << named_ones;
                        }
                      });
}

TEST_P(SamlLogoutCrash, images_are_shown_again_when_their_page_was_lost) {
  const auto path_in = [](const Page& page) {
    const auto from = page.response.body.find("/u/logout?");
    return page.response.body.substr(from, page.response.body.find('"', from) - from);
  };
  around_every_commit(
      [&] {
        auto out = signed_in();
        auto browser = browser_with(out.cookies);
        browser.open("/wsfed/" + web.client_id + "?wa=wsignin1.0&wtrealm=urn:" + web.client_id +
                     "&wreply=" + base::percent_encode(kRealm));
        return out;
      },
      [&](const SignedIn& before) { return open(before, providers->v2_logout()); },
      [&](const SignedIn& before, const Page& page, bool answered) {
        auto browser = browser_with(cookies);
        const auto shown = answered ? page : browser.open(page.url);
        ASSERT_THAT(shown.response.body, HasSubstr("https://rp.example/signin?wa=wsignoutcleanup1.0"));
        EXPECT_EQ(play(before, browser, browser.open(path_in(shown))).url, kAfterLogout);
        expect_all_told_once(before);
      });
}

TEST_P(SamlLogoutCrash, an_answer_leads_to_the_next_one_once) {
  around_every_commit(
      [&] { return asked_first(); },
      [&](const SignedIn& before) {
        return open(before, logout_answer_link(before.a, read_logout_request_of(before.asked, providers->idp_key), {}, now()));
      },
      [&](const SignedIn& before, const Page& page, bool answered) {
        auto browser = browser_with(cookies);
        auto next = answered ? page : browser.open(page.url);
        if (next.status == 400) {
          // It counted, and what it led to was lost.
          EXPECT_EQ(point(), "after_commit");
          const auto from = next.response.body.find("/u/logout?");
          ASSERT_NE(from, std::string::npos) << next.response.body;
          next = browser.open(next.response.body.substr(from, next.response.body.find('"', from) - from));
        }
        ASSERT_TRUE(is_at(next, before.b)) << next.url << next.response.body;
        EXPECT_EQ(play(before, browser, next).url, kAfterLogout);
        expect_all_told_once(before);
      });
}

// Server time is moved: a deployment of its own.
struct SamlLogoutExpiry : ::testing::TestWithParam<Engine> {
  std::optional<FreshDatabase> database;
  std::optional<Deployment> deployment;
  std::unique_ptr<ServerProcess> server;
  std::optional<Providers> providers;

  void SetUp() override {
    if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    if (GetParam() == Engine::postgres) database.emplace(*FreshDatabase::server_url());
    deployment.emplace(database ? database->url() : "");
    server = deployment->start();
    providers.emplace(*deployment, *server);
  }
  Browser signed_in() {
    auto browser = server->browser();
    providers->sign_in(browser, providers->a);
    providers->sign_in(browser, providers->b);
    return browser;
  }
  // When the look for walks that stand still has found that many.
  std::map<std::string, std::string> rows_once(std::size_t expected) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    for (;;) {
      auto rows = providers->untold_rows(*server);
      if (rows.size() >= expected || std::chrono::steady_clock::now() > end) return rows;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Kill, SamlLogoutExpiry, testing::Values(Engine::sqlite, Engine::postgres), [](const auto& parameter) {
  return std::string(parameter.param == Engine::sqlite ? "sqlite" : "postgres");
});

TEST_P(SamlLogoutExpiry, of_a_sign_out_whose_browser_was_lost_with_the_server_is_logged_once) {
  auto browser = signed_in();
  server->die_at("after_commit", 0);
  EXPECT_EQ(browser.open(providers->v2_logout()).status, 0);
  ASSERT_TRUE(server->died());
  server = deployment->start();
  EXPECT_TRUE(providers->untold_rows(*server).empty());
  server->advance(610s);
  const auto rows = rows_once(1);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_THAT(rows.begin()->second, HasSubstr(providers->a.client.client_id));
  EXPECT_THAT(rows.begin()->second, HasSubstr(providers->b.client.client_id));
  server->kill();
  server = deployment->start();
  providers->ahead = 610s;  // it knows from its rows that it was as late as that
  // Another one that stands still: when it is found, the first was looked at again.
  auto other = signed_in();
  EXPECT_TRUE(is_at(other.open(providers->v2_logout()), providers->a));
  server->advance(1300s);
  EXPECT_EQ(rows_once(2).size(), 2u);
}

}  // namespace
}  // namespace segue::test
