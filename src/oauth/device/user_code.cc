#include "oauth/device/user_code.h"

#include <algorithm>

namespace segue::oauth {
namespace {

constexpr std::string_view kBase20 = "BCDFGHJKLMNPQRSTVWXZ";  // RFC 8628 §6.1: no vowels, so no words
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kMask = "****-****";
constexpr std::size_t kLongest = 20;  // contract §5.4

// contract §5.4: at least 8 letters or 9 digits, at most 20 characters.
bool is_good(std::string_view mask, std::size_t shortest) {
  const auto drawn = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), '*'));
  return drawn >= shortest && mask.size() <= kLongest && mask.find_first_not_of("*- ") == std::string_view::npos;
}

}  // namespace

UserCodeFormat user_code_format(const json::object& tenant_settings) {
  const auto* const flow = json::find_object(tenant_settings, "device_flow");
  const bool digits = flow != nullptr && json::find_string(*flow, "charset") == "digits";
  const auto mask = flow != nullptr ? json::find_string(*flow, "mask").value_or("") : std::string();
  if (is_good(mask, digits ? 9 : 8)) return {digits ? kDigits : kBase20, mask};
  return {digits ? kDigits : kBase20, digits ? "***-***-***" : std::string(kMask)};
}

std::string make_user_code(base::Random& random, const UserCodeFormat& format) {
  const auto drawn =
      random.text(static_cast<std::size_t>(std::count(format.mask.begin(), format.mask.end(), '*')), format.alphabet);
  auto next = drawn.begin();
  auto out = format.mask;
  for (auto& c : out) {
    if (c == '*') c = *next++;
  }
  return out;
}

std::optional<std::string> normalised_user_code(std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    const bool lower = c >= 'a' && c <= 'z';
    if (!lower && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return std::nullopt;
    if (out.size() == kLongest) return std::nullopt;
    out += lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (out.size() < 8) return std::nullopt;
  return out;
}

model::Digest user_code_hash(const tenancy::TenantKeys& keys, std::string_view normalised) {
  return keys.derivation.mac("device_user_code|" + std::string(normalised));
}

}  // namespace segue::oauth
