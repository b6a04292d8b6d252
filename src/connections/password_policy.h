// How strong a new password must be (contract §9.9 passwordPolicy), and what of it one lacks, in the words that client libraries
// know (contract §5.5).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace segue::connections {

struct PasswordRule {
  std::string code, message;  // "lengthAtLeast", "At least %d characters in length"
  std::string text;           // the message with its numbers
  json::array format = {};    // those numbers
  bool verified = false;
  std::vector<PasswordRule> items = {};
};

struct PasswordVerdict {
  std::vector<PasswordRule> rules;
  bool verified = false;

  json::object description() const;  // {rules, verified}
  std::string policy() const;        // "* At least 8 characters in length\n* …": the same for every password
  std::string missing() const;       // one line of what is missing, for a person
};

// `options` of the database connection. Without a policy of its own a connection asks for eight characters.
PasswordVerdict judge_password(const json::object* options, std::string_view password);
// The same as a refusal of the Management API.
base::Outcome check_password(const json::object* options, std::string_view password);

}  // namespace segue::connections
