#include "xml/writer.h"

#include "base/result.h"
#include "base/text.h"

namespace segue::xml {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// XML 1.0 §2.2: no control but tab, line feed and carriage return, and neither U+FFFE nor U+FFFF.
bool is_forbidden_control(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; }
// How many bytes the character there has that XML cannot hold; 0: it can.
std::size_t forbidden_at(std::string_view text, std::size_t at) {
  if (is_forbidden_control(text[at])) return 1;
  const auto three = text.substr(at, 3);
  return three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF" ? 3 : 0;
}

// Hands on each byte of the text, or U+FFFD for a character that XML cannot hold.
template <class Take>
void each_representable(std::string_view text, std::string& out, Take take) {
  if (!base::is_valid_utf8(text)) throw base::Bug("text for XML is not UTF-8");
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const auto length = forbidden_at(text, i); length != 0) {
      out += kReplacement;
      i += length - 1;
    } else {
      take(text[i]);
    }
  }
}

void escape(std::string& out, std::string_view text, bool in_attribute) {
  each_representable(text, out, [&](char c) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\r': out += "&#13;"; break;  // a bare one would be read as a line feed (XML 1.0 §2.11)
      case '"': out += in_attribute ? "&quot;" : "\""; break;
      case '\n': out += "&#10;"; break;  // a form would make two characters of it
      case '\t': out += in_attribute ? "&#9;" : "\t"; break;
      default: out += c;
    }
  });
}

std::string_view prefix_of(std::string_view qualified_name) {
  const auto colon = qualified_name.find(':');
  return colon == std::string_view::npos ? std::string_view() : qualified_name.substr(0, colon);
}

}  // namespace

std::string representable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_representable(text, out, [&](char c) { out += c; });
  return out;
}

bool Writer::declared(std::string_view prefix) const {
  if (prefix == "xml") return true;
  for (const auto& declaration : declarations_) {
    if (declaration.prefix == prefix) return true;
  }
  return false;
}

void Writer::end_tag() {
  if (!in_tag_) return;
  for (const auto& prefix : used_in_tag_) {
    if (!declared(prefix)) throw base::Bug("the XML prefix '" + prefix + "' is not declared");
  }
  used_in_tag_.clear();
  in_tag_ = false;
  out_ += '>';
}

Writer& Writer::open(std::string_view qualified_name) {
  end_tag();
  if (open_.empty() && !out_.empty()) throw base::Bug("XML has one root");
  out_ += '<';
  out_ += qualified_name;
  open_.emplace_back(qualified_name);
  used_in_tag_.emplace_back(prefix_of(qualified_name));
  in_tag_ = true;
  return *this;
}

Writer& Writer::declare(std::string_view prefix, std::string_view namespace_uri) {
  if (!in_tag_) throw base::Bug("a namespace is declared in a tag");
  out_ += prefix.empty() ? std::string(" xmlns=\"") : " xmlns:" + std::string(prefix) + "=\"";
  escape(out_, namespace_uri, true);
  out_ += '"';
  declarations_.push_back({open_.size(), std::string(prefix)});
  return *this;
}

Writer& Writer::attribute(std::string_view name, std::string_view value) {
  if (!in_tag_) throw base::Bug("an attribute stands in a tag");
  if (const auto prefix = prefix_of(name); !prefix.empty()) used_in_tag_.emplace_back(prefix);
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  escape(out_, value, true);
  out_ += '"';
  return *this;
}

Writer& Writer::text(std::string_view value) {
  end_tag();
  if (open_.empty()) throw base::Bug("XML text stands in an element");
  escape(out_, value, false);
  return *this;
}

Writer& Writer::element(std::string_view xml) {
  end_tag();
  if (open_.empty()) throw base::Bug("an XML element stands in another");
  out_ += xml;
  return *this;
}

Writer& Writer::close() {
  end_tag();
  if (open_.empty()) throw base::Bug("no XML element is open");
  out_ += "</" + open_.back() + ">";
  while (!declarations_.empty() && declarations_.back().depth == open_.size()) declarations_.pop_back();
  open_.pop_back();
  return *this;
}

Writer& Writer::leaf(std::string_view qualified_name, std::string_view value) { return open(qualified_name).text(value).close(); }

std::size_t Writer::here() {
  end_tag();
  return out_.size();
}

std::string Writer::finish() && {
  if (!open_.empty() || out_.empty()) throw base::Bug("an XML element is open");
  return std::move(out_);
}

}  // namespace segue::xml
