#include "saml_messages/bindings.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/text.h"
#include "saml_messages/deflate.h"
#include "saml_messages/names.h"
#include "xml/signature.h"

namespace segue::saml_messages {
namespace {

// SAML bindings §3.4.4.1
constexpr std::string_view kDeflate = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";

constexpr std::size_t kLongestSignature = 2048;

std::string_view parameter_of(MessageKind kind) { return kind == MessageKind::request ? "SAMLRequest" : "SAMLResponse"; }

// Base64 as senders write it: in lines, and where a "+" came unescaped as a space, too.
base::Result<std::string> decode(std::string_view text, std::size_t most_bytes) {
  std::string packed;
  for (const char c : text) {
    if (c != '\r' && c != '\n' && c != '\t') packed += c == ' ' ? '+' : c;
  }
  if (packed.empty()) return refused("The SAML message is empty.");
  if (packed.size() / 4 * 3 > most_bytes + 3)
    return refused("The message is longer than " + std::to_string(most_bytes) + " bytes.");
  auto bytes = base::from_base64(packed);
  if (!bytes) return refused("The SAML message is not base64.");
  return std::move(*bytes);
}

// The values of the binding's own parameters, as they came.
struct RawParameters {
  std::optional<std::string_view> request, response, relay_state, algorithm, signature, encoding;
};

base::Result<RawParameters> split_query(std::string_view query) {
  RawParameters out;
  const std::array<std::pair<std::string_view, std::optional<std::string_view>*>, 6> wanted{{{"SAMLRequest", &out.request},
                                                                                             {"SAMLResponse", &out.response},
                                                                                             {"RelayState", &out.relay_state},
                                                                                             {"SigAlg", &out.algorithm},
                                                                                             {"Signature", &out.signature},
                                                                                             {"SAMLEncoding", &out.encoding}}};
  for (std::size_t from = 0; from <= query.size();) {
    const auto until = std::min(query.find('&', from), query.size());
    const auto pair = query.substr(from, until - from);
    from = until + 1;
    const auto equals = std::min(pair.find('='), pair.size());
    // Another spelling of the name ("%53AMLRequest") would be read by others and not be covered by the signature.
    const auto name = base::percent_decode(pair.substr(0, equals));
    if (!name) return refused("The query has a name that is not percent-encoded.");
    const auto at = std::find_if(wanted.begin(), wanted.end(), [&](const auto& entry) { return entry.first == *name; });
    if (at == wanted.end()) continue;
    if (*name != pair.substr(0, equals)) return refused("The query spells the name " + *name + " in percent-encoding.");
    if (at->second->has_value()) return refused("The query has " + *name + " more than once.");
    *at->second = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
  }
  return out;
}

base::Result<std::string> decoded_value(std::string_view raw, std::string_view name) {
  std::string spaced(raw);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto value = base::percent_decode(spaced);
  if (!value) return refused("The value of " + std::string(name) + " is not percent-encoded.");
  return std::move(*value);
}

base::Outcome check_relay_state(const std::optional<std::string>& relay_state, const Limits& limits) {
  if (!relay_state) return base::Unit{};
  if (relay_state->size() > limits.relay_state)
    return refused("RelayState is longer than " + std::to_string(limits.relay_state) + " bytes.");
  if (!base::is_valid_utf8(*relay_state) || relay_state->find('\0') != std::string::npos)
    return refused("RelayState is not UTF-8 text.");
  return base::Unit{};
}

// SAML bindings §3.4.4.1: the parameters in this order, each as it was encoded by the sender.
base::Result<DetachedSignature> read_signature(const RawParameters& raw, MessageKind kind, std::string_view message) {
  if (!raw.algorithm || !raw.signature) return refused("A signed query has both SigAlg and Signature.");
  const auto start = std::string(parameter_of(kind)) + "=" + std::string(message);
  const auto end = "&SigAlg=" + std::string(*raw.algorithm);
  DetachedSignature out;
  out.algorithm = TRY(decoded_value(*raw.algorithm, "SigAlg"));
  const auto encoded = TRY(decoded_value(*raw.signature, "Signature"));
  auto signature = decode(encoded, kLongestSignature);
  if (!signature.ok()) return refused("The value of Signature is not base64.");
  out.signature = std::move(*signature);
  out.octets = start + (raw.relay_state ? "&RelayState=" + std::string(*raw.relay_state) : std::string()) + end;
  if (raw.relay_state && raw.relay_state->empty()) out.octets_without_relay_state = start + end;
  return out;
}

base::Outcome verify_detached(const DetachedSignature& signature, const Trust& trust) {
  const auto algorithm = xml::signature_algorithm_from_uri(signature.algorithm);
  if (!algorithm) return refused("SigAlg is not an algorithm that is accepted. Sign with RSA-SHA256.");
  if (*algorithm == xml::SignatureAlgorithm::rsa_sha1 && !trust.sha1)
    return refused("SigAlg uses SHA-1, which this application does not accept. Sign with RSA-SHA256.");
  const auto signs = [&](const std::string& octets) { return trust.key->verify(*algorithm, octets, signature.signature); };
  if (signs(signature.octets)) return base::Unit{};
  if (signature.octets_without_relay_state && signs(*signature.octets_without_relay_state)) return base::Unit{};
  return refused("The signature of the query does not verify with the key of this application.");
}

}  // namespace

base::Result<Arrived> from_redirect(std::string_view raw_query, const Limits& limits) {
  const auto raw = TRY(split_query(raw_query));
  if (raw.request.has_value() == raw.response.has_value())
    return refused("The query has neither or both of SAMLRequest and SAMLResponse.");
  const auto encoding = TRY(decoded_value(raw.encoding.value_or(kDeflate), "SAMLEncoding"));
  if (encoding != kDeflate) return refused("SAMLEncoding is not the one that is understood, " + std::string(kDeflate) + ".");
  const auto kind = raw.request ? MessageKind::request : MessageKind::response;
  const auto message = raw.request ? *raw.request : *raw.response;
  Arrived out{.kind = kind, .xml = {}, .by_redirect = true};
  const auto value = TRY(decoded_value(message, parameter_of(kind)));
  const auto compressed = TRY(decode(value, limits.message));
  out.xml = TRY(inflate(compressed, limits.message));
  if (raw.relay_state) out.relay_state = TRY(decoded_value(*raw.relay_state, "RelayState"));
  TRY(check_relay_state(out.relay_state, limits));
  if (raw.algorithm || raw.signature) out.detached = TRY(read_signature(raw, kind, message));
  return out;
}

base::Result<Arrived> from_post(MessageKind kind, std::string_view message, std::optional<std::string> relay_state,
                                const Limits& limits) {
  TRY(check_relay_state(relay_state, limits));
  auto xml = TRY(decode(message, limits.message));
  // node-saml compresses in forms, too, unless it is told not to.
  if (xml.find_first_not_of(" \t\r\n\xEF\xBB\xBF") != xml.find('<')) xml = TRY(inflate(xml, limits.message));
  return Arrived{.kind = kind, .xml = std::move(xml), .relay_state = std::move(relay_state)};
}

base::Result<xml::Document> open(const Arrived& arrived, const Trust& trust) {
  auto document = TRY(xml::Document::parse(arrived.xml));
  if (trust.key == nullptr) return document;
  // §3.4.4.1: in a query the signature stands beside the message; one inside it does not count.
  if (!arrived.by_redirect) return xml::verified(document.root(), *trust.key, {.sha1 = trust.sha1});
  if (!arrived.detached) return refused("The message is not signed. This application signs its requests: SigAlg and Signature.");
  TRY(verify_detached(*arrived.detached, trust));
  return document;
}

std::string redirect_to(std::string_view location, MessageKind kind, std::string_view xml,
                        const std::optional<std::string>& relay_state, const std::optional<RedirectSignature>& signature) {
  auto query = std::string(parameter_of(kind)) + "=" + base::percent_encode(base::base64(deflate(xml)));
  if (relay_state) query += "&RelayState=" + base::percent_encode(*relay_state);
  if (signature) {
    query += "&SigAlg=" + base::percent_encode(xml::uri_of(signature->algorithm));
    query += "&Signature=" + base::percent_encode(base::base64(signature->key.sign(signature->algorithm, query)));
  }
  return std::string(location) + (location.find('?') == std::string_view::npos ? "?" : "&") + query;
}

std::string post_value(std::string_view xml) { return base::base64(xml); }

}  // namespace segue::saml_messages
