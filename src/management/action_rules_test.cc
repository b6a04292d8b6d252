#include "management/action_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "management/action_fields.h"
#include "model/action_trigger.h"

#include "support/seeded_random.h"

namespace segue::management {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// What the rules say of `body`, empty when they take it.
std::string refusal_of(std::string_view body) {
  model::ActionSource source;
  const auto changed = change_source(json::parse(body)->get_object(), source);
  return changed.ok() ? "" : changed.error().description;
}

std::string dependency(std::string_view name, std::string_view version) {
  return json::write(json::object{{"dependencies", json::array{json::object{{"name", name}, {"version", version}}}}});
}

TEST(ActionDependencies, are_exact_versions_of_packages) {
  for (const auto* version : {"1.2.3", "0.0.1", "10.20.30-beta.1", "1.0.0+build.5", "1.0.0-rc-1+x"})
    EXPECT_EQ(refusal_of(dependency("lodash", version)), "") << version;
  for (const auto* version :
       {"^1.2.3", "~1.2.3", "1.x", "1.2", "*", "latest", "", ">=1.0.0", "1.2.3 || 2.0.0", "1.2.3.4", "01.2.3", "1.2.3-", "v1.2.3",
        "npm:evil@1.2.3", "git+https://evil.example/x.git", "file:../x", "https://evil.example/x.tgz", "1.2.3 ", "1.2.3\n"}) {
    EXPECT_THAT(refusal_of(dependency("lodash", version)), HasSubstr("one exact version")) << version;
  }
  for (const auto* name : {"lodash", "@auth0/actions", "date-fns", "socket.io"})
    EXPECT_EQ(refusal_of(dependency(name, "1.2.3")), "") << name;
  for (const auto* name :
       {"", "..", "../x", "_x", "@scope", "@/x", "Upper", "a b", "-g", "--registry", "a/b", "file:x", "a@1", "@a/b/c", "/x"})
    EXPECT_THAT(refusal_of(dependency(name, "1.2.3")), HasSubstr("no name of an npm package")) << name;
}

TEST(ActionDependencies, come_once) {
  EXPECT_THAT(refusal_of(R"({"dependencies":[{"name":"a","version":"1.0.0"},{"name":"a","version":"2.0.0"}]})"),
              HasSubstr("named twice"));
  EXPECT_EQ(refusal_of(R"({"dependencies":[{"name":"a","version":"1.0.0","registry_url":""}]})"), "");
}

TEST(ActionCode, is_a_hundred_kilobytes_at_most) {
  EXPECT_EQ(refusal_of(json::write(json::object{{"code", std::string(102'400, 'x')}})), "");
  EXPECT_THAT(refusal_of(json::write(json::object{{"code", std::string(102'401, 'x')}})), HasSubstr("100 kB"));
}

TEST(ActionRuntime, is_one_that_runs_here) {
  EXPECT_EQ(refusal_of(R"({"runtime":"node22"})"), "");
  EXPECT_EQ(refusal_of(R"({"runtime":"node18-actions"})"), "");
  EXPECT_THAT(refusal_of(R"({"runtime":"node12"})"), HasSubstr("Send \"node22\""));
}

TEST(ActionTriggers, are_those_that_run_here) {
  const auto read = [](std::string_view id, std::string_view version) {
    const json::object body{{"supported_triggers", json::array{json::object{{"id", id}, {"version", version}}}}};
    const auto trigger = read_trigger(body);
    return trigger.ok() ? trigger->id + " " + trigger->version : trigger.error().description;
  };
  EXPECT_EQ(read("post-login", "v3"), "post-login v3");
  EXPECT_EQ(read("post-login", "v2"), "post-login v2");
  EXPECT_EQ(read("post-login", ""), "post-login v3");
  EXPECT_EQ(read("custom-token-exchange", "v1"), "custom-token-exchange v1");
  EXPECT_THAT(read("post-login", "v1"), HasSubstr("\"v1\" of post-login is refused"));
  EXPECT_THAT(read("send-phone-message", "v2"), HasSubstr("not served here"));
  EXPECT_THAT(read("credentials-exchange", "v1"), HasSubstr("run as \"v2\""));
}

TEST(ActionTriggers, that_run_here_are_triggers_of_the_contract) {
  for (const auto& trigger : model::kActionTriggers)
    EXPECT_THAT(contract_triggers(), ::testing::Contains(std::string(trigger.id)));
}

model::ActionSecret secret(const std::string& name, const std::string& id) { return {.name = name, .secret_id = id}; }

TEST(ActionSecrets, are_the_whole_list_and_keep_what_has_no_value) {
  model::ActionSource source;
  source.secrets = {secret("OLD", "1"), secret("KEPT", "2"), secret("CHANGED", "3")};
  const auto body = json::parse(R"({"secrets":[{"name":"NEW","value":"n"},{"name":"KEPT"},{"name":"CHANGED","value":"c"}]})");
  ASSERT_TRUE(change_secrets(body->get_object(), {secret("NEW", "4"), secret("CHANGED", "5")}, source).ok());
  ASSERT_EQ(source.secrets.size(), 3u);
  EXPECT_EQ(source.secrets[0], secret("NEW", "4"));
  EXPECT_EQ(source.secrets[1], secret("KEPT", "2"));
  EXPECT_EQ(source.secrets[2], secret("CHANGED", "5"));
  EXPECT_TRUE(change_secrets(json::object{}, {}, source).ok());
  EXPECT_EQ(source.secrets.size(), 3u);
}

TEST(ActionSecrets, need_a_value_once_and_have_one_name) {
  model::ActionSource source;
  const auto refusal = [&](std::string_view body) {
    const auto changed = change_secrets(json::parse(body)->get_object(), {}, source);
    return changed.ok() ? "" : changed.error().description;
  };
  EXPECT_THAT(refusal(R"({"secrets":[{"name":"A"}]})"), HasSubstr("no value yet"));
  source.secrets = {secret("A", "1")};
  EXPECT_THAT(refusal(R"({"secrets":[{"name":"A"},{"name":"A"}]})"), HasSubstr("named twice"));
}

TEST(ActionIds, are_random_uuids) {
  test::SeededRandom random;
  const auto id = new_uuid(random);
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(id, new_uuid(random));
}

}  // namespace
}  // namespace segue::management
