#include "connections/password_policy.h"

#include <algorithm>

#include "base/text.h"

namespace segue::connections {
namespace {

// What the credential core takes to be a password at all (password_login.cc).
constexpr std::int64_t kLongestPassword = 1024;

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

PasswordRule item(std::string code, const std::string& message, bool verified) {
  return {.code = std::move(code), .message = message, .text = message, .verified = verified};
}

std::vector<PasswordRule> kinds_of(const Strength& s, bool with_special) {
  std::vector<PasswordRule> out = {item("lowerCase", "lower case letters (a-z)", s.lower),
                                   item("upperCase", "upper case letters (A-Z)", s.upper),
                                   item("numbers", "numbers (i.e. 0-9)", s.digit)};
  if (with_special) out.push_back(item("specialCharacters", "special characters (e.g. !@#$%^&*)", s.other));
  return out;
}

PasswordRule length_at_least(const Strength& s, std::int64_t shortest) {
  return {.code = "lengthAtLeast",
          .message = "At least %d characters in length",
          .text = "At least " + std::to_string(shortest) + " characters in length",
          .format = {shortest},
          .verified = s.length >= shortest};
}

PasswordRule three_of_four(const Strength& s) {
  return {.code = "containsAtLeast",
          .message = "Contain at least %d of the following %d types of characters:",
          .text = "Contain at least 3 of the following 4 types of characters:",
          .format = {3, 4},
          .verified = s.kinds() >= 3,
          .items = kinds_of(s, true)};
}

PasswordRule should_contain(const Strength& s) {
  return {.code = "shouldContain",
          .message = "Should contain:",
          .text = "Should contain:",
          .verified = s.lower && s.upper && s.digit,
          .items = kinds_of(s, false)};
}

PasswordRule identical_characters(const Strength& s) {
  return {.code = "identicalChars",
          .message = "No more than %d identical characters in a row (e.g., \"%s\" not allowed)",
          .text = "No more than 2 identical characters in a row (e.g., \"aaa\" not allowed)",
          .format = {2, "aaa"},
          .verified = s.longest_run <= 2};
}

json::object shown(const PasswordRule& rule) {
  json::object out{{"message", rule.message}};
  if (!rule.format.empty()) out["format"] = rule.format;
  out["code"] = rule.code;
  out["verified"] = rule.verified;
  if (!rule.items.empty()) {
    json::array items;
    for (const auto& each : rule.items) items.push_back(shown(each));
    out["items"] = std::move(items);
  }
  return out;
}

}  // namespace

json::object PasswordVerdict::description() const {
  json::array out;
  for (const auto& rule : rules) out.push_back(shown(rule));
  return {{"rules", std::move(out)}, {"verified", verified}};
}

std::string PasswordVerdict::policy() const {
  std::string out;
  for (const auto& rule : rules) {
    if (!out.empty()) out += '\n';
    out += "* " + rule.text;
    for (const auto& each : rule.items) out += "\n  * " + each.text;
  }
  return out;
}

std::string PasswordVerdict::missing() const {
  std::string out;
  for (const auto& rule : rules) {
    if (rule.verified) continue;
    if (!out.empty()) out += "; ";
    out += rule.text;
    for (std::size_t i = 0; i < rule.items.size(); ++i) out += (i == 0 ? " " : ", ") + rule.items[i].text;
  }
  return out;
}

PasswordVerdict judge_password(const json::object* options, std::string_view password) {
  const auto policy = options == nullptr ? std::nullopt : json::find_string(*options, "passwordPolicy");
  const auto strength = measure(password);
  std::int64_t shortest = 8;
  if (policy == "none") shortest = 1;
  if (policy == "low") shortest = 6;
  if (policy == "excellent") shortest = 10;
  if (const auto* const complexity = options == nullptr ? nullptr : json::find_object(*options, "password_complexity_options"))
    shortest = json::find_integer(*complexity, "min_length").value_or(shortest);

  PasswordVerdict out;
  out.rules.push_back(length_at_least(strength, shortest));
  if (policy == "fair") out.rules.push_back(should_contain(strength));
  if (policy == "good" || policy == "excellent") out.rules.push_back(three_of_four(strength));
  if (policy == "excellent") out.rules.push_back(identical_characters(strength));
  if (static_cast<std::int64_t>(password.size()) > kLongestPassword) {
    out.rules.push_back(
        {.code = "lengthAtMost", .message = "At most %d bytes", .text = "At most 1024 bytes", .format = {kLongestPassword}});
  }
  out.verified = std::all_of(out.rules.begin(), out.rules.end(), [](const PasswordRule& rule) { return rule.verified; });
  return out;
}

base::Outcome check_password(const json::object* options, std::string_view password) {
  if (judge_password(options, password).verified) return base::Unit{};
  return base::Error{
      .kind = base::ErrorKind::invalid_input, .code = "", .description = "PasswordStrengthError: Password is too weak"};
}

}  // namespace segue::connections
