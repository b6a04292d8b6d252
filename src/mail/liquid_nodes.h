// What a template is made of once it is read.
#pragma once
#include <string>
#include <vector>

#include "mail/liquid.h"

namespace segue::mail {

struct LiquidOperand {
  std::vector<std::string> path;  // empty: `literal`
  json::value literal;
};

enum class LiquidFilter { escape, upcase, downcase, capitalize, strip, url_encode, default_, append, prepend, truncate };
struct LiquidFilterCall {
  LiquidFilter filter;
  std::vector<LiquidOperand> arguments;
};

enum class LiquidComparison { is_true, equal, not_equal, less, less_or_equal, greater, greater_or_equal, contains };
struct LiquidCondition {
  LiquidOperand left;
  LiquidComparison comparison = LiquidComparison::is_true;
  LiquidOperand right;
  bool or_with_rest = false;  // else: and. There is no precedence: the rest is judged first
};

struct LiquidTemplate::Node {
  std::string text = {};  // as it stands, where there is nothing else
  // {{ }}
  bool is_output = false;
  LiquidOperand value = {};
  std::vector<LiquidFilterCall> filters = {};
  // {% if %}: the first that holds; no condition: else
  struct Branch {
    std::vector<LiquidCondition> conditions;
    bool negated = false;
    std::vector<Node> nodes;
  };
  std::vector<Branch> branches = {};
};

}  // namespace segue::mail
