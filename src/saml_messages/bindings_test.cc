#include "saml_messages/bindings.h"

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "base/text.h"
#include "saml_messages/deflate.h"
#include "saml_messages/names.h"
#include "saml_messages/test_material.h"

namespace segue::saml_messages {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using xml::SignatureAlgorithm;

const std::string kMessage = "<a ID=\"_1\">ada</a>";
constexpr std::string_view kLocation = "https://idp.example/samlp/c1";

std::string encoded(std::string_view xml) { return base::percent_encode(base::base64(deflate(xml))); }
std::string query_of(const std::string& url) { return url.substr(url.find('?') + 1); }
std::string signed_query(const std::optional<std::string>& relay_state = "state & more",
                         SignatureAlgorithm algorithm = SignatureAlgorithm::rsa_sha256,
                         const xml::PrivateKey& key = test_keys().own) {
  return query_of(redirect_to(kLocation, MessageKind::request, kMessage, relay_state, RedirectSignature{key, algorithm}));
}
base::Result<xml::Document> received(const std::string& query, bool sha1 = false) {
  const auto arrived = TRY(from_redirect(query));
  return open(arrived, {.key = &test_keys().own_public, .sha1 = sha1});
}

TEST(RedirectBinding, carries_a_message_and_its_relay_state) {
  const auto url = redirect_to(kLocation, MessageKind::response, kMessage, "a=b&c", std::nullopt);
  EXPECT_THAT(url, StartsWith("https://idp.example/samlp/c1?SAMLResponse="));
  const auto arrived = from_redirect(query_of(url));
  ASSERT_TRUE(arrived.ok()) << arrived.error().description;
  EXPECT_EQ(arrived->kind, MessageKind::response);
  EXPECT_EQ(arrived->xml, kMessage);
  EXPECT_EQ(arrived->relay_state, "a=b&c");
  EXPECT_FALSE(arrived->detached.has_value());
  EXPECT_THAT(redirect_to("https://idp.example/?x=y", MessageKind::request, kMessage, {}, {}),
              StartsWith("https://idp.example/?x=y&SAMLRequest="));
}

TEST(RedirectBinding, takes_what_senders_write) {
  for (const auto& query :
       {"SAMLRequest=" + base::base64(deflate(kMessage)), "x=1&SAMLRequest=" + encoded(kMessage) + "&RelayState=&y",
        "SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE&SAMLRequest=" +
            encoded(kMessage)}) {
    const auto arrived = from_redirect(query);
    ASSERT_TRUE(arrived.ok()) << query << ": " << arrived.error().description;
    EXPECT_EQ(arrived->xml, kMessage);
  }
}

TEST(RedirectBinding, signature_covers_the_octets_as_they_came_and_nothing_else) {
  EXPECT_TRUE(received(signed_query()).ok());
  EXPECT_TRUE(received(signed_query(std::nullopt)).ok());
  EXPECT_TRUE(received("session_transfer_token=t&" + signed_query() + "&organization=o").ok());
  // Order in the query does not matter: the binding's own order is what was signed.
  const auto query = signed_query();
  const auto at = query.find("&SigAlg=");
  EXPECT_TRUE(received(query.substr(at + 1) + "&" + query.substr(0, at)).ok());
  // A sender that escapes in lower case signed its own spelling.
  auto lower = "SAMLRequest=" + encoded(kMessage) + "&SigAlg=";
  lower += "http%3a%2f%2fwww.w3.org%2f2001%2f04%2fxmldsig-more%23rsa-sha256";
  const auto signature = test_keys().own.sign(SignatureAlgorithm::rsa_sha256, lower);
  EXPECT_TRUE(received(lower + "&Signature=" + base::percent_encode(base::base64(signature))).ok());
}

TEST(RedirectBinding, an_empty_relay_state_may_be_signed_or_not) {
  EXPECT_TRUE(received(signed_query("")).ok());
  EXPECT_TRUE(received(signed_query(std::nullopt) + "&RelayState=").ok());
  EXPECT_FALSE(received(signed_query(std::nullopt) + "&RelayState=x").ok());
}

class RefusedQuery : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedQuery, says_why) {
  const auto read = received(GetParam().text);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().description, HasSubstr(GetParam().why));
}

std::string bomb() { return "SAMLRequest=" + encoded("<a>" + std::string(8 * 1024 * 1024, 'x') + "</a>"); }

const Refusal kRefusedQueries[] = {
    {"nothing", "", "neither or both"},
    {"both", "SAMLRequest=x&SAMLResponse=y", "neither or both"},
    {"twice", "SAMLRequest=x&SAMLRequest=y", "more than once"},
    {"relay_state_twice", signed_query() + "&RelayState=other", "more than once"},
    {"signature_twice", signed_query() + "&Signature=other", "more than once"},
    {"a_name_in_another_spelling", signed_query() + "&%52elayState=other", "percent-encoding"},
    {"a_name_cut_off", "SAMLRequest=x&a%5=y", "not percent-encoded"},
    {"empty", "SAMLRequest=", "empty"},
    {"no_base64", "SAMLRequest=%21%21", "not base64"},
    {"not_deflated", "SAMLRequest=" + base::percent_encode(base::base64(kMessage)), "DEFLATE"},
    {"encoded_twice", "SAMLRequest=" + base::percent_encode(base::base64(base::base64(deflate(kMessage)))), "DEFLATE"},
    {"deflated_twice", "SAMLRequest=" + encoded(deflate(kMessage)), "not UTF-8"},
    {"cut_off", "SAMLRequest=" + base::percent_encode(base::base64(deflate(kMessage).substr(0, 10))), "DEFLATE"},
    {"something_behind_it", "SAMLRequest=" + base::percent_encode(base::base64(deflate(kMessage) + "x")), "DEFLATE"},
    {"an_inflate_bomb", bomb(), "longer than 65536"},
    {"too_long_before_inflating", "SAMLRequest=" + std::string(100'000, 'A'), "longer than 65536"},
    {"a_long_relay_state", "SAMLRequest=" + encoded(kMessage) + "&RelayState=" + std::string(2049, 'r'), "RelayState is longer"},
    {"a_relay_state_that_is_no_text", "SAMLRequest=" + encoded(kMessage) + "&RelayState=%FF", "UTF-8"},
    {"another_encoding", "SAMLEncoding=none&SAMLRequest=" + encoded(kMessage), "SAMLEncoding"},
    {"no_signature", "SAMLRequest=" + encoded(kMessage), "not signed"},
    {"half_a_signature", "SAMLRequest=" + encoded(kMessage) + "&Signature=AAAA", "both SigAlg and Signature"},
    {"another_relay_state", replaced(signed_query(), "more", "less"), "does not verify"},
    {"no_relay_state", replaced(signed_query(), "&RelayState=state%20%26%20more", ""), "does not verify"},
    {"another_message", replaced(signed_query(), encoded(kMessage), encoded("<a ID=\"_1\">eve</a>")), "does not verify"},
    {"another_key", signed_query("", SignatureAlgorithm::rsa_sha256, test_keys().other), "does not verify"},
    {"sha1", signed_query("", SignatureAlgorithm::rsa_sha1), "SHA-1"},
    {"sha1_called_sha256",
     replaced(signed_query("", SignatureAlgorithm::rsa_sha1), "2000%2F09%2Fxmldsig%23rsa-sha1",
              "2001%2F04%2Fxmldsig-more%23rsa-sha256"),
     "does not verify"},
    {"hmac", replaced(signed_query(), "rsa-sha256", "hmac-sha256"), "not an algorithm"},
    {"no_algorithm", replaced(signed_query(), "rsa-sha256", "none"), "not an algorithm"},
    {"an_empty_signature", signed_query().substr(0, signed_query().find("&Signature=")) + "&Signature=", "not base64"},
};
INSTANTIATE_TEST_SUITE_P(RedirectBinding, RefusedQuery, testing::ValuesIn(kRefusedQueries),
                         [](const auto& c) { return c.param.name; });

TEST(RedirectBinding, takes_sha1_only_where_that_was_asked_for) {
  EXPECT_TRUE(received(signed_query("x", SignatureAlgorithm::rsa_sha1), true).ok());
}

TEST(PostBinding, carries_a_message_in_base64_with_or_without_lines) {
  auto value = post_value(kMessage);
  value.insert(4, "\r\n");
  const auto arrived = from_post(MessageKind::request, value, "state");
  ASSERT_TRUE(arrived.ok()) << arrived.error().description;
  EXPECT_EQ(arrived->xml, kMessage);
  EXPECT_FALSE(arrived->by_redirect);
  EXPECT_TRUE(open(*arrived, {}).ok());
  const auto refused = open(*arrived, {.key = &test_keys().own_public});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().description, HasSubstr("not signed"));
}

TEST(PostBinding, refuses_what_is_no_message) {
  for (const auto& [value, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "empty"}, {"!!", "not base64"}, {std::string(200'000, 'A'), "longer than"}}) {
    const auto arrived = from_post(MessageKind::request, value, std::nullopt);
    ASSERT_FALSE(arrived.ok());
    EXPECT_THAT(arrived.error().description, HasSubstr(why));
  }
  const auto twice = from_post(MessageKind::request, post_value(post_value(kMessage)), std::nullopt);
  ASSERT_FALSE(twice.ok());
  EXPECT_THAT(twice.error().description, HasSubstr("DEFLATE"));
}

TEST(PostBinding, takes_a_message_that_is_compressed_as_in_a_query_and_no_more_of_it) {
  const auto arrived = from_post(MessageKind::request, base::base64(deflate(kMessage)), std::nullopt);
  ASSERT_TRUE(arrived.ok()) << arrived.error().description;
  EXPECT_EQ(arrived->xml, kMessage);
  EXPECT_FALSE(from_post(MessageKind::request, base::base64(deflate(std::string(200'000, '<'))), std::nullopt).ok());
}

TEST(Deflate, gives_back_what_it_was_given_and_never_more_than_allowed) {
  for (const auto& text : {std::string(), std::string("a"), std::string(5000, 'x')})
    EXPECT_EQ(*inflate(deflate(text), 5000), text);
  EXPECT_FALSE(inflate(deflate(std::string(5001, 'x')), 5000).ok());
  EXPECT_FALSE(inflate("", 5000).ok());
}

}  // namespace
}  // namespace segue::saml_messages
