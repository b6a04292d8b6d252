// Messages in a form: nothing but what the service provider signed is read, and what is read has an ID, a time and an issuer.
#include "base/bytes.h"
#include "crypto/certificates.h"
#include "crypto/signing_key.h"
#include "saml_messages/authn_request.h"
#include "saml_messages/bindings.h"
#include "saml_messages/logout.h"
#include "saml_messages/response.h"
#include "target.h"

using namespace segue;
using namespace segue::saml_messages;
using fuzz::must;

namespace {

constexpr auto kNow = base::from_seconds(1'780'000'000);

struct Genuine {
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::RS256);
  xml::PrivateKey private_key{key.to_pem(), key.self_signed_certificate("sp", kNow, kNow + std::chrono::hours(1))};
  xml::PublicKey public_key = *xml::PublicKey::from_pem(key.verification_key().to_pem());
  LogoutRequest request{.header = {.id = "_1", .issuer = "sp", .issue_instant = kNow, .destination = "https://idp.example/slo"},
                        .name_id = {.value = "auth0|ada"},
                        .session_indexes = {"s1"}};
  std::string message = signed_message(write_logout_request(request), private_key);
};

template <class Message>
void check_header(const base::Result<Message>& message) {
  if (!message.ok()) return;
  must(xml::is_plain_name(message->header.id) && !message->header.issuer.empty(), "an ID and an issuer");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Genuine genuine;
  fuzz::Input input(data, size);
  if (input.byte() % 2 == 0) {
    const auto document = open({.kind = MessageKind::request, .xml = std::string(input.rest())}, {});
    if (!document.ok()) return 0;
    check_header(read_authn_request(*document));
    check_header(read_logout_request(*document));
    check_header(read_logout_response(*document));
    return 0;
  }
  const auto text = fuzz::edited(genuine.message, input.rest());
  const auto opened = open({.kind = MessageKind::request, .xml = text}, {.key = &genuine.public_key});
  if (!opened.ok()) return 0;
  const auto request = read_logout_request(*opened);
  must(request.ok() && request->name_id == genuine.request.name_id && request->header.id == "_1" &&
           request->session_indexes == genuine.request.session_indexes &&
           request->header.destination == genuine.request.header.destination,
       "what was signed and nothing else");
  return 0;
}
