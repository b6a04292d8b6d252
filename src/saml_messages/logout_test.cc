#include "saml_messages/logout.h"

#include <gmock/gmock.h>

#include "saml_messages/bindings.h"
#include "saml_messages/names.h"
#include "saml_messages/response.h"
#include "saml_messages/test_material.h"

namespace segue::saml_messages {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LogoutRequest genuine() {
  return {
      .header = {.id = "_l1", .issuer = "https://sp.example", .issue_instant = kNow, .destination = "https://idp.example/slo"},
      .name_id = {.value = "auth0|ada", .format = std::string(kUnspecifiedNameId), .sp_name_qualifier = "sp"},
      .session_indexes = {"s1", "s2"},
      .not_on_or_after = kNow + std::chrono::minutes(5),
      .reason = "urn:oasis:names:tc:SAML:2.0:logout:user"};
}

base::Result<LogoutRequest> read_logout(const std::string& xml) {
  const auto document = TRY(xml::Document::parse(xml));
  return read_logout_request(document);
}

TEST(LogoutRequest, that_is_written_reads_back) {
  const auto message = write_logout_request(genuine());
  const auto back = read_logout(message.xml);
  ASSERT_TRUE(back.ok()) << back.error().description << message.xml;
  EXPECT_EQ(back->header.id, "_l1");
  EXPECT_EQ(back->header.destination, "https://idp.example/slo");
  EXPECT_EQ(back->name_id, genuine().name_id);
  EXPECT_THAT(back->session_indexes, ElementsAre("s1", "s2"));
  EXPECT_EQ(back->not_on_or_after, kNow + std::chrono::minutes(5));
  EXPECT_EQ(back->reason, genuine().reason);
}

TEST(LogoutRequest, signed_in_a_form_is_read_from_what_was_signed) {
  const auto message = signed_message(write_logout_request(genuine()), test_keys().own);
  const Trust trust{.key = &test_keys().own_public};
  const auto opened = open(*from_post(MessageKind::request, post_value(message), std::nullopt), trust);
  ASSERT_TRUE(opened.ok()) << opened.error().description;
  EXPECT_EQ(read_logout_request(*opened)->name_id.value, "auth0|ada");
  const auto changed = replaced(message, "auth0|ada", "auth0|eve");
  EXPECT_FALSE(open(*from_post(MessageKind::request, post_value(changed), std::nullopt), trust).ok());
  // The genuine one as an extension of another, and as the content of another's signature.
  const auto evil = replaced(replaced(write_logout_request(genuine()).xml, "_l1", "_e1"), "auth0|ada", "auth0|eve");
  const auto wrapped = replaced(evil, "</saml:Issuer>", "</saml:Issuer><samlp:Extensions>" + message + "</samlp:Extensions>");
  EXPECT_FALSE(open(*from_post(MessageKind::request, post_value(wrapped), std::nullopt), trust).ok());
  const auto from = message.find("<ds:Signature "), until = message.find("</ds:Signature>") + 15;
  const auto copied = replaced(evil, "</saml:Issuer>", "</saml:Issuer>" + message.substr(from, until - from));
  EXPECT_FALSE(open(*from_post(MessageKind::request, post_value(copied), std::nullopt), trust).ok());
}

TEST(LogoutRequest, expires) {
  const auto request = genuine();
  EXPECT_TRUE(check_not_expired(request, kNow).ok());
  EXPECT_TRUE(check_not_expired(request, *request.not_on_or_after).ok());  // clocks differ
  EXPECT_FALSE(check_not_expired(request, *request.not_on_or_after + kClockSkew).ok());
}

TEST(LogoutRequest, is_refused_with_its_reason) {
  const auto xml = write_logout_request(genuine()).xml;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {replaced(xml, "auth0|ada", "auth0|ada<!-- -->|admin"), "comment"},
      {replaced(xml, "auth0|ada", "auth0<x/>|ada"), "NameID is empty"},
      {replaced(xml, "auth0|ada", ""), "NameID is empty"},
      {replaced(xml, "auth0|ada", std::string(1025, 'a')), "longer than 1024"},
      {replaced(xml, "<samlp:SessionIndex>s1", "<saml:NameID>eve</saml:NameID><samlp:SessionIndex>s1"), "more than one NameID"},
      {replaced(xml, ">s1<", "> <"), "empty SessionIndex"},
      {replaced(xml, "NotOnOrAfter=\"2026", "NotOnOrAfter=\"x2026"), "no UTC time"},
  };
  for (const auto& [text, why] : cases) {
    const auto refused = read_logout(text);
    ASSERT_FALSE(refused.ok()) << why;
    EXPECT_THAT(refused.error().description, HasSubstr(why));
  }
}

TEST(LogoutResponse, that_is_written_reads_back) {
  const LogoutResponse response{
      .header = {.id = "_r1", .issuer = "idp", .issue_instant = kNow},
      .in_response_to = "_l1",
      .status = {
          .code = std::string(status::kSuccess), .sub_code = std::string(status::kPartialLogout), .message = "one <of> two"}};
  const auto document = xml::Document::parse(write_logout_response(response).xml);
  ASSERT_TRUE(document.ok());
  const auto back = read_logout_response(*document);
  ASSERT_TRUE(back.ok()) << back.error().description;
  EXPECT_EQ(back->in_response_to, "_l1");
  EXPECT_TRUE(back->status.success());
  EXPECT_EQ(back->status.sub_code, status::kPartialLogout);
  EXPECT_EQ(back->status.message, "one <of> two");
}

TEST(LogoutResponse, without_a_status_is_refused) {
  const LogoutResponse response{.header = {.id = "_r1", .issuer = "idp", .issue_instant = kNow},
                                .status = {.code = std::string(status::kSuccess)}};
  const auto xml = write_logout_response(response).xml;
  const auto from = xml.find("<samlp:Status>"), until = xml.find("</samlp:LogoutResponse>");
  for (const auto& text :
       {xml.substr(0, from) + xml.substr(until), replaced(xml, " Value=", " value="),
        replaced(xml, "</samlp:LogoutResponse>", xml.substr(from, until - from) + "</samlp:LogoutResponse>")}) {
    const auto document = xml::Document::parse(text);
    ASSERT_TRUE(document.ok());
    EXPECT_FALSE(read_logout_response(*document).ok()) << text;
  }
}

}  // namespace
}  // namespace segue::saml_messages
