// Messages in a form, as they are, edited, or wrapped around parts of a signed one: nothing but what the service provider signed
// is read, and what is read has an ID, a time and an issuer.
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
  std::size_t from = message.find("<ds:Signature ");
  std::size_t end = message.find("</ds:Signature>") + std::string_view("</ds:Signature>").size();
  std::string signature = message.substr(from, end - from);
  std::string unsigned_message = message.substr(0, from) + message.substr(end);
};

// Edits of four bytes each (what, where in two, which character or how much), anywhere in the genuine message.
std::string edited(std::string_view genuine, std::string_view edits) {
  std::string out(genuine);
  for (; edits.size() >= 4 && !out.empty(); edits.remove_prefix(4)) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(edits[i]); };
    const auto at = (byte(1) * 256u + byte(2)) % out.size();
    switch (byte(0) % 4) {
      case 0: out.insert(at, 1, edits[3]); break;
      case 1: out.erase(at, byte(3)); break;
      case 2: out.insert(at, out.substr(at / 2, byte(3) * 4u)); break;
      default: out[at] = edits[3];
    }
  }
  return out;
}

// A message around parts of the genuine one, each named by a byte: what wraps signatures is made of these.
std::string wrapped(const Genuine& genuine, std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\1': out += genuine.message; break;
      case '\2': out += genuine.signature; break;
      case '\3': out += genuine.unsigned_message; break;
      case '\4': out += genuine.signature.substr(0, genuine.signature.find("<ds:SignedInfo>")); break;
      case '\5': out += genuine.signature.substr(genuine.signature.find("<ds:SignedInfo>")); break;
      default: out += c;
    }
    if (out.size() > 64 * 1024) break;
  }
  return out;
}

template <class Message>
void check_header(const base::Result<Message>& message) {
  if (!message.ok()) return;
  must(xml::is_plain_name(message->header.id) && !message->header.issuer.empty(), "an ID and an issuer");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Genuine genuine;
  fuzz::Input input(data, size);
  const auto mode = input.byte() % 3;
  if (mode == 0) {
    const auto document = open({.kind = MessageKind::request, .xml = std::string(input.rest())}, {});
    if (!document.ok()) return 0;
    check_header(read_authn_request(*document));
    check_header(read_logout_request(*document));
    check_header(read_logout_response(*document));
    return 0;
  }
  const auto text = mode == 1 ? edited(genuine.message, input.rest()) : wrapped(genuine, input.rest());
  const auto opened = open({.kind = MessageKind::request, .xml = text}, {.key = &genuine.public_key});
  if (!opened.ok()) return 0;
  const auto request = read_logout_request(*opened);
  must(request.ok() && request->name_id == genuine.request.name_id && request->header.id == "_1" &&
           request->session_indexes == genuine.request.session_indexes &&
           request->header.destination == genuine.request.header.destination,
       "what was signed and nothing else");
  return 0;
}
