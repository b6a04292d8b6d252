// Builds XML as text. Every prefix must be declared where it is used, every element closed: a mistake is a base::Bug and never a
// message that somebody reads otherwise. Characters that XML 1.0 cannot hold become U+FFFD.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace segue::xml {

// The text with U+FFFD for every character that XML 1.0 cannot hold (§2.2). Not UTF-8: base::Bug.
std::string representable(std::string_view text);

class Writer {
 public:
  // `qualified_name` as "samlp:Response", or "Attribute" for the default namespace.
  Writer& open(std::string_view qualified_name);
  // These two only before anything is inside the element. An empty prefix declares the default namespace.
  Writer& declare(std::string_view prefix, std::string_view namespace_uri);
  Writer& attribute(std::string_view name, std::string_view value);
  Writer& text(std::string_view value);
  // A whole element that brings its own declarations, such as a signed assertion.
  Writer& element(std::string_view xml);
  Writer& close();
  // An element with nothing but text.
  Writer& leaf(std::string_view qualified_name, std::string_view value);
  // Where the next thing would stand, for a signature that is put there later (xml/signature.h). Only between elements.
  std::size_t here();
  std::string finish() &&;

 private:
  void end_tag();
  bool declared(std::string_view prefix) const;

  std::string out_;
  std::vector<std::string> open_;
  struct Declaration {
    std::size_t depth;
    std::string prefix;
  };
  std::vector<Declaration> declarations_;
  std::vector<std::string> used_in_tag_;
  bool in_tag_ = false;
};

}  // namespace segue::xml
