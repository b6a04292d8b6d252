#include "oauth/device/user_code.h"

#include <algorithm>

namespace segue::oauth {
namespace {

constexpr std::string_view kBase20 = "BCDFGHJKLMNPQRSTVWXZ";  // RFC 8628 §6.1: no vowels, so no words
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kUsualMask = "****-****";
constexpr std::size_t kLongestUserCode = 20;  // contract §5.4

std::size_t drawn_by(std::string_view mask) { return static_cast<std::size_t>(std::count(mask.begin(), mask.end(), '*')); }

std::string set_in(std::string_view mask, std::string_view characters) {
  std::string out(mask);
  auto next = characters.begin();
  for (auto& c : out) {
    if (c == '*') c = *next++;
  }
  return out;
}

// contract §5.4: at least 8 letters or 9 digits, at most 20 characters.
bool is_good(std::string_view mask, std::size_t shortest) {
  return drawn_by(mask) >= shortest && mask.size() <= kLongestUserCode && mask.find_first_not_of("*- ") == std::string_view::npos;
}

}  // namespace

UserCodeFormat user_code_format(const json::object& tenant_settings) {
  const auto* const flow = json::find_object(tenant_settings, "device_flow");
  const bool digits = flow != nullptr && json::find_string(*flow, "charset") == "digits";
  const auto mask = flow != nullptr ? json::find_string(*flow, "mask").value_or("") : std::string();
  if (is_good(mask, digits ? 9 : 8)) return {digits ? kDigits : kBase20, mask};
  return {digits ? kDigits : kBase20, digits ? "***-***-***" : std::string(kUsualMask)};
}

std::string make_user_code(base::Random& random, const UserCodeFormat& format) {
  return set_in(format.mask, random.text(drawn_by(format.mask), format.alphabet));
}

std::string shown_user_code(std::string_view normalised, const UserCodeFormat& format) {
  return normalised.size() == drawn_by(format.mask) ? set_in(format.mask, normalised) : std::string(normalised);
}

std::optional<std::string> normalised_user_code(std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    const bool lower = c >= 'a' && c <= 'z';
    if (!lower && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return std::nullopt;
    if (out.size() == kLongestUserCode) return std::nullopt;
    out += lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (out.size() < 8) return std::nullopt;
  return out;
}

model::Digest user_code_hash(const tenancy::TenantKeys& keys, std::string_view normalised) {
  return keys.derivation.mac("device_user_code|" + std::string(normalised));
}

}  // namespace segue::oauth
