// XML that others sent, as a tree that can only be read. The parser takes what SAML messages need and refuses the rest: no
// DOCTYPE (so no entities but the five), no comment, no processing instruction, UTF-8 only, IDs that are unique, bounded in every
// direction.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct _xmlDoc;
struct _xmlNode;

namespace segue::xml {

struct Limits {
  std::size_t bytes = 64 * 1024;
  int nodes = 4000;     // elements and attributes
  int depth = 64;       // of elements
  int attributes = 64;  // of one element, declarations of namespaces included
  // Of the URI of a namespace: exclusive canonical form repeats its declaration at every element that uses it.
  std::size_t namespace_bytes = 512;
};

// A view of a Document, which must outlive it.
class Element {
 public:
  explicit Element(_xmlNode* node) : node_(node) {}

  std::string_view name() const;           // local
  std::string_view namespace_uri() const;  // empty: in none
  bool is(std::string_view namespace_uri, std::string_view name) const;
  // An attribute without a namespace.
  std::optional<std::string> attribute(const char* name) const;
  // Everything between the tags. Nothing when there is an element in between.
  std::optional<std::string> text() const;
  std::vector<Element> children() const;
  std::vector<Element> children(std::string_view namespace_uri, std::string_view name) const;
  // The only one of that name. Nothing when there is none or more than one.
  std::optional<Element> only_child(std::string_view namespace_uri, std::string_view name) const;

  _xmlNode* node() const { return node_; }

 private:
  _xmlNode* node_;
};

class Document {
 public:
  static base::Result<Document> parse(std::string_view text, const Limits& limits = {});
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  Element root() const;
  _xmlDoc* doc() const { return doc_; }

 private:
  explicit Document(_xmlDoc* doc) : doc_(doc) {}
  _xmlDoc* doc_;
};

// The characters of an XML name without a colon, ASCII only: what an ID may be (xs:NCName).
bool is_plain_name(std::string_view text);

}  // namespace segue::xml
