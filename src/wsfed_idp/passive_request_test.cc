#include "wsfed_idp/passive_request.h"

#include <gmock/gmock.h>

namespace segue::wsfed_idp {
namespace {

using testing::HasSubstr;

const auto kNow = *base::from_iso8601("2026-05-08T16:00:00Z");

base::Result<PassiveRequest> read(const std::string& query) {
  http::Request request;
  request.query = query;
  auto parameters = read_parameters(request);
  if (!parameters.ok()) return std::move(parameters).error();
  return read_passive_request(*parameters, kNow);
}

std::string objection(const std::string& query) {
  const auto request = read(query);
  return request->objection ? request->objection->description : "";
}

std::string refusal(const std::string& query) {
  const auto request = read(query);
  return request.ok() ? "" : request.error().description;
}

TEST(PassiveRequest, is_read_as_a_relying_party_sends_it) {
  const auto request = *read(
      "wa=wsignin1.0&wtrealm=urn%3Aapp&wreply=https%3A%2F%2Fapp.example%2F&wctx=a%26b%3D%3C%22&whr=urn%3AUsers&wfresh=5"
      "&wct=2026-05-08T15%3A59%3A00Z&organization=org_1&login_hint=ada&session_transfer_token=t"
      "&wauth=urn%3Aoasis%3Anames%3Atc%3ASAML%3A1.0%3Aam%3Apassword");
  EXPECT_EQ(request.action, Action::sign_in);
  EXPECT_EQ(request.realm, "urn:app");
  EXPECT_EQ(request.reply, "https://app.example/");
  EXPECT_EQ(request.context, "a&b=<\"");
  EXPECT_EQ(request.connection, "Users");
  EXPECT_EQ(request.max_age, 300);
  EXPECT_EQ(request.organization, "org_1");
  EXPECT_EQ(request.login_hint, "ada");
  EXPECT_EQ(request.session_transfer_token, "t");
  EXPECT_TRUE(request.is_asked_for);
  EXPECT_FALSE(request.objection);
}

TEST(PassiveRequest, is_a_sign_in_where_it_says_nothing_and_then_nobody_asked) {
  const auto request = *read("");
  EXPECT_EQ(request.action, Action::sign_in);
  EXPECT_FALSE(request.is_asked_for);
  EXPECT_FALSE(request.context);
  EXPECT_FALSE(request.max_age);
  EXPECT_FALSE(read("wa=wsignin1.0")->is_asked_for);
  EXPECT_FALSE(read("wtrealm=urn%3Aapp")->is_asked_for);
}

TEST(PassiveRequest, keeps_an_empty_context_and_takes_an_empty_home_realm_for_none) {
  EXPECT_EQ(read("wctx=")->context, "");
  EXPECT_EQ(read("whr=")->connection, "");
  EXPECT_EQ(read("whr=Users")->connection, "Users");
}

TEST(PassiveRequest, may_stand_in_a_form) {
  http::Request request;
  request.method = http::Method::post;
  request.query = "session_transfer_token=t";
  request.body = "wa=wsignout1.0&wreply=https%3A%2F%2Fapp.example%2F";
  const auto read = *read_passive_request(*read_parameters(request), kNow);
  EXPECT_EQ(read.action, Action::sign_out);
  EXPECT_EQ(read.session_transfer_token, "t");
  request.query = "wa=wsignin1.0";
  EXPECT_FALSE(read_parameters(request).ok());
  EXPECT_EQ(refusal("wreply=a&wreply=b"), "The parameter wreply is present more than once.");
}

TEST(PassiveRequest, has_actions_that_are_served_and_bounded_names) {
  EXPECT_EQ(read("wa=wsignoutcleanup1.0")->action, Action::clean_up);
  for (const auto* const other : {"wattr1.0", "WSIGNIN1.0", "wpseudo1.0"})
    EXPECT_THAT(refusal(std::string("wa=") + other), HasSubstr("wsignin1.0")) << other;
  EXPECT_EQ(refusal("wctx=" + std::string(kLongestContext, 'x')), "");
  EXPECT_THAT(refusal("wctx=" + std::string(kLongestContext + 1, 'x')), HasSubstr("wctx is longer"));
  EXPECT_THAT(refusal("wtrealm=" + std::string(kLongestName + 1, 'x')), HasSubstr("wtrealm is longer"));
  EXPECT_THAT(refusal("wreply=" + std::string(kLongestName + 1, 'x')), HasSubstr("wreply is longer"));
}

TEST(PassiveRequest, asks_for_a_fresh_sign_in_in_minutes) {
  EXPECT_EQ(read("wfresh=0")->max_age, 0);
  EXPECT_EQ(read("wfresh=60")->max_age, 3600);
  EXPECT_GT(read("wfresh=9223372036854775807")->max_age, 0);
  for (const auto* const wrong : {"-1", "1.5", "soon", "99999999999999999999"})
    EXPECT_THAT(objection(std::string("wfresh=") + wrong), HasSubstr("wfresh")) << wrong;
}

TEST(PassiveRequest, is_of_use_for_some_minutes) {
  for (const auto* const good : {"2026-05-08T16:00:00Z", "2026-05-08T15:53:00Z", "2026-05-08T16:02:00Z"})
    EXPECT_EQ(objection(std::string("wct=") + good), "") << good;
  EXPECT_THAT(objection("wct=2026-05-08T15:51:00Z"), HasSubstr("too old"));
  EXPECT_THAT(objection("wct=2026-05-08T16:04:00Z"), HasSubstr("in the future"));
  EXPECT_THAT(objection("wct=yesterday"), HasSubstr("wct is no UTC time"));
}

TEST(PassiveRequest, may_not_demand_what_it_would_not_get) {
  EXPECT_THAT(objection("wauth=urn%3Aietf%3Arfc%3A2246"), HasSubstr("wauth"));
  EXPECT_THAT(objection("wauth=http%3A%2F%2Fschemas.microsoft.com%2Fclaims%2Fmultipleauthn"), HasSubstr("wauth"));
  EXPECT_THAT(objection("wreq=%3CRequestSecurityToken%2F%3E"), HasSubstr("wreq"));
  EXPECT_THAT(objection("wreqptr=http%3A%2F%2F169.254.169.254%2F"), HasSubstr("wreqptr"));
}

}  // namespace
}  // namespace segue::wsfed_idp
