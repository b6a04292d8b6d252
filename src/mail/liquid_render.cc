#include <algorithm>

#include "base/text.h"
#include "mail/liquid_nodes.h"

namespace segue::mail {
namespace {

constexpr std::size_t kLongestMail = 2 * 1024 * 1024;

const json::value& value_of(const LiquidOperand& operand, const json::object& values) {
  static const json::value nothing;
  if (operand.path.empty()) return operand.literal;
  const auto* found = json::find(values, operand.path.front());
  for (std::size_t i = 1; found != nullptr && i < operand.path.size(); ++i)
    found = found->is_object() ? json::find(found->get_object(), operand.path[i]) : nullptr;
  return found == nullptr ? nothing : *found;
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(json::to_view(value.get_string()));
  if (value.is_null() || value.is_object() || value.is_array()) return {};
  return json::write(value);
}

bool is_truthy(const json::value& value) { return !value.is_null() && !(value.is_bool() && !value.get_bool()); }

// Only what can be compared: a number with a number, a text with a text.
std::optional<int> order_of(const json::value& left, const json::value& right) {
  if (left.is_string() && right.is_string()) return left.get_string().compare(json::to_view(right.get_string()));
  if (!left.is_number() || !right.is_number()) return std::nullopt;
  const auto a = left.to_number<double>(), b = right.to_number<double>();
  return a < b ? -1 : (a > b ? 1 : 0);
}

bool contains(const json::value& whole, const json::value& part) {
  if (whole.is_array()) return std::find(whole.get_array().begin(), whole.get_array().end(), part) != whole.get_array().end();
  return whole.is_string() && part.is_string() && text_of(whole).find(text_of(part)) != std::string::npos;
}

bool holds(const LiquidCondition& condition, const json::object& values) {
  const auto& left = value_of(condition.left, values);
  if (condition.comparison == LiquidComparison::is_true) return is_truthy(left);
  const auto& right = value_of(condition.right, values);
  const auto order = order_of(left, right);
  switch (condition.comparison) {
    case LiquidComparison::equal: return order ? *order == 0 : left == right;
    case LiquidComparison::not_equal: return order ? *order != 0 : left != right;
    case LiquidComparison::less: return order && *order < 0;
    case LiquidComparison::less_or_equal: return order && *order <= 0;
    case LiquidComparison::greater: return order && *order > 0;
    case LiquidComparison::greater_or_equal: return order && *order >= 0;
    default: return contains(left, right);
  }
}

bool hold(const std::vector<LiquidCondition>& conditions, const json::object& values) {
  bool out = true;
  for (auto each = conditions.rbegin(); each != conditions.rend(); ++each) {
    const bool this_one = holds(*each, values);
    out = each == conditions.rbegin() ? this_one : (each->or_with_rest ? this_one || out : this_one && out);
  }
  return out;
}

std::string filtered(std::string text, const LiquidFilterCall& call, const json::object& values) {
  const auto argument = [&] { return text_of(value_of(call.arguments.front(), values)); };
  switch (call.filter) {
    case LiquidFilter::escape: return text;
    case LiquidFilter::downcase: return base::ascii_lower(text);
    case LiquidFilter::upcase:
    case LiquidFilter::capitalize: {
      const auto most = call.filter == LiquidFilter::upcase ? text.size() : std::min<std::size_t>(1, text.size());
      for (std::size_t i = 0; i < most; ++i) {
        if (text[i] >= 'a' && text[i] <= 'z') text[i] = static_cast<char>(text[i] - 'a' + 'A');
      }
      return text;
    }
    case LiquidFilter::strip: return std::string(base::trim(text));
    case LiquidFilter::url_encode: return base::percent_encode(text);
    case LiquidFilter::default_: return text.empty() ? argument() : text;
    case LiquidFilter::append: return text + argument();
    case LiquidFilter::prepend: return argument() + text;
    case LiquidFilter::truncate: {
      const auto most = base::parse_integer(argument()).value_or(50);
      if (most < 0 || text.size() <= static_cast<std::size_t>(most)) return text;
      return std::string(base::shortened(text, static_cast<std::size_t>(most)));
    }
  }
  return text;
}

class Renderer {
 public:
  Renderer(const json::object& values, LiquidTemplate::Escaping escaping) : values_(values), escaping_(escaping) {}

  base::Outcome render(const std::vector<LiquidTemplate::Node>& nodes) {
    for (const auto& node : nodes) {
      if (node.is_output) {
        const auto text = TRY(value(node));
        out += escaping_ == LiquidTemplate::Escaping::html ? base::escape_html(text) : text;
      }
      for (const auto& branch : node.branches) {
        if (!branch.conditions.empty() && hold(branch.conditions, values_) == branch.negated) continue;
        TRY(render(branch.nodes));
        break;
      }
      out += node.text;
      if (out.size() > kLongestMail) return too_long();
    }
    return base::Unit{};
  }

  std::string out;

 private:
  static base::Error too_long() {
    return {.kind = base::ErrorKind::invalid_input, .code = "invalid_template", .description = "the mail would be too long"};
  }

  base::Result<std::string> value(const LiquidTemplate::Node& node) const {
    auto text = text_of(value_of(node.value, values_));
    for (const auto& each : node.filters) {
      text = filtered(std::move(text), each, values_);
      if (text.size() > kLongestMail) return too_long();
    }
    return text;
  }

  const json::object& values_;
  const LiquidTemplate::Escaping escaping_;
};

}  // namespace

base::Result<std::string> LiquidTemplate::render(const json::object& values, Escaping escaping) const {
  Renderer renderer(values, escaping);
  TRY(renderer.render(*nodes_));
  return std::move(renderer.out);
}

}  // namespace segue::mail
