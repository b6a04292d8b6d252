#include "oauth/actions/redirect_target.h"

#include <gtest/gtest.h>

#include "oauth/actions/actions_way.h"

namespace segue::oauth {
namespace {

TEST(WebAddress, is_absolute_with_a_host_and_nothing_that_reads_two_ways) {
  for (const auto* good : {"https://a.example", "http://localhost:3000/x", "HTTPS://A.example/?a=b#c", "https://[::1]:8443/",
                           "https://a.example?x=@y"})
    EXPECT_TRUE(is_web_address(good)) << good;
  for (const auto* bad : {"",
                          "/x",
                          "//a.example",
                          "https:",
                          "https:/a.example",
                          "https://",
                          "https:///x",
                          "https://?x",
                          "javascript:alert(1)",
                          "data:text/html,x",
                          "ftp://a.example",
                          "com.app://x",
                          "https://user@a.example",
                          "https://a.example@b.example/",
                          "https://a.example\\@b.example/",
                          "https://a .example",
                          "https://a.example/\r\nset-cookie: x",
                          "https://\xC3\xA9.example",
                          " https://a.example",
                          "https://:80/",
                          "https://a.example/\x7F",
                          "https://a.example/\xC3\xA9"})
    EXPECT_FALSE(is_web_address(bad)) << bad;
}

std::optional<std::string> target(std::string_view url, json::object query) {
  return redirect_target(url, {url, json::object{{"query", std::move(query)}}});
}

TEST(RedirectTarget, carries_the_query_and_leaves_the_state_to_this_server) {
  EXPECT_EQ(target("https://a.example/x?y=1#z", {{"a", "b c"}, {"n", 2}, {"t", true}, {"no", nullptr}, {"state", "mine"}}),
            "https://a.example/x?y=1&a=b%20c&n=2&t=true#z");
  EXPECT_EQ(target("https://a.example/", {}), "https://a.example/");
  EXPECT_EQ(redirect_target("https://a.example/", {"https://a.example/"}), "https://a.example/");
  EXPECT_EQ(target("/x", {{"a", "b"}}), std::nullopt);
}

std::vector<model::BoundAction> bound(const std::vector<std::string>& ids) {
  std::vector<model::BoundAction> out;
  for (const auto& id : ids) out.push_back({.binding_id = "b", .display_name = id, .action = {.action_id = id}});
  return out;
}

std::string shown(const ActionsWay& way) {
  std::string out = way.continues ? "goes on: " : "";
  for (const auto& each : way.bound) out += each.action.action_id;
  return out;
}

TEST(ActionsWay, goes_on_behind_those_that_ran) {
  const auto note = suspended({.bound = bound({"a", "b", "c"})}, 2, {{"k", 1}});
  EXPECT_EQ(shown(way_after(bound({"a", "b", "c"}), note)), "goes on: bc");
  EXPECT_EQ(json::write(way_after(bound({}), note).transaction_metadata), R"({"k":1})");
  // Bound meanwhile, and bound no more.
  EXPECT_EQ(shown(way_after(bound({"new", "a", "b", "c"}), note)), "goes on: bnewc");
  EXPECT_EQ(shown(way_after(bound({"c", "a"}), note)), "c");
  EXPECT_EQ(shown(way_after(bound({}), note)), "");
  // A second redirect remembers the first.
  const auto second = suspended(way_after(bound({"a", "b", "c"}), note), 2, {});
  EXPECT_EQ(shown(way_after(bound({"a", "b", "c"}), second)), "goes on: c");
}

TEST(ActionsWay, counts_an_action_that_is_bound_twice) {
  const auto twice = bound({"a", "b", "a"});
  EXPECT_EQ(shown(way_after(twice, suspended({.bound = twice}, 1, {}))), "goes on: aba");
  EXPECT_EQ(shown(way_after(twice, suspended({.bound = twice}, 3, {}))), "goes on: a");
}

}  // namespace
}  // namespace segue::oauth
