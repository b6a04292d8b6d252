#include "http/parameters.h"

#include <algorithm>

#include "base/text.h"

namespace segue::http {
namespace {

constexpr std::size_t kMostPairs = 200;

base::Error bad_parameters(std::string description) {
  return {.kind = base::ErrorKind::invalid_input, .code = "invalid_request", .description = std::move(description)};
}

bool has_forbidden_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7F;
  });
}

// URL Standard, application/x-www-form-urlencoded: a plus sign is a space.
base::Result<std::string> decode_part(std::string_view raw) {
  std::string text(raw);
  if (text.find_first_of("+%") != std::string::npos) {
    std::replace(text.begin(), text.end(), '+', ' ');
    auto decoded = base::percent_decode(text);
    if (!decoded) return bad_parameters("The parameters contain a percent sign that is not followed by two hexadecimal digits.");
    text = std::move(*decoded);
  }
  if (!base::is_valid_utf8(text)) return bad_parameters("The parameters are not valid UTF-8.");
  if (has_forbidden_controls(text)) return bad_parameters("The parameters contain control characters.");
  return text;
}

std::string append_after(std::string_view uri, std::string_view encoded, char opening) {
  std::string out(uri);
  if (encoded.empty()) return out;
  if (out.find(opening) == std::string::npos) {
    out += opening;
  } else if (out.back() != opening && out.back() != '&') {
    out += '&';
  }
  return out += encoded;
}

}  // namespace

base::Result<Parameters> Parameters::parse(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    if (parameters.pairs_.size() == kMostPairs) return bad_parameters("There are more than 200 parameters.");
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = TRY(decode_part(pair.substr(0, equals)));
    auto value = TRY(decode_part(pair.substr(std::min(equals + 1, pair.size()))));
    parameters.pairs_.emplace_back(std::move(name), std::move(value));
  }
  return parameters;
}

std::optional<std::string> Parameters::find(std::string_view name) const {
  const std::string* found = nullptr;
  for (const auto& [key, value] : pairs_) {
    if (key != name) continue;
    if (found != nullptr) return std::nullopt;
    found = &value;
  }
  if (found == nullptr || found->empty()) return std::nullopt;
  return *found;
}

bool Parameters::has(std::string_view name) const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == name; });
}

std::optional<std::string> Parameters::first_duplicate() const {
  for (auto pair = pairs_.begin(); pair != pairs_.end(); ++pair) {
    if (std::any_of(pairs_.begin(), pair, [&](const auto& earlier) { return earlier.first == pair->first; })) return pair->first;
  }
  return std::nullopt;
}

void Parameters::remove(std::string_view name) {
  std::erase_if(pairs_, [&](const auto& pair) { return pair.first == name; });
}

std::string Parameters::encode() const {
  std::string out;
  for (const auto& [name, value] : pairs_) {
    if (!out.empty()) out += '&';
    out += base::percent_encode(name);
    out += '=';
    out += base::percent_encode(value);
  }
  return out;
}

std::string append_query(std::string_view uri, const Parameters& parameters) {
  const auto hash = std::min(uri.find('#'), uri.size());
  return append_after(uri.substr(0, hash), parameters.encode(), '?').append(uri.substr(hash));
}

std::string append_fragment(std::string_view uri, const Parameters& parameters) {
  return append_after(uri, parameters.encode(), '#');
}

}  // namespace segue::http
