#include "oauth/authorize/response_type.h"

#include <gtest/gtest.h>

namespace segue::oauth {
namespace {

http::Parameters asking(const std::string& type, const std::string& mode = {}) {
  http::Parameters out;
  if (!type.empty()) out.add("response_type", type);
  if (!mode.empty()) out.add("response_mode", mode);
  return out;
}

TEST(ResponseType, takes_every_combination_in_any_order) {
  for (const auto* text : {"code", "token", "id_token", "code id_token", "code token", "id_token token", "code id_token token"})
    EXPECT_EQ(to_text(response_type_from(text).value()), text);
  EXPECT_EQ(to_text(response_type_from("token code id_token").value()), "code id_token token");
  EXPECT_EQ(to_text(response_type_from("token id_token").value()), "id_token token");
}

TEST(ResponseType, refuses_what_is_unknown_or_stands_twice) {
  for (const auto* text : {"", " ", "none", "Code", "code code", "code none", "id_token,token", "code\ttoken", "refresh_token"})
    EXPECT_FALSE(response_type_from(text)) << text;
}

TEST(ResponseMode, never_puts_a_token_into_a_query) {
  EXPECT_EQ(response_shape(asking("code")).mode, ResponseMode::query);
  for (const auto* type : {"token", "id_token", "code token", "code id_token", "id_token token", "code id_token token"}) {
    EXPECT_EQ(response_shape(asking(type)).mode, ResponseMode::fragment) << type;
    EXPECT_EQ(response_shape(asking(type, "query")).mode, ResponseMode::fragment) << type;
    EXPECT_EQ(response_shape(asking(type, "form_post")).mode, ResponseMode::form_post) << type;
    EXPECT_FALSE(check_response_mode(asking(type, "query"), response_type_from(type).value()).ok()) << type;
  }
  EXPECT_EQ(response_shape(asking("nonsense", "fragment")).mode, ResponseMode::fragment);
  EXPECT_EQ(response_shape(asking("code", "nonsense")).mode, ResponseMode::query);
  EXPECT_FALSE(check_response_mode(asking("code", "nonsense"), {.code = true}).ok());
}

TEST(ResponseType, asks_for_the_grant_of_each_part) {
  model::Client client;
  const auto refused = [&](const char* type) {
    const auto outcome = check_response_type(asking(type), client);
    return outcome.ok() ? std::string() : outcome.error().description;
  };
  client.grant_types = {"authorization_code"};
  EXPECT_EQ(refused("code"), "");
  for (const auto* type : {"token", "id_token", "code token", "code id_token", "code id_token token"})
    EXPECT_EQ(refused(type), "Grant type 'implicit' not allowed for the client.") << type;
  client.grant_types = {"implicit"};
  EXPECT_EQ(refused("id_token token"), "");
  for (const auto* type : {"code", "code token"})
    EXPECT_EQ(refused(type), "Grant type 'authorization_code' not allowed for the client.") << type;
}

}  // namespace
}  // namespace segue::oauth
