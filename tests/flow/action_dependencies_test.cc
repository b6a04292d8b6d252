// Actions with npm packages, from the Management API to the folders that a node keeps for them.
#include <gmock/gmock.h>

#include <set>

#include "actions/registry.h"
#include "app/action_runtime.h"
#include "app/dependency_folders.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kShouts = R"js(
const { shout } = require('tiny');
exports.onExecutePostLogin = async (event, api) => api.access.deny(shout(event.user.email));
)js";

struct ActionDependencies : ::testing::Test {
  Registry registry;
  TestFolder folder;
  ManualClock clock;
  SeededRandom random{5};
  app::ActionRuntime runtime{config(), app::DataFolder(folder.path()), clock, random};
  Handoff h{{.world = {.pipeline = &runtime.pipeline(), .actions = &runtime}}};
  app::DependencyFolders folders{versions(), h.world.node().product().tenants(), h.world.clock};

  app::Config config() const {
    app::Config out;
    out.actions_node = test_node();
    out.actions_npm_registry = registry.url();
    out.outbound_ca_file = registry.server().ca_file();
    out.outbound_allow_private = true;
    return out;
  }
  std::filesystem::path versions() const { return std::filesystem::path(folder.path()) / "actions" / "versions"; }
  void SetUp() override {
    if (const auto problem = runtime.problem()) GTEST_SKIP() << *problem;
    if (!std::filesystem::exists("/usr/bin/npm")) GTEST_SKIP() << "no npm";
  }
  std::string create(bool deploy, const std::string& name = "Shouts") {
    const auto made =
        h.world.managed(http::Method::post, "actions/actions",
                        json::object{{"name", name},
                                     {"supported_triggers", json::array{json::object{{"id", "post-login"}}}},
                                     {"code", kShouts},
                                     {"dependencies", json::array{json::object{{"name", "tiny"}, {"version", "1.2.3"}}}},
                                     {"deploy", deploy}});
    return text_of(made.as_object(), "id");
  }
  json::object try_out(const std::string& id) {
    return h.world
        .managed(http::Method::post, "actions/actions/" + id + "/test",
                 json::object{{"payload", {{"event", {{"user", {{"email", "ada@example.com"}}}}}}}})
        .as_object();
  }
  void deploy(const std::string& id) { h.world.managed(http::Method::post, "actions/actions/" + id + "/deploy"); }
  void remove(const std::string& id) { h.world.managed(http::Method::delete_, "actions/actions/" + id); }
  std::set<std::string> kept() const {
    std::set<std::string> out;
    std::error_code none_yet;
    for (const auto& entry : std::filesystem::directory_iterator(versions(), none_yet))
      out.insert(entry.path().filename().string());
    return out;
  }
  // What a node's background does in a quarter of an hour.
  void sweep() {
    folders.sweep();
    h.world.clock.advance(15min);
    folders.sweep();
  }
};

TEST_F(ActionDependencies, are_there_when_a_draft_or_a_version_is_tried) {
  const auto id = create(false);
  const auto tried = json::write(try_out(id));
  EXPECT_THAT(tried, HasSubstr(R"("arguments":["ADA@EXAMPLE.COM!"])")) << tried;
  EXPECT_THAT(kept(), IsEmpty()) << "a trial leaves nothing";
  deploy(id);
  EXPECT_THAT(kept(), SizeIs(1));
  EXPECT_THAT(json::write(try_out(id)), HasSubstr("ADA@EXAMPLE.COM!"));
  EXPECT_THAT(kept(), SizeIs(1));
}

TEST_F(ActionDependencies, that_cannot_be_installed_are_told_to_who_tries) {
  const auto id = create(false);
  h.world.managed(http::Method::patch, "actions/actions/" + id,
                  json::object{{"dependencies", json::array{json::object{{"name", "tiny"}, {"version", "9.9.9"}}}}});
  const auto refused = h.world.manage(http::Method::post, "actions/actions/" + id + "/test",
                                      json::object{{"payload", {{"event", json::object{}}}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("No matching version found for tiny@9.9.9"));
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(ActionDependencies, go_with_their_action_and_stay_with_another) {
  const auto gone = create(true), stays = create(true, "Stays");
  EXPECT_THAT(kept(), SizeIs(2));
  sweep();
  EXPECT_THAT(kept(), SizeIs(2));
  remove(gone);
  folders.sweep();
  h.world.clock.advance(9min);
  folders.sweep();
  EXPECT_THAT(kept(), SizeIs(2)) << "a call that began with them may last";
  h.world.clock.advance(1min);
  folders.sweep();
  EXPECT_THAT(kept(), SizeIs(1));
  EXPECT_THAT(json::write(try_out(stays)), HasSubstr("ADA@EXAMPLE.COM!"));
}

TEST_F(ActionDependencies, of_nobody_go_also_when_the_server_that_left_them_is_gone) {
  create(true);
  for (const auto* left : {"trial-of-a-dead-server", "version-of-a-tenant-that-is-gone", "version.4711.new"})
    std::filesystem::create_directories(versions() / left / "node_modules");
  EXPECT_THAT(kept(), SizeIs(4));
  sweep();
  EXPECT_THAT(kept(), SizeIs(1));
}

// The one that was installed last could be in the way of a version that is about to be stored.
TEST_F(ActionDependencies, are_not_taken_from_a_version_that_is_being_deployed) {
  std::filesystem::create_directories(versions() / "in-the-making");
  folders.sweep();
  h.world.clock.advance(app::DependencyFolders::kGrace - 1s);
  folders.sweep();
  EXPECT_THAT(kept(), SizeIs(1));
}

}  // namespace
}  // namespace segue::test
