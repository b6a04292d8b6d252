#include "xml/document.h"

#include <libxml/SAX2.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "xml/library.h"

namespace segue::xml {
namespace {

constexpr std::string_view kSecurityUtility =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

struct Parsing {
  const Limits& limits;
  int depth = 0;
  int nodes = 0;
  std::set<std::string, std::less<>> ids = {};
  const char* refusal = nullptr;
};

Parsing& parsing_of(void* context) { return *static_cast<Parsing*>(static_cast<xmlParserCtxtPtr>(context)->_private); }

void refuse(void* context, const char* why) {
  auto& parsing = parsing_of(context);
  if (parsing.refusal == nullptr) parsing.refusal = why;
  xmlStopParser(static_cast<xmlParserCtxtPtr>(context));
}

void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  refuse(context, "The XML has a DOCTYPE. Send the message without one.");
}
void on_comment(void* context, const xmlChar*) { refuse(context, "The XML has a comment. Send the message without comments."); }
void on_instruction(void* context, const xmlChar*, const xmlChar*) {
  refuse(context, "The XML has a processing instruction. Send the message without one.");
}
void on_reference(void* context, const xmlChar*) { refuse(context, "The XML refers to an entity that is none of the five."); }

// Which attribute names an element, in SAML 2.0, SAML 1.1, XML Signature, XML Encryption, WS-Security and XML itself. Broader
// than any reader of ours, so that no other reader is misled either.
bool names_element(std::string_view name, std::string_view prefix, std::string_view uri) {
  if (!prefix.empty() && prefix != "xml" && uri != kSecurityUtility) return false;
  return base::iequals(name, "id") || name == "AssertionID" || name == "RequestID" || name == "ResponseID";
}

void on_element(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri, int namespaces,
                const xmlChar** declared, int attributes, int defaulted, const xmlChar** values) {
  auto& parsing = parsing_of(context);
  parsing.nodes += 1 + attributes + namespaces;
  if (++parsing.depth > parsing.limits.depth) return refuse(context, "The XML is nested too deeply.");
  if (attributes + namespaces > parsing.limits.attributes) return refuse(context, "An element has too many attributes.");
  if (parsing.nodes > parsing.limits.nodes) return refuse(context, "The XML has too many elements.");
  for (int i = 0; i < namespaces; ++i) {
    const auto* const declared_uri = declared[2 * i + 1];  // behind its prefix; null: none any more
    if (declared_uri != nullptr && view(declared_uri).size() > parsing.limits.namespace_bytes)
      return refuse(context, "The name of a namespace is too long.");
  }
  for (int i = 0; i < attributes; ++i) {
    const auto* const attribute = values + 5 * i;  // name, prefix, namespace, begin and end of the value
    if (!names_element(view(attribute[0]), view(attribute[1]), view(attribute[2]))) continue;
    const std::string id(reinterpret_cast<const char*>(attribute[3]), reinterpret_cast<const char*>(attribute[4]));
    if (!parsing.ids.insert(id).second) return refuse(context, "Two elements have the same ID.");
  }
  xmlSAX2StartElementNs(context, name, prefix, uri, namespaces, declared, attributes, defaulted, values);
}

void on_element_end(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri) {
  --parsing_of(context).depth;
  xmlSAX2EndElementNs(context, name, prefix, uri);
}

Owned<xmlParserCtxt> make_parser(Parsing& parsing) {
  auto parser = require_owned(xmlNewParserCtxt(), "xmlNewParserCtxt");
  parser->_private = &parsing;
  auto& events = *parser->sax;
  events.internalSubset = on_doctype;
  events.externalSubset = on_doctype;
  events.comment = on_comment;
  events.processingInstruction = on_instruction;
  events.reference = on_reference;
  events.startElementNs = on_element;
  events.endElementNs = on_element_end;
  return parser;
}

}  // namespace

base::Result<Document> Document::parse(std::string_view text, const Limits& limits) {
  start_library();
  if (text.size() > limits.bytes) return refused("The XML is longer than " + std::to_string(limits.bytes) + " bytes.");
  if (!base::is_valid_utf8(text) || text.find('\0') != std::string_view::npos) return refused("The XML is not UTF-8 text.");
  Parsing parsing{limits};
  const auto parser = make_parser(parsing);
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
  Owned<xmlDoc> doc(xmlCtxtReadMemory(parser.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr, kOptions));
  if (parsing.refusal != nullptr) return refused(parsing.refusal);
  if (!doc || parser->wellFormed != 1 || parser->nsWellFormed != 1 || xmlDocGetRootElement(doc.get()) == nullptr)
    return refused("The message is not well-formed XML.");
  // A declared encoding decides how the parser reads the bytes, so only the one that was checked may be declared.
  if (doc->encoding != nullptr && !base::iequals(view(doc->encoding), "utf-8")) return refused("The XML is not UTF-8 text.");
  return Document(doc.release());
}

Document::~Document() { xmlFreeDoc(doc_); }
Document::Document(Document&& other) noexcept : doc_(std::exchange(other.doc_, nullptr)) {}
Document& Document::operator=(Document&& other) noexcept {
  std::swap(doc_, other.doc_);
  return *this;
}

Element Document::root() const { return Element(xmlDocGetRootElement(doc_)); }

std::string_view Element::name() const { return view(node_->name); }
std::string_view Element::namespace_uri() const { return node_->ns == nullptr ? std::string_view() : view(node_->ns->href); }
bool Element::is(std::string_view uri, std::string_view local) const { return name() == local && namespace_uri() == uri; }

std::optional<std::string> Element::attribute(const char* attribute_name) const {
  const Owned<xmlChar> value(xmlGetNoNsProp(node_, chars(attribute_name)));
  if (!value) return std::nullopt;
  return std::string(view(value.get()));
}

std::optional<std::string> Element::text() const {
  std::string out;
  for (const auto* at = node_->children; at != nullptr; at = at->next) {
    if (at->type != XML_TEXT_NODE) return std::nullopt;
    out += view(at->content);
  }
  return out;
}

std::vector<Element> Element::children() const {
  std::vector<Element> out;
  for (auto* at = node_->children; at != nullptr; at = at->next) {
    if (at->type == XML_ELEMENT_NODE) out.emplace_back(at);
  }
  return out;
}

std::vector<Element> Element::children(std::string_view uri, std::string_view local) const {
  auto out = children();
  out.erase(std::remove_if(out.begin(), out.end(), [&](const Element& child) { return !child.is(uri, local); }), out.end());
  return out;
}

std::optional<Element> Element::only_child(std::string_view uri, std::string_view local) const {
  const auto found = children(uri, local);
  return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

bool is_plain_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto other = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= 256 && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || other(c); });
}

}  // namespace segue::xml
