#include "xml/signature.h"

#include <algorithm>

#include "xml/library.h"
#include "xml/writer.h"

namespace segue::xml {
namespace {

constexpr std::string_view kSignatureNamespace = "http://www.w3.org/2000/09/xmldsig#";
constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
constexpr std::string_view kExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
// A message of ours carries as many claims as the user has. What was digested repeats the declarations of namespaces.
constexpr Limits kTrusted{.bytes = 16 * 1024 * 1024, .nodes = 200'000, .depth = 100, .attributes = 100};

std::string signature_template(std::string_view id, const PrivateKey& key, const SignatureForm& form) {
  Writer out;
  const auto algorithm = [&](std::string_view name, std::string_view uri) { out.open(name).attribute("Algorithm", uri).close(); };
  out.open("ds:Signature").declare("ds", kSignatureNamespace).open("ds:SignedInfo");
  algorithm("ds:CanonicalizationMethod", kExclusive);
  algorithm("ds:SignatureMethod", uri_of(form.signature));
  out.open("ds:Reference").attribute("URI", "#" + std::string(id)).open("ds:Transforms");
  algorithm("ds:Transform", kEnveloped);
  algorithm("ds:Transform", kExclusive);
  out.close();
  algorithm("ds:DigestMethod", uri_of(form.digest));
  out.open("ds:DigestValue").close().close().close();
  out.open("ds:SignatureValue").close();
  out.open("ds:KeyInfo").open("ds:X509Data").leaf("ds:X509Certificate", key.certificate()).close().close().close();
  return std::move(out).finish();
}

// xmlsec finds "#ID" through the table of IDs, in which there is then this one element.
class KnownId {
 public:
  KnownId(const Element& element, const char* attribute, const std::string& id)
      : doc_(element.node()->doc), attribute_(xmlHasProp(element.node(), chars(attribute))) {
    added_ = attribute_ != nullptr && xmlAddID(nullptr, doc_, chars(id.c_str()), attribute_) != nullptr;
  }
  ~KnownId() {
    if (added_) xmlRemoveID(doc_, attribute_);
  }
  KnownId(const KnownId&) = delete;
  KnownId& operator=(const KnownId&) = delete;
  bool added() const { return added_; }

 private:
  xmlDoc* doc_;
  xmlAttr* attribute_;
  bool added_ = false;
};

Owned<xmlSecDSigCtx> make_context(_xmlSecKey* key) {
  auto context = require_owned(xmlSecDSigCtxCreate(nullptr), "xmlSecDSigCtxCreate");
  context->signKey = require_owned(xmlSecKeyDuplicate(key), "xmlSecKeyDuplicate").release();
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  return context;
}

std::string with_value(std::string text, std::string_view tag, const Element& element) {
  const auto at = text.find(tag);
  const auto value = element.text();
  require(at != std::string::npos && value && !value->empty(), "a signature value");
  return text.insert(at + tag.size(), *value);
}

// --- verifying ---

std::vector<Element> signatures_of(const Element& element) { return element.children(kSignatureNamespace, "Signature"); }

std::optional<Element> signature_part(const Element& parent, const char* name) {
  return parent.only_child(kSignatureNamespace, name);
}

// XML Signature §4.1: the parts of a signature and nothing else, so that nothing but what is checked here is acted on.
bool has_only(const Element& parent, std::initializer_list<std::string_view> names) {
  const auto children = parent.children();
  return std::all_of(children.begin(), children.end(), [&](const Element& child) {
    return child.namespace_uri() == kSignatureNamespace && std::find(names.begin(), names.end(), child.name()) != names.end();
  });
}

std::string algorithm_of(const std::optional<Element>& method) {
  return method ? method->attribute("Algorithm").value_or("") : std::string();
}

base::Outcome check_algorithms(const Element& signed_info, const Element& reference, const Accepted& accepted) {
  const auto method = signature_part(signed_info, "SignatureMethod");
  const auto signature = algorithm_of(method);
  const auto digest = algorithm_of(signature_part(reference, "DigestMethod"));
  const auto known = signature_algorithm_from_uri(signature);
  const bool sha1_digest = digest == uri_of(DigestAlgorithm::sha1);
  if (!known || (digest != uri_of(DigestAlgorithm::sha256) && !sha1_digest) || !method->children().empty())
    return refused("The signature uses an algorithm that is not accepted. Sign with RSA-SHA256 and SHA-256.");
  if (!accepted.sha1 && (sha1_digest || known == SignatureAlgorithm::rsa_sha1))
    return refused("The signature uses SHA-1, which this application does not accept. Sign with RSA-SHA256 and SHA-256.");
  if (algorithm_of(signature_part(signed_info, "CanonicalizationMethod")) != kExclusive)
    return refused("The signature's canonical form is not accepted. Use exclusive canonicalization without comments.");
  return base::Unit{};
}

// SAML core §5.4.4: the enveloped signature transform and exclusive canonical form, each at most once.
base::Outcome check_transforms(const Element& reference) {
  const auto transforms = signature_part(reference, "Transforms");
  if (!transforms || !has_only(*transforms, {"Transform"})) return refused("The signature's reference has no transforms.");
  const auto list = transforms->children();
  const bool as_profiled = list.size() == 2 && algorithm_of(list[0]) == kEnveloped && algorithm_of(list[1]) == kExclusive &&
                           list[0].children().empty();
  if (!as_profiled) {
    return refused(
        "The signature's transforms are not accepted. Use enveloped-signature, then exclusive canonicalization without "
        "comments.");
  }
  const auto parameters = list[1].children();
  if (parameters.empty()) return base::Unit{};
  if (parameters.size() == 1 && parameters[0].is(kExclusive, "InclusiveNamespaces")) return base::Unit{};
  return refused("The signature's transforms have parameters that are not accepted.");
}

struct Signature {
  Element element;
  std::string id;
};

base::Result<Signature> check_signature(const Element& element, const Accepted& accepted) {
  const auto signatures = signatures_of(element);
  if (signatures.empty()) return refused("The message is not signed.");
  if (signatures.size() > 1) return refused("The message has more than one signature.");
  const auto id = element.attribute("ID");
  if (!id || !is_plain_name(*id)) return refused("The signed element has no ID, or one that is no XML name.");
  const auto& signature = signatures.front();
  const auto signed_info = signature_part(signature, "SignedInfo");
  const auto reference = signed_info ? signature_part(*signed_info, "Reference") : std::nullopt;
  if (!reference || !signature_part(signature, "SignatureValue") || signature.children().front().name() != "SignedInfo" ||
      !has_only(signature, {"SignedInfo", "SignatureValue", "KeyInfo"}) ||
      !has_only(*signed_info, {"CanonicalizationMethod", "SignatureMethod", "Reference"}) ||
      !has_only(*reference, {"Transforms", "DigestMethod", "DigestValue"}))
    return refused("The signature is not one that SAML allows: one reference, no objects.");
  if (reference->attribute("URI") != "#" + *id) return refused("The signature does not refer to the element that it stands in.");
  TRY(check_algorithms(*signed_info, *reference, accepted));
  TRY(check_transforms(*reference));
  return Signature{signature, *id};
}

}  // namespace

std::string sign(std::string_view document, std::size_t position, std::string_view id, const PrivateKey& key,
                 const SignatureForm& form) {
  const QuietErrors quiet;
  auto signature = signature_template(id, key, form);
  const auto before = document.substr(0, position), after = document.substr(position);
  const auto parsed = Document::parse(std::string(before) + signature + std::string(after), kTrusted);
  require(parsed.ok(), "a document to sign");
  const auto root = parsed->root();
  const auto signatures = signatures_of(root);
  require(signatures.size() == 1 && is_plain_name(id) && root.attribute(form.id_attribute) == id, "the place of a signature");
  const KnownId known(root, form.id_attribute, std::string(id));
  require(known.added(), "xmlAddID");
  const auto context = make_context(key.handle());
  require(xmlSecDSigCtxSign(context.get(), signatures.front().node()) == 0, "xmlSecDSigCtxSign");

  // The two values are put into our own text, so that what is sent is what was parsed, byte for byte.
  const auto signed_info = *signature_part(signatures.front(), "SignedInfo");
  const auto reference = *signature_part(signed_info, "Reference");
  signature = with_value(std::move(signature), "<ds:DigestValue>", *signature_part(reference, "DigestValue"));
  signature = with_value(std::move(signature), "<ds:SignatureValue>", *signature_part(signatures.front(), "SignatureValue"));
  return std::string(before) + signature + std::string(after);
}

bool has_signature(const Element& element) { return !signatures_of(element).empty(); }

base::Result<Document> verified(const Element& element, const PublicKey& key, const Accepted& accepted) {
  const QuietErrors quiet;
  const auto signature = TRY(check_signature(element, accepted));
  const KnownId known(element, "ID", signature.id);
  if (!known.added()) return refused("The signed element's ID is not the only one of that value.");
  const auto context = make_context(key.handle());
  context->flags |= XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
  const auto invalid = [] { return refused("The signature does not verify with the key of this application."); };
  if (xmlSecDSigCtxVerify(context.get(), signature.element.node()) != 0) return invalid();
  if (context->status != xmlSecDSigStatusSucceeded || xmlSecPtrListGetSize(&context->signedInfoReferences) != 1) return invalid();
  auto* const reference = static_cast<xmlSecDSigReferenceCtxPtr>(xmlSecPtrListGetItem(&context->signedInfoReferences, 0));
  auto* const digested = reference == nullptr ? nullptr : xmlSecDSigReferenceCtxGetPreDigestBuffer(reference);
  if (digested == nullptr) return invalid();
  const std::string_view bytes(reinterpret_cast<const char*>(xmlSecBufferGetData(digested)), xmlSecBufferGetSize(digested));
  auto read = TRY(Document::parse(bytes, kTrusted));
  // The signature covered the element that it stands in, and not another one.
  if (!read.root().is(element.namespace_uri(), element.name()) || read.root().attribute("ID") != signature.id) return invalid();
  return read;
}

}  // namespace segue::xml
