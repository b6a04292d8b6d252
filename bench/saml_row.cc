#include "bench/saml_row.h"

#include <atomic>
#include <memory>
#include <stdexcept>

#include "base/bytes.h"
#include "base/system_clock.h"
#include "bench/limits.h"
#include "saml_messages/deflate.h"
#include "saml_messages/names.h"
#include "saml_messages/response.h"

namespace segue::bench {
namespace {

std::string request_for(const std::string& id, const std::string& destination) {
  const auto now = base::to_iso8601(base::SystemClock().now());
  return std::string(R"(<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" )") +
         R"(xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID=")" + id + "\" IssueInstant=\"" + now +
         "\" Destination=\"" + destination + "\" AssertionConsumerServiceURL=\"" + Provider::kRedirectUri +
         R"("><saml:Issuer>https://app.example.com</saml:Issuer></samlp:AuthnRequest>)";
}

// The claims of the bench's users, in the number in which an answer has them.
saml_messages::Assertion sample(base::Instant now) {
  saml_messages::Assertion out{.id = "_0123456789abcdef0123456789abcdef",
                               .issuer = "urn:localhost",
                               .issue_instant = now,
                               .subject = {.value = "auth0|0123456789abcdef01234567"},
                               .recipient = Provider::kRedirectUri,
                               .in_response_to = "_bench0000000000000000000000000001",
                               .audience = "https://app.example.com",
                               .not_before = now,
                               .not_on_or_after = now + std::chrono::hours(1),
                               .authn_instant = now,
                               .session_index = "_0123456789abcdef0123456789abcdef",
                               .authn_context = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"};
  for (int i = 0; i < 12; i++)
    out.attributes.push_back(
        {.name = "http://schemas.example.com/claim/" + std::to_string(i), .values = {{"user0@example.com"}}});
  return out;
}

}  // namespace

Row saml_row(const World& world) {
  Row out{9, "SAML request -> signed response", Bound::xml, 0, 0.60, {}};
  const auto count = std::make_shared<std::atomic<int>>(0);
  out.operation = [&world, count](int thread, HttpsClient& client) {
    const auto path = "samlp/" + world.provider().rs256.web.client_id;
    auto id = std::to_string(++*count);
    id = "_bench" + std::string(28 - id.size(), '0') + id;
    const auto request = saml_messages::deflate(request_for(id, world.issuer() + path));
    const auto answer = client.get("/" + path + "?" + encode({{"SAMLRequest", base::base64(request)}, {"RelayState", "bench"}}),
                                   world.provider().sessions.at(static_cast<std::size_t>(thread)));
    expect(200, answer);
    if (answer.body.find("name=\"SAMLResponse\"") == std::string::npos)
      throw std::runtime_error("no SAMLResponse in " + answer.body);
    return true;
  };
  return out;
}

double xml_sign_rate() {
  const auto now = base::SystemClock().now();
  const auto made = crypto::SigningKey::generate(crypto::SignatureAlgorithm::RS256);
  const xml::PrivateKey key(made.to_pem(), made.self_signed_certificate("bench", now, now + std::chrono::hours(1)));
  const auto assertion = sample(now);
  const auto text = saml_messages::write_assertion(assertion, nullptr);
  constexpr std::string_view kBefore = "</saml:Issuer>";
  const auto position = text.find(kBefore) + kBefore.size();
  xml::sign(text, position, assertion.id, key);  // fetches algorithms
  return per_cpu_second([&] { xml::sign(text, position, assertion.id, key); });
}

}  // namespace segue::bench
