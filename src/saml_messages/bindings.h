// How messages travel: in a query (SAML bindings §3.4) or in a form (§3.5). What arrives is decoded here, then opened once, with
// the key that it must be signed with; only what open() gives is read.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "xml/document.h"
#include "xml/keys.h"

namespace segue::saml_messages {

enum class MessageKind { request, response };

struct Limits {
  std::size_t message = 64 * 1024;     // of XML
  std::size_t relay_state = 2 * 1024;  // more than the 80 bytes of §3.4.3, which nobody keeps to
};

// A signature beside the message, over octets of the query as they came.
struct DetachedSignature {
  std::string algorithm;  // SigAlg
  std::string signature;
  std::string octets;
  std::optional<std::string> octets_without_relay_state;  // where RelayState came empty: senders differ on whether it counts
};

struct Arrived {
  MessageKind kind;
  std::string xml;
  std::optional<std::string> relay_state;
  bool by_redirect = false;
  std::optional<DetachedSignature> detached = {};
};

// The raw query, as it stood in the request line: a signature is over these very octets. Parameters that are none of the
// binding's are not looked at (an application may add session_transfer_token).
base::Result<Arrived> from_redirect(std::string_view raw_query, const Limits& limits = {});
// The values of the form's fields.
base::Result<Arrived> from_post(MessageKind kind, std::string_view message, std::optional<std::string> relay_state,
                                const Limits& limits = {});

// Who must have signed. Without a key nothing is asked for, and a signature is not looked at.
struct Trust {
  const xml::PublicKey* key = nullptr;
  bool sha1 = false;
};
base::Result<xml::Document> open(const Arrived& arrived, const Trust& trust);

struct RedirectSignature {
  const xml::PrivateKey& key;
  xml::SignatureAlgorithm algorithm = xml::SignatureAlgorithm::rsa_sha256;
};
// `location` with the message in its query. The message itself has no signature then (§3.4.4.1).
std::string redirect_to(std::string_view location, MessageKind kind, std::string_view xml,
                        const std::optional<std::string>& relay_state, const std::optional<RedirectSignature>& signature);
// What the field SAMLRequest or SAMLResponse holds.
std::string post_value(std::string_view xml);

}  // namespace segue::saml_messages
