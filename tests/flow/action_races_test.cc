// Actions changed by many at once: on SQLite, and through two nodes on one PostgreSQL, which share nothing but the database.
#include <barrier>
#include <set>
#include <thread>

#include "actions_flow.h"

namespace segue::test {
namespace {

using ::testing::IsEmpty;

constexpr int kParallel = 16;

class ActionRaces : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    WorldOptions options;
    options.engine = GetParam();
    options.actions = &desk;
    world = std::make_unique<World>(options);
    nodes = {&world->node(), &world->add_node()};
    authorization = "Bearer " + world->management_token();
  }
  http::Response call(Node& node, http::Method method, const std::string& path, const json::value& body = json::object{}) {
    auto request = json_request(method, "/api/v2/" + path, body);
    request.headers.add("authorization", authorization);
    return node.send(std::move(request));
  }
  json::object draft(const std::string& name) {
    return {{"name", name}, {"supported_triggers", json::array{json::object{{"id", "post-login"}}}}, {"code", kCode}};
  }
  std::string create(const json::object& body) {
    return std::string(world->managed(http::Method::post, "actions/actions", body).at("id").as_string());
  }
  template <class Ask>
  std::vector<http::Response> at_once(const Ask& ask) {
    std::vector<http::Response> answers(kParallel);
    std::barrier start(kParallel);
    std::vector<std::thread> threads;
    for (int k = 0; k < kParallel; ++k) {
      threads.emplace_back([&, k] {
        start.arrive_and_wait();
        answers[static_cast<std::size_t>(k)] = ask(k, *nodes[static_cast<std::size_t>(k) % 2]);
      });
    }
    for (auto& thread : threads) thread.join();
    return answers;
  }
  static int count(const std::vector<http::Response>& answers, int status) {
    return static_cast<int>(
        std::count_if(answers.begin(), answers.end(), [&](const auto& answer) { return answer.status == status; }));
  }

  TestDesk desk;
  std::unique_ptr<World> world;
  std::vector<Node*> nodes;
  std::string authorization;
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, ActionRaces, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres_two_nodes"; });

TEST_P(ActionRaces, deployments_of_one_draft_make_one_version) {
  const auto id = create(draft("mine"));
  for (const auto& answer :
       at_once([&](int, Node& node) { return call(node, http::Method::post, "actions/actions/" + id + "/deploy"); })) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(object_of(answer).at("number").as_int64(), 1);
  }
  EXPECT_EQ(world->managed(http::Method::get, "actions/actions/" + id + "/versions").at("versions").as_array().size(), 1u);
}

TEST_P(ActionRaces, goings_back_number_their_versions_one_by_one) {
  const auto id = create(draft("mine"));
  const auto first = world->managed(http::Method::post, "actions/actions/" + id + "/deploy");
  const auto path = "actions/actions/" + id + "/versions/" + std::string(first.at("id").as_string()) + "/deploy";
  std::set<std::int64_t> numbers;
  for (const auto& answer : at_once([&](int, Node& node) { return call(node, http::Method::post, path); })) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    numbers.insert(object_of(answer).at("number").as_int64());
  }
  EXPECT_EQ(numbers.size(), std::size_t{kParallel});
  EXPECT_EQ(*numbers.rbegin(), kParallel + 1);
  const auto action = world->managed(http::Method::get, "actions/actions/" + id);
  EXPECT_EQ(action.at("deployed_version").at("number").as_int64(), kParallel + 1);
}

TEST_P(ActionRaces, only_the_last_free_places_are_taken) {
  for (int k = 0; k < 95; ++k) create(draft("n" + std::to_string(k)));
  const auto answers = at_once(
      [&](int k, Node& node) { return call(node, http::Method::post, "actions/actions", draft("race" + std::to_string(k))); });
  EXPECT_EQ(count(answers, 201), 5);
  EXPECT_EQ(count(answers, 403), kParallel - 5);
}

TEST_P(ActionRaces, one_name_is_given_once) {
  const auto answers = at_once([&](int, Node& node) { return call(node, http::Method::post, "actions/actions", draft("mine")); });
  EXPECT_EQ(count(answers, 201), 1);
  EXPECT_EQ(count(answers, 409), kParallel - 1);
}

TEST_P(ActionRaces, nothing_is_bound_that_was_deleted) {
  auto body = draft("mine");
  body["deploy"] = true;
  const auto id = create(body);
  const json::object binding{{"ref", json::object{{"type", "action_id"}, {"value", id}}}};
  const auto answers = at_once([&](int k, Node& node) {
    if (k % 4 == 3) return call(node, http::Method::delete_, "actions/actions/" + id + "?force=true");
    return call(node, http::Method::patch, "actions/triggers/post-login/bindings",
                json::object{{"bindings", json::array{binding, binding}}});
  });
  EXPECT_EQ(count(answers, 204), 1);
  for (auto* node : nodes) {
    node->product().refresh_tenants();
    EXPECT_THAT(*node->product().tenants().snapshot(world->tenant())->bindings("post-login"), IsEmpty());
  }
}

}  // namespace
}  // namespace segue::test
