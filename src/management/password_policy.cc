#include "management/password_policy.h"

#include <algorithm>

#include "base/error.h"

namespace segue::management {
namespace {

struct Strength {
  std::int64_t length = 0;  // characters
  bool lower = false, upper = false, digit = false, other = false;
  int longest_run = 0;  // of one byte

  int kinds() const { return lower + upper + digit + other; }
};

Strength measure(std::string_view password) {
  Strength out;
  int run = 0;
  char last = 0;
  for (const char c : password) {
    if ((c & 0xC0) != 0x80) ++out.length;
    if (c >= 'a' && c <= 'z') {
      out.lower = true;
    } else if (c >= 'A' && c <= 'Z') {
      out.upper = true;
    } else if (c >= '0' && c <= '9') {
      out.digit = true;
    } else {
      out.other = true;
    }
    run = c == last ? run + 1 : 1;
    last = c;
    out.longest_run = std::max(out.longest_run, run);
  }
  return out;
}

}  // namespace

base::Outcome check_password(const json::object* options, std::string_view password) {
  const base::Error too_weak{
      .kind = base::ErrorKind::invalid_input, .code = "", .description = "PasswordStrengthError: Password is too weak"};
  const auto policy = options == nullptr ? std::nullopt : json::find_string(*options, "passwordPolicy");
  const auto strength = measure(password);
  std::int64_t shortest = 8;
  bool strong = true;
  if (policy == "none") shortest = 1;
  if (policy == "low") shortest = 6;
  if (policy == "fair") strong = strength.lower && strength.upper && strength.digit;
  if (policy == "good") strong = strength.kinds() >= 3;
  if (policy == "excellent") {
    shortest = 10;
    strong = strength.kinds() >= 3 && strength.longest_run <= 2;
  }
  if (options != nullptr) {
    if (const auto* const complexity = json::find_object(*options, "password_complexity_options")) {
      shortest = json::find_integer(*complexity, "min_length").value_or(shortest);
    }
  }
  if (strength.length < shortest || !strong) return too_weak;
  return base::Unit{};
}

}  // namespace segue::management
