#include "bench/saml_row.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "base/bytes.h"
#include "base/system_clock.h"
#include "bench/limits.h"
#include "saml_messages/deflate.h"
#include "xml/signature.h"

namespace segue::bench {
namespace {

std::string request_for(const std::string& id, const std::string& destination) {
  const auto now = base::to_iso8601(base::SystemClock().now());
  return std::string(R"(<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" )") +
         R"(xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID=")" + id + "\" IssueInstant=\"" + now +
         "\" Destination=\"" + destination + "\" AssertionConsumerServiceURL=\"" + Provider::kRedirectUri +
         R"("><saml:Issuer>https://app.example.com</saml:Issuer></samlp:AuthnRequest>)";
}

// The assertion in the page's form, as it was before it was signed.
std::string unsigned_assertion_in(const std::string& page) {
  constexpr std::string_view kField = "name=\"SAMLResponse\" value=\"", kEnd = "</saml:Assertion>", kSigned = "</ds:Signature>";
  const auto from = page.find(kField);
  if (from == std::string::npos) throw std::runtime_error("no SAMLResponse in " + page);
  const auto value = page.substr(from + kField.size(), page.find('"', from + kField.size()) - from - kField.size());
  const auto xml = base::from_base64(value).value_or("");
  const auto start = xml.find("<saml:Assertion"), end = xml.find(kEnd), signature = xml.find("<ds:Signature "),
             behind = xml.find(kSigned);
  if (end == std::string::npos || behind == std::string::npos) throw std::runtime_error("no signed assertion in " + xml);
  return xml.substr(start, signature - start) + xml.substr(behind + kSigned.size(), end + kEnd.size() - behind - kSigned.size());
}

struct Received {
  std::once_flag once;
  std::string assertion;
};

double sign_rate_of(const std::string& assertion) {
  const auto now = base::SystemClock().now();
  const auto made = crypto::SigningKey::generate(crypto::SignatureAlgorithm::RS256);
  const xml::PrivateKey key(made.to_pem(), made.self_signed_certificate("bench", now, now + std::chrono::hours(1)));
  constexpr std::string_view kBefore = "</saml:Issuer>", kId = "ID=\"";
  const auto position = assertion.find(kBefore) + kBefore.size();
  const auto id_from = assertion.find(kId) + kId.size();
  const auto id = assertion.substr(id_from, assertion.find('"', id_from) - id_from);
  xml::sign(assertion, position, id, key);  // fetches algorithms
  return per_cpu_second([&] { xml::sign(assertion, position, id, key); });
}

}  // namespace

Row saml_row(const World& world) {
  Row out{9, "SAML request -> signed response", Bound::xml, 0, 0.60, {}};
  const auto count = std::make_shared<std::atomic<int>>(0);
  const auto received = std::make_shared<Received>();
  out.own_limit = [received] { return sign_rate_of(received->assertion); };
  out.operation = [&world, count, received](int thread, HttpsClient& client) {
    const auto path = "samlp/" + world.provider().rs256.web.client_id;
    auto id = std::to_string(++*count);
    id = "_bench" + std::string(28 - id.size(), '0') + id;
    const auto request = saml_messages::deflate(request_for(id, world.issuer() + path));
    const auto answer = client.get("/" + path + "?" + encode({{"SAMLRequest", base::base64(request)}, {"RelayState", "bench"}}),
                                   world.provider().sessions.at(static_cast<std::size_t>(thread)));
    expect(200, answer);
    std::call_once(received->once, [&] { received->assertion = unsigned_assertion_in(answer.body); });
    if (answer.body.find("name=\"SAMLResponse\"") == std::string::npos)
      throw std::runtime_error("no SAMLResponse in " + answer.body);
    return true;
  };
  return out;
}

}  // namespace segue::bench
