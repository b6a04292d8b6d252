// npm packages of Actions: from a registry of this machine, through the proxy, into a folder that the next call may only read.
#include <gmock/gmock.h>

#include <fstream>

#include "actions/installer.h"
#include "actions/registry.h"
#include "outbound/proxy.h"

namespace segue::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct ActionsInstaller : testing::TestWithParam<Sandboxed> {
  Registry registry;
  Runtime runtime{GetParam(), [this](auto& options, auto&) { options.sandbox.ca_file = registry.server().ca_file(); }};
  TestFolder folder;
  outbound::Proxy proxy{folder / "proxy.sock", {.allow_private = true}};
  actions::Installer installer{
      runtime.runner->sandbox(),
      {.folder = folder / "versions", .registry = registry.url(), .proxy_socket = folder / "proxy.sock"}};
  void SetUp() override {
    if (!installer.problem().empty()) GTEST_SKIP() << installer.problem();
  }
};

INSTANTIATE_TEST_SUITE_P(Sandbox, ActionsInstaller, testing::Values(Sandboxed::yes, Sandboxed::no),
                         [](const auto& each) { return each.param == Sandboxed::yes ? "with" : "without"; });

TEST_P(ActionsInstaller, installs_exact_versions_without_scripts_for_an_action_to_require) {
  const auto installed = installer.install("v1", {{"tiny", "1.2.3"}});
  ASSERT_TRUE(installed.ok()) << installed.error().description;
  EXPECT_EQ(installed->folder, installer.find("v1"));
  EXPECT_THAT(installed->lockfile, HasSubstr("\"node_modules/tiny\":{\"version\":\"1.2.3\""));
  EXPECT_THAT(installed->lockfile, HasSubstr("sha512-"));
  EXPECT_THAT(installed->lockfile, Not(HasSubstr("localhost"))) << "not where it came from";
  EXPECT_FALSE(std::filesystem::exists(installed->folder + "/node_modules/tiny/ran.txt"));

  auto uses = post_login(
      "const tiny = require('tiny'); console.log(tiny.shout('hello'));"
      "try { tiny.write(); console.log('written') } catch (e) { console.log(e.code) }"
      "console.log((await import('tiny')).default.shout('esm'))");
  uses.version_id = "v1";
  uses.folder = installed->folder;
  const auto outcome = runtime.run(invocation({uses}));
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "HELLO!\nERR_ACCESS_DENIED\nESM!");
  const auto other = runtime.run(invocation({post_login("require('tiny')")}));
  EXPECT_THAT(summary(other), HasSubstr("Cannot find module 'tiny'")) << "another Action does not see it";

  const auto again = installer.install("v2", {{"tiny", "1.2.3"}}, installed->lockfile);
  ASSERT_TRUE(again.ok()) << again.error().description;
  EXPECT_EQ(again->lockfile, installed->lockfile);
  installer.remove("v1");
  EXPECT_EQ(installer.find("v1"), "");
}

TEST_P(ActionsInstaller, installs_nothing_else_than_the_lockfile_names) {
  const auto installed = installer.install("v1", {{"tiny", "1.2.3"}});
  ASSERT_TRUE(installed.ok()) << installed.error().description;
  registry.change();
  const auto changed = installer.install("v2", {{"tiny", "1.2.3"}}, installed->lockfile);
  ASSERT_FALSE(changed.ok());
  EXPECT_THAT(changed.error().description, HasSubstr("EINTEGRITY"));
  EXPECT_EQ(installer.find("v2"), "");
  EXPECT_FALSE(installer.install("v3", {{"tiny", "1.2.4"}}, installed->lockfile).ok()) << "the lockfile is another's";
}

TEST(ActionsLockfile, keeps_versions_and_hashes_and_no_address) {
  EXPECT_EQ(
      actions::portable_lockfile(
          R"({"lockfileVersion":3,"packages":{"":{"name":"action"},"node_modules/a":{"version":"1.0.0","resolved":"https://r/a.tgz",)"
          R"("integrity":"sha512-x","funding":{"url":"https://f"}}},"dependencies":{"a":{"resolved":"https://r/a.tgz"}}})"),
      R"({"lockfileVersion":3,"packages":{"":{"name":"action"},"node_modules/a":{"version":"1.0.0","integrity":"sha512-x"}}})");
  for (const auto* broken : {"", "no", "[]", "{}", R"({"packages":{"a":1}})"}) EXPECT_EQ(actions::portable_lockfile(broken), "");
}

TEST_P(ActionsInstaller, tells_what_npm_says) {
  const auto unknown = installer.install("v1", {{"unknown-package", "1.0.0"}});
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().description, StartsWith("npm could not install the dependencies: code E404"));
  const auto version = installer.install("v1", {{"tiny", "9.9.9"}});
  ASSERT_FALSE(version.ok());
  EXPECT_THAT(version.error().description, HasSubstr("No matching version found for tiny@9.9.9"));
  EXPECT_EQ(installer.find("v1"), "") << "nothing is left";
}

TEST(ActionsDependency, is_a_public_package_in_an_exact_version) {
  for (const auto& [name, version] : std::vector<std::pair<std::string, std::string>>{
           {"lodash", "4.17.21"}, {"@scope/name", "1.0.0-rc.1"}, {"a.b_c-d", "0.0.1+build"}})
    EXPECT_TRUE(actions::check_dependency({name, version}).ok()) << name << version;
  for (const auto& [name, version] : std::vector<std::pair<std::string, std::string>>{
           {"lodash", "^4.17.21"},   {"lodash", "latest"}, {"lodash", "4"},           {"lodash", "4.17"},
           {"lodash", "1.2.3 || 2"}, {"lodash", ""},       {"lodash", "file:../x"},   {"lodash", "git+https://a/b"},
           {"lodash", "1.2.3-"},     {"lodash", "1..2.3"}, {"lodash", "npm:x@1.0.0"}, {"../x", "1.0.0"},
           {"--flag", "1.0.0;"},     {"", "1.0.0"},        {".hidden", "1.0.0"},      {"@scope", "1.0.0"},
           {"@/x", "1.0.0"},         {"A", "1.0.0"},       {"a b", "1.0.0"},          {"a@1", "1.0.0"},
           {"__proto__", "1.0.0"}})
    EXPECT_FALSE(actions::check_dependency({name, version}).ok()) << name << " " << version;
}

}  // namespace
}  // namespace segue::test
