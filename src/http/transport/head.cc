#include "http/transport/head.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace segue::http::transport {
namespace {

constexpr std::string_view kDigits = "0123456789";

constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_token_character(char c) { return kTokenCharacters[static_cast<unsigned char>(c)]; }

bool is_field_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto name = line.substr(0, colon);
  // RFC 9112 §5.1: no white space before the colon; §5.2: a line that starts with white space is obs-fold.
  if (!std::all_of(name.begin(), name.end(), is_token_character)) return false;
  bool clean = true;
  for (const char c : line.substr(colon + 1)) clean &= (static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != 0x7F;
  return clean;
}

// Lower case, without the default port. Nothing when it is no host.
std::optional<std::string> canonical_host(std::string_view text) {
  std::string_view port;
  std::string_view name = text;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    name = text.substr(0, close + 1);
    port = text.substr(close + 1);
    if (name.size() < 4 || name.find_first_not_of("0123456789abcdefABCDEF:.", 1) != close) return std::nullopt;
  } else {
    name = text.substr(0, text.find(':'));
    port = text.substr(name.size());
    // Names are registered in ASCII; the underscore stands in names of container networks.
    constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    if (name.empty() || name.find_first_not_of(kNameCharacters) != std::string_view::npos) return std::nullopt;
  }
  if (!port.empty()) {
    const auto digits = port.substr(1);
    if (port.front() != ':' || digits.empty() || digits.size() > 5 ||
        digits.find_first_not_of(kDigits) != std::string_view::npos) {
      return std::nullopt;
    }
  }
  return base::ascii_lower(port == ":443" ? name : text);
}

// `|` and the like stand raw in what people type (user ids such as auth0|123); nothing of them is dangerous, but a fragment, a
// backslash or a byte outside ASCII means different things to different proxies.
bool has_only_target_characters(std::string_view target) {
  return std::all_of(target.begin(), target.end(),
                     [](char c) { return c > 0x20 && c < 0x7F && c != '#' && c != '<' && c != '>' && c != '\\'; });
}

std::string path_with_single_slashes(std::string_view raw) {
  std::string path;
  path.reserve(raw.size());
  for (const char c : raw) {
    if (c != '/' || path.empty() || path.back() != '/') path += c;
  }
  return path;
}

std::optional<Refusal> split_target(std::string_view target, Request& request) {
  const Refusal bad{400, "The request target is not valid."};
  if (!has_only_target_characters(target)) return bad;
  if (!target.starts_with('/')) {
    if (target == "*" && request.method == Method::options) {
      request.path = "*";
      return std::nullopt;
    }
    // RFC 9112 §3.2.2, absolute-form: servers must take it, and here it must say the same as Host.
    const auto scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos) return bad;
    const auto scheme = target.substr(0, scheme_end);
    if (!base::iequals(scheme, "https") && !base::iequals(scheme, "http")) return bad;
    const auto rest = target.substr(scheme_end + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (canonical_host(authority) != request.host) return Refusal{400, "The request target and the Host header differ."};
    target = rest.substr(authority.size());
  }
  const auto question = std::min(target.find('?'), target.size());
  request.path = path_with_single_slashes(target.substr(0, question));
  if (request.path.empty()) request.path = "/";
  request.query = target.substr(std::min(question + 1, target.size()));
  if (request.path.find("%00") != std::string::npos) return bad;
  return std::nullopt;
}

// One pass over the fields that decide how the message is framed.
struct FramingFields {
  const std::string* host = nullptr;
  const std::string* content_length = nullptr;
  const std::string* transfer_encoding = nullptr;
  const std::string* expect = nullptr;
  bool repeated = false;

  void note(const std::string*& seen, const std::string& value) {
    if (seen != nullptr) repeated = true;
    seen = &value;
  }
};

FramingFields framing_fields(const Request& request) {
  FramingFields found;
  for (const auto& [name, value] : request.headers.fields()) {
    if (name == "host") {
      found.note(found.host, value);
    } else if (name == "content-length") {
      found.note(found.content_length, value);
    } else if (name == "transfer-encoding") {
      found.note(found.transfer_encoding, value);
    } else if (name == "expect") {
      found.note(found.expect, value);
    }
  }
  return found;
}

}  // namespace

HeadEnd find_head_end(std::string_view text, std::size_t looked_at) {
  for (auto at = text.find('\n', looked_at); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return {HeadEnd::State::malformed, 0};
    if (text.substr(at + 1, 2) == "\r\n") return {HeadEnd::State::complete, at + 3};
    if (at + 3 > text.size()) return {HeadEnd::State::incomplete, at};
  }
  return {HeadEnd::State::incomplete, text.size()};
}

bool lines_are_strict(std::string_view head) {
  auto end = head.find("\r\n");
  if (end == std::string_view::npos) return false;
  const auto start_line = head.substr(0, end);
  if (!base::is_free_of_controls(start_line) || std::count(start_line.begin(), start_line.end(), ' ') != 2) return false;
  for (auto at = end + 2; at < head.size(); at = end + 2) {
    end = head.find("\r\n", at);
    if (end == std::string_view::npos) return false;
    if (end == at) return end + 2 == head.size();
    if (!is_field_line(head.substr(at, end - at))) return false;
  }
  return false;
}

std::optional<Refusal> finish_head(std::string_view method, std::string_view target, Request& request, Framing& framing) {
  const auto fields = framing_fields(request);
  // RFC 9112 §3.2: exactly one Host. §6.3: lengths that contradict each other are an attack; so is any repetition here.
  if (fields.repeated) return Refusal{400, "A header stands twice that must stand once."};
  if (fields.host == nullptr) return Refusal{400, "The Host header is missing."};
  if (fields.content_length != nullptr && fields.transfer_encoding != nullptr) {
    return Refusal{400, "Content-Length and Transfer-Encoding stand together."};
  }
  if (fields.transfer_encoding != nullptr && !base::iequals(*fields.transfer_encoding, "chunked")) {
    return Refusal{400, "The only transfer encoding is chunked."};
  }
  if (fields.content_length != nullptr &&
      (fields.content_length->empty() || fields.content_length->find_first_not_of(kDigits) != std::string::npos)) {
    return Refusal{400, "The Content-Length is not a number."};
  }
  framing.chunked = fields.transfer_encoding != nullptr;
  framing.has_body = framing.chunked || (fields.content_length != nullptr && *fields.content_length != "0");
  if (fields.expect != nullptr) {
    if (!base::iequals(*fields.expect, "100-continue")) return Refusal{417, "The only expectation is 100-continue."};
    framing.wants_continue = framing.has_body;
  }

  if (method == "CONNECT" || method == "TRACE") return Refusal{405, "This server does not answer this method."};
  auto host = canonical_host(*fields.host);
  if (!host) return Refusal{400, "The Host header is not valid."};
  request.host = std::move(*host);
  return split_target(target, request);
}

}  // namespace segue::http::transport
