#include "http/multipart.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace segue::http {
namespace {

constexpr std::size_t kMostParts = 32;
constexpr std::size_t kLongestHead = 4096;

base::Error malformed() {
  return {.kind = base::ErrorKind::invalid_input, .code = "invalid_request", .description = "Invalid multipart payload format"};
}

// `; name=value` or `; name="value"` from the front of the text. A backslash escapes in the quoted form.
struct Parameter {
  std::string name, value;
};
std::optional<Parameter> take_parameter(std::string_view& text) {
  text = base::trim(text);
  if (!text.starts_with(';')) return std::nullopt;
  text = base::trim(text.substr(1));
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
  Parameter out{base::ascii_lower(base::trim(text.substr(0, equals))), {}};
  text.remove_prefix(equals + 1);
  if (!text.starts_with('"')) {
    const auto length = std::min(text.find_first_of("; \t"), text.size());
    out.value = text.substr(0, length);
    text.remove_prefix(length);
    return out;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    out.value += text.front();
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  text.remove_prefix(1);
  return out;
}

// RFC 2046 §5.1.1: 1 to 70 characters of this set, and no blank at the end.
bool is_boundary(std::string_view text) {
  static constexpr std::string_view kAlso = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= 70 && text.back() != ' ' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kAlso.find(c) != std::string_view::npos;
  });
}

std::optional<std::string> boundary_of(std::string_view content_type) {
  const auto semicolon = std::min(content_type.find(';'), content_type.size());
  if (base::ascii_lower(base::trim(content_type.substr(0, semicolon))) != "multipart/form-data") return std::nullopt;
  auto rest = content_type.substr(semicolon);
  std::optional<std::string> out;
  while (!base::trim(rest).empty()) {
    auto parameter = take_parameter(rest);
    if (!parameter) return std::nullopt;
    if (parameter->name != "boundary") continue;
    if (out || !is_boundary(parameter->value)) return std::nullopt;
    out = std::move(parameter->value);
  }
  return out;
}

// RFC 7578 §4.2: the one header that must be there.
bool read_disposition(std::string_view value, Part& out) {
  const auto semicolon = std::min(value.find(';'), value.size());
  if (base::ascii_lower(base::trim(value.substr(0, semicolon))) != "form-data") return false;
  auto rest = value.substr(semicolon);
  bool named = false;
  while (!base::trim(rest).empty()) {
    auto parameter = take_parameter(rest);
    if (!parameter) return false;
    if (parameter->name == "name") {
      if (named || parameter->value.empty()) return false;
      named = true;
      out.name = std::move(parameter->value);
    }
    out.is_file = out.is_file || parameter->name == "filename" || parameter->name == "filename*";
  }
  return named;
}

bool read_head(std::string_view head, Part& out) {
  bool disposed = false;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    const auto colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos || line.front() == ' ' || line.front() == '\t') return false;
    const auto name = base::ascii_lower(line.substr(0, colon));
    // RFC 7578 §4.7: no encoding but the bytes themselves.
    if (name == "content-transfer-encoding" && base::ascii_lower(base::trim(line.substr(colon + 1))) != "binary" &&
        base::ascii_lower(base::trim(line.substr(colon + 1))) != "8bit")
      return false;
    if (name != "content-disposition") continue;
    if (disposed || !read_disposition(line.substr(colon + 1), out)) return false;
    disposed = true;
  }
  return disposed && base::is_valid_utf8(out.name) && base::is_free_of_controls(out.name);
}

}  // namespace

base::Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body) {
  const auto boundary = boundary_of(content_type);
  if (!boundary) return malformed();
  const auto opening = "--" + *boundary, delimiter = "\r\n" + opening;
  if (!body.starts_with(opening)) return malformed();
  body.remove_prefix(opening.size());
  std::vector<Part> out;
  // Behind each delimiter: `--` at the end, a line break in front of a part.
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n") || out.size() == kMostParts) return malformed();
    body.remove_prefix(2);
    const auto head_end = body.find("\r\n\r\n");
    if (head_end == std::string_view::npos || head_end > kLongestHead) return malformed();
    Part part;
    if (!read_head(body.substr(0, head_end), part)) return malformed();
    body.remove_prefix(head_end + 4);
    const auto end = body.find(delimiter);
    if (end == std::string_view::npos) return malformed();
    part.body = body.substr(0, end);
    body.remove_prefix(end + delimiter.size());
    for (const auto& other : out) {
      if (other.name == part.name) return malformed();
    }
    out.push_back(std::move(part));
  }
  body.remove_prefix(2);
  if (!body.empty() && body != "\r\n") return malformed();
  return out;
}

}  // namespace segue::http
