// Lists and searches of users through the Management API (contract §9.3, §9.10).
#include <gmock/gmock.h>

#include "openid.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

struct Users : ::testing::Test {
  World world;
  // Each a second later.
  void create(const std::string& name, json::object more = {}) {
    world.clock.advance(1s);
    more["name"] = name;
    world.create_user(name + "@example.com", std::move(more));
  }
  void create_three() {
    create("carol", {{"user_metadata", json::object{{"plan", "gold"}}}, {"blocked", true}});
    create("alice", {{"user_metadata", json::object{{"plan", "gold"}, {"age", 30}}}});
    create("bob", {{"app_metadata", json::object{{"age", 4}}}, {"user_metadata", json::object{{"age", 4}}}});
  }
  std::vector<std::string> names(const json::array& list) {
    std::vector<std::string> out;
    for (const auto& each : list) out.push_back(json::find_string(each.as_object(), "name").value_or(""));
    return out;
  }
  std::vector<std::string> list(const std::string& query) {
    return names(world.managed(Method::get, "users?" + query).as_array());
  }
  std::vector<std::string> search(const std::string& q) { return list("search_engine=v3&q=" + base::percent_encode(q)); }
  std::string refusal(const std::string& query) {
    const auto response = world.manage(Method::get, "users?" + query);
    EXPECT_EQ(response.status, 400) << response.body;
    EXPECT_EQ(json::find_string(object_of(response), "errorCode"), "invalid_query_string");
    return json::find_string(object_of(response), "message").value_or("");
  }
};

TEST_F(Users, are_searched_by_what_they_are) {
  create_three();
  EXPECT_THAT(search("user_metadata.plan:gold"), ElementsAre("carol", "alice"));
  EXPECT_THAT(search("user_metadata.plan:gold AND NOT blocked:true"), ElementsAre("alice"));
  EXPECT_THAT(search("email:\"BOB@example.com\""), ElementsAre("bob"));
  EXPECT_THAT(search("email:(\"bob@example.com\" OR \"carol@example.com\")"), ElementsAre("carol", "bob"));
  EXPECT_THAT(search("email:bob@example.com AND name:alice"), IsEmpty());
  EXPECT_THAT(search("*@example.com"), ElementsAre("carol", "alice", "bob"));
  EXPECT_THAT(search("app_metadata.age:[3 TO 5]"), ElementsAre("bob"));
  EXPECT_THAT(search("identities.connection:\"Username-Password-Authentication\" AND bob"), ElementsAre("bob"));
  EXPECT_THAT(search("_exists_:last_login"), IsEmpty());
  EXPECT_THAT(list("connection=Username-Password-Authentication").size(), 3u);
  EXPECT_THAT(list("connection=other"), IsEmpty());
  EXPECT_NE(refusal("q=shoe%3A4").find("Users cannot be searched by shoe"), std::string::npos);
  EXPECT_NE(refusal("search_engine=v2").find("Use search_engine=v3 instead"), std::string::npos);
}

TEST_F(Users, are_sorted_with_those_that_lack_the_value_last) {
  create_three();
  EXPECT_THAT(list("sort=created_at:1"), ElementsAre("carol", "alice", "bob"));
  EXPECT_THAT(list("sort=created_at:-1"), ElementsAre("bob", "alice", "carol"));
  EXPECT_THAT(list("sort=name:1"), ElementsAre("alice", "bob", "carol"));
  EXPECT_THAT(list("sort=user_metadata.age:-1"), ElementsAre("alice", "bob", "carol"));
  EXPECT_THAT(list("sort=user_metadata.age:1&per_page=1&page=1"), ElementsAre("alice"));
  EXPECT_THAT(list("sort=name:-1&q=user_metadata.plan:gold"), ElementsAre("carol", "alice"));
  EXPECT_NE(refusal("sort=shoe:1"), "");
  EXPECT_NE(refusal("sort=name"), "");
  EXPECT_NE(refusal("sort=name:1&take=2"), "");
}

TEST_F(Users, are_paged_by_offset_up_to_the_thousandth) {
  create_three();
  const auto page = world.managed(Method::get, "users?per_page=2&page=1&include_totals=true").as_object();
  EXPECT_EQ(json::find_integer(page, "total"), 3);
  EXPECT_EQ(json::find_integer(page, "start"), 2);
  EXPECT_EQ(json::find_integer(page, "limit"), 2);
  EXPECT_EQ(json::find_integer(page, "length"), 1);
  const auto found =
      world.managed(Method::get, "users?per_page=1&page=1&include_totals=true&q=user_metadata.plan:gold").as_object();
  EXPECT_EQ(json::find_integer(found, "total"), 2);
  EXPECT_THAT(names(found.at("users").as_array()), ElementsAre("alice"));
  EXPECT_EQ(world.manage(Method::get, "users?per_page=100&page=9").status, 200);
  EXPECT_NE(refusal("per_page=100&page=10").find("maximum of 1000 records"), std::string::npos);
  EXPECT_EQ(json::write(world.managed(Method::get, "users?fields=name&include_fields=true&per_page=1&page=0")),
            R"([{"name":"carol"}])");
}

TEST_F(Users, are_paged_by_checkpoints_all_of_them_and_those_that_a_search_finds) {
  for (int i = 0; i < 7; ++i) create("user" + std::to_string(i), {{"user_metadata", json::object{{"odd", i % 2 == 1}}}});
  for (const auto& [query, expected] : {std::pair<std::string, std::size_t>{"", 7}, {"&q=user_metadata.odd:true", 3}}) {
    std::vector<std::string> all;
    std::string next;
    int pages = 0;
    do {
      const auto page = world.managed(Method::get, "users?take=2" + query + (next.empty() ? "" : "&from=" + next)).as_object();
      for (const auto& name : names(page.at("users").as_array())) all.push_back(name);
      next = json::find_string(page, "next").value_or("");
      ++pages;
    } while (!next.empty());
    EXPECT_EQ(all.size(), expected) << query;
    EXPECT_EQ(pages, expected == 7 ? 4 : 2) << query;
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
  }
}

TEST_F(Users, have_no_factors) {
  const auto ada = world.create_user();
  const auto path = "users/" + base::percent_encode(ada.user_id);
  EXPECT_EQ(world.manage(Method::get, path + "/enrollments").body, "[]");
  EXPECT_EQ(world.manage(Method::get, path + "/authentication-methods").body, "[]");
  EXPECT_EQ(world.manage(Method::delete_, path + "/authenticators").status, 204);
  EXPECT_EQ(world.manage(Method::delete_, path + "/multifactor/duo").status, 204);
  EXPECT_EQ(world.manage(Method::get, "users/auth0%7Cnone/enrollments").status, 404);
  EXPECT_EQ(world.manage(Method::post, path + "/authentication-methods", {{"type", "phone"}}).status, 400);
}

}  // namespace
}  // namespace segue::test
