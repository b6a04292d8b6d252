#include "oauth/token_exchange/exchange_request.h"

#include <gtest/gtest.h>

namespace segue::oauth {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

base::Result<ExchangeRequest> read(const Pairs& more) {
  http::Parameters parameters;
  const auto replaced = [&](std::string_view name) {
    return std::any_of(more.begin(), more.end(), [&](const auto& pair) { return pair.first == name; });
  };
  if (!replaced("subject_token")) parameters.add("subject_token", "legacy-token");
  if (!replaced("subject_token_type")) parameters.add("subject_token_type", "urn:acme:legacy");
  for (const auto& [name, value] : more) parameters.add(name, value);
  return read_exchange_request(parameters);
}

TEST(ExchangeRequest, takes_what_is_there) {
  const auto request = read({{"audience", "https://api.example"}, {"scope", "openid"}, {"colour", "red"}});
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->subject_token, "legacy-token");
  EXPECT_EQ(request->audience, "https://api.example");
  EXPECT_EQ(request->scope, "openid");
  EXPECT_EQ(read({{"resource", "https://api.example"}})->audience, "https://api.example");
  EXPECT_EQ(read({{"resource", "a"}, {"audience", "a"}})->audience, "a");
  EXPECT_TRUE(read({{"requested_token_type", std::string(kAccessTokenType)}}).ok());
  EXPECT_TRUE(read({{"requested_token_type", ""}, {"actor_token", ""}}).ok()) << "sent without a value is not sent";
  EXPECT_TRUE(read({{"subject_token", std::string(kLongestExchangedToken, 'x')}}).ok());
}

TEST(ExchangeRequest, says_what_is_wrong_and_repeats_no_token) {
  const std::string huge(kLongestExchangedToken + 1, 'x');
  const std::pair<Pairs, std::string> cases[] = {
      {{{"subject_token", ""}}, "invalid_request Missing required parameter: subject_token"},
      {{{"subject_token_type", ""}}, "invalid_request Missing required parameter: subject_token_type"},
      {{{"subject_token", huge}}, "invalid_request The subject_token is longer than 32768 bytes."},
      {{{"actor_token", huge}, {"actor_token_type", "t"}}, "invalid_request The actor_token is longer than 32768 bytes."},
      {{{"actor_token", "t"}}, "invalid_request The parameters actor_token and actor_token_type go together: send both or none."},
      {{{"actor_token_type", "t"}},
       "invalid_request The parameters actor_token and actor_token_type go together: send both or none."},
      {{{"requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"}},
       "invalid_request The requested_token_type is not issued here: leave it out or send "
       "urn:ietf:params:oauth:token-type:access_token."},
      {{{"audience", "a"}, {"resource", "b"}},
       "invalid_target The parameters audience and resource name different APIs: send one of them."},
  };
  for (const auto& [parameters, expected] : cases) {
    const auto request = read(parameters);
    ASSERT_FALSE(request.ok()) << expected;
    EXPECT_EQ(request.error().code + " " + request.error().description, expected);
    EXPECT_EQ(request.error().status, 400);
  }
}

}  // namespace
}  // namespace segue::oauth
