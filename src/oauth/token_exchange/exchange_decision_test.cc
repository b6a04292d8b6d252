#include "oauth/token_exchange/exchange_decision.h"

#include <gtest/gtest.h>

namespace segue::oauth {
namespace {

using Commands = std::vector<actions::Command>;

const actions::Command kById{"authentication.setUserById", {"auth0|1"}};

ExchangeDecision decide(Commands commands) {
  actions::ActionResult result;
  result.ok = true;
  result.commands = std::move(commands);
  return exchange_decision({std::move(result)});
}

ExchangeDecision decide_with(actions::Command command) { return decide({std::move(command), kById}); }

TEST(ExchangeDecision, names_one_user) {
  EXPECT_EQ(decide({kById}).user_id, "auth0|1");
  const auto by_connection = decide({{"authentication.setUserByConnection",
                                      {"db", json::object{{"user_id", "1"}},
                                       json::object{{"creationBehavior", "create_if_not_exists"}, {"updateBehavior", "none"}}}}});
  ASSERT_TRUE(by_connection.by_connection);
  EXPECT_FALSE(by_connection.refusal);
  EXPECT_TRUE(by_connection.by_connection->creates);
  EXPECT_FALSE(by_connection.by_connection->replaces);
}

TEST(ExchangeDecision, does_nothing_with_users_that_it_is_not_told_to) {
  const auto decision = decide({{"authentication.setUserByConnection", {"db", json::object{{"user_id", "1"}}}}});
  EXPECT_FALSE(decision.by_connection->creates);
  EXPECT_FALSE(decision.by_connection->replaces);
}

TEST(ExchangeDecision, refuses_what_names_no_user_or_several) {
  for (const auto& commands : {Commands{}, Commands{kById, kById},
                               Commands{kById, {"authentication.setUserByConnection", {"db", json::object{{"user_id", "1"}}}}}}) {
    const auto decision = decide(commands);
    ASSERT_TRUE(decision.refusal);
    EXPECT_EQ(decision.refusal->code, "invalid_request");
  }
}

TEST(ExchangeDecision, denies_with_the_code_of_the_action) {
  struct Case {
    std::string code, expected;
    int status;
  };
  for (const auto& [code, expected, status] :
       {Case{"invalid_request", "invalid_request", 400}, Case{"server_error", "server_error", 500},
        Case{"Unauthorized_login", "Unauthorized_login", 400}, Case{"access_denied", "access_denied", 403},
        Case{"", "access_denied", 403}, Case{"a\nb", "access_denied", 403}, Case{"say \"no\"", "access_denied", 403},
        Case{"verboten-ä", "access_denied", 403}, Case{std::string(65, 'x'), "access_denied", 403}}) {
    const auto decision = decide({{"access.deny", {code, "Not you."}}});
    ASSERT_TRUE(decision.refusal);
    EXPECT_EQ(decision.refusal->code, expected);
    EXPECT_EQ(decision.refusal->status, status) << code;
    EXPECT_EQ(decision.refusal->description, "Not you.");
    EXPECT_FALSE(decision.subject_token_is_invalid);
  }
}

TEST(ExchangeDecision, lets_the_first_refusal_stand) {
  const auto decision =
      decide({{"access.rejectInvalidSubjectToken", {"Bad signature."}}, {"access.deny", {"other", "x"}}, kById});
  EXPECT_TRUE(decision.subject_token_is_invalid);
  EXPECT_EQ(decision.refusal->code, "invalid_request");
  EXPECT_EQ(decision.refusal->description, "Bad signature.");
  EXPECT_FALSE(decide({{"access.deny", {"other", "x"}}, {"access.rejectInvalidSubjectToken", {"y"}}}).subject_token_is_invalid);
}

TEST(ExchangeDecision, takes_an_actor_of_one_level_with_five_properties) {
  const auto with = [](json::object actor) { return decide_with({"authentication.setActor", {std::move(actor)}}); };
  const json::object most{{"sub", "agent"}, {"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}};
  EXPECT_FALSE(with(most).refusal);
  EXPECT_EQ(with(most).actor, most);
  auto more = most;
  more["f"] = 6;
  for (const auto& wrong : {more, json::object{}, json::object{{"sub", 1}}, json::object{{"sub", ""}},
                            json::object{{"sub", "a"}, {"act", json::object{{"sub", "b"}}}}}) {
    EXPECT_TRUE(with(wrong).refusal) << json::write(wrong);
  }
}

TEST(ExchangeDecision, refuses_metadata_that_is_too_large_and_options_that_are_none) {
  Commands commands{kById};
  for (int k = 0; k < 3; ++k) commands.push_back({"user.setAppMetadata", {"k" + std::to_string(k), std::string(12 * 1024, 'x')}});
  ASSERT_TRUE(decide(commands).refusal);
  EXPECT_EQ(decide(commands).refusal->description, "Failed to set app_metadata: it is larger than 32 kB");
  const auto options = decide({{"authentication.setUserByConnection",
                                {"db", json::object{{"user_id", "1"}}, json::object{{"updateBehavior", "merge"}}}}});
  ASSERT_TRUE(options.refusal);
  EXPECT_EQ(options.refusal->description, "api.authentication.setUserByConnection: updateBehavior is none of replace, none");
}

}  // namespace
}  // namespace segue::oauth
