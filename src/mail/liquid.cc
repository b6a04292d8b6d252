#include "mail/liquid.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mail/liquid_nodes.h"

namespace segue::mail {
namespace {

using Node = LiquidTemplate::Node;

constexpr int kDeepest = 16;
constexpr std::size_t kMostParts = 64;  // of one condition, or filters of one value

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

struct FilterShape {
  std::string_view name;
  LiquidFilter filter;
  std::size_t least, most;  // arguments
};
constexpr std::array<FilterShape, 11> kFilters = {{{"escape", LiquidFilter::escape, 0, 0},
                                                   {"escape_once", LiquidFilter::escape, 0, 0},
                                                   {"upcase", LiquidFilter::upcase, 0, 0},
                                                   {"downcase", LiquidFilter::downcase, 0, 0},
                                                   {"capitalize", LiquidFilter::capitalize, 0, 0},
                                                   {"strip", LiquidFilter::strip, 0, 0},
                                                   {"url_encode", LiquidFilter::url_encode, 0, 0},
                                                   {"default", LiquidFilter::default_, 1, 1},
                                                   {"append", LiquidFilter::append, 1, 1},
                                                   {"prepend", LiquidFilter::prepend, 1, 1},
                                                   {"truncate", LiquidFilter::truncate, 1, 1}}};

class Parser {
 public:
  Parser(std::string_view text, std::span<const std::string_view> variables) : text_(text), variables_(variables) {}

  base::Result<std::vector<Node>> run() {
    auto nodes = TRY(block(0));
    if (!ended_by_.empty()) return wrong(tag_at_, "{% " + ended_by_ + " %} ends nothing");
    return nodes;
  }

 private:
  base::Error wrong(std::size_t at, const std::string& why) const {
    const auto before = text_.substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto begin = before.rfind('\n');
    const auto column = 1 + at - (begin == std::string_view::npos ? 0 : begin + 1);
    return {.kind = base::ErrorKind::invalid_input,
            .code = "invalid_template",
            .description = "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + why};
  }

  // Up to the end, or to a tag that ends or continues a block; that is in `ended_by_`, its inside not yet read.
  base::Result<std::vector<Node>> block(int depth) {
    std::vector<Node> out;
    ended_by_.clear();
    for (;;) {
      take_text(out);
      if (at_ == text_.size()) return out;
      const bool is_output = text_[at_ + 1] == '{';
      tag_at_ = at_;
      TRY(open(is_output ? "}}" : "%}", out));
      if (is_output) {
        out.push_back(TRY(output()));
        continue;
      }
      const auto name = word();
      if (name == "if" || name == "unless") {
        out.push_back(TRY(branches(name, depth)));
      } else if (name == "raw" || name == "comment") {
        TRY(close());
        TRY(skip_to_end(name, out));
      } else if (name == "elsif" || name == "else" || name == "endif" || name == "endunless") {
        ended_by_ = name;
        return out;
      } else {
        return wrong(tag_at_, "{% " + std::string(base::shortened(name, 40)) +
                                  " %} is not understood here: if, elsif, else, unless, comment and raw are");
      }
    }
  }

  void take_text(std::vector<Node>& out) {
    auto next = at_;
    for (;; ++next) {
      next = text_.find('{', next);
      if (next == std::string_view::npos) next = text_.size();
      if (next >= text_.size() || (next + 1 < text_.size() && (text_[next + 1] == '{' || text_[next + 1] == '%'))) break;
    }
    auto text = text_.substr(at_, next - at_);
    if (trims_) {
      while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
      trims_ = text.empty() && next == text_.size();
    }
    if (!text.empty()) out.push_back({.text = std::string(text)});
    at_ = next;
  }

  // {{ or {%, with the inside's end known, so that no literal runs over it.
  base::Outcome open(std::string_view closing, std::vector<Node>& out) {
    at_ += 2;
    if (at_ < text_.size() && text_[at_] == '-') {
      ++at_;
      if (!out.empty() && !out.back().is_output && out.back().branches.empty()) {
        auto& text = out.back().text;
        while (!text.empty() && is_blank(text.back())) text.pop_back();
      }
    }
    char quote = '\0';
    for (auto end = at_; end + 1 < text_.size(); ++end) {
      const char c = text_[end];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (text_.substr(end, 2) == closing) {
        trims_ = end > at_ && text_[end - 1] == '-';
        end_ = trims_ ? end - 1 : end;
        after_ = end + 2;
        return base::Unit{};
      }
    }
    return wrong(tag_at_, "this is not closed: " + std::string(closing) + " is missing");
  }

  base::Outcome close() {
    skip_blanks();
    if (at_ != end_) return wrong(at_, "this is not understood here");
    at_ = after_;
    return base::Unit{};
  }

  base::Outcome skip_to_end(const std::string& name, std::vector<Node>& out) {
    const auto begin = at_;
    for (auto next = text_.find("{%", at_); next != std::string_view::npos; next = text_.find("{%", next + 2)) {
      const auto close = text_.find("%}", next + 2);
      if (close == std::string_view::npos) break;
      auto inside = text_.substr(next + 2, close - next - 2);
      if (inside.starts_with('-')) inside.remove_prefix(1);
      if (inside.ends_with('-')) inside.remove_suffix(1);
      if (base::trim(inside) != "end" + name) continue;
      if (name == "raw" && next > begin) out.push_back({.text = std::string(text_.substr(begin, next - begin))});
      at_ = close + 2;
      trims_ = false;
      return base::Unit{};
    }
    return wrong(tag_at_, "{% end" + name + " %} is missing");
  }

  base::Result<Node> branches(const std::string& name, int depth) {
    const auto begin = tag_at_;
    if (depth >= kDeepest) return wrong(begin, "conditions stand in each other too deeply");
    Node out;
    bool has_else = false;
    for (auto tag = name;;) {
      Node::Branch branch{.conditions = {}, .negated = tag == "unless", .nodes = {}};
      if (tag != "else") branch.conditions = TRY(conditions());
      has_else = has_else || tag == "else";
      TRY(close());
      branch.nodes = TRY(block(depth + 1));
      out.branches.push_back(std::move(branch));
      tag = ended_by_;
      if (tag.empty()) return wrong(begin, "{% end" + name + " %} is missing");
      if (tag == "end" + name) break;
      if (tag.starts_with("end") || has_else) return wrong(tag_at_, "{% " + tag + " %} is out of place");
    }
    ended_by_.clear();
    TRY(close());
    return out;
  }

  base::Result<std::vector<LiquidCondition>> conditions() {
    std::vector<LiquidCondition> out;
    for (;;) {
      LiquidCondition next{.left = TRY(operand()), .right = {}};
      skip_blanks();
      TRY(read_comparison(next));
      skip_blanks();
      const auto before = at_;
      const auto joint = word();
      if (joint != "and" && joint != "or") at_ = before;
      next.or_with_rest = joint == "or";
      out.push_back(std::move(next));
      if (joint != "and" && joint != "or") return out;
      if (out.size() == kMostParts) return wrong(before, "this condition has too many parts");
    }
  }

  base::Outcome read_comparison(LiquidCondition& into) {
    using C = LiquidComparison;
    constexpr std::array<std::pair<std::string_view, C>, 7> kSigns = {{{"==", C::equal},
                                                                       {"!=", C::not_equal},
                                                                       {"<=", C::less_or_equal},
                                                                       {">=", C::greater_or_equal},
                                                                       {"<", C::less},
                                                                       {">", C::greater},
                                                                       {"contains", C::contains}}};
    for (const auto& [sign, comparison] : kSigns) {
      if (!rest().starts_with(sign)) continue;
      at_ += sign.size();
      into.comparison = comparison;
      into.right = TRY(operand());
      return base::Unit{};
    }
    return base::Unit{};
  }

  base::Result<Node> output() {
    Node out{.is_output = true};
    out.value = TRY(operand());
    for (skip_blanks(); rest().starts_with('|'); skip_blanks()) {
      ++at_;
      if (out.filters.size() == kMostParts) return wrong(at_, "this value has too many filters");
      out.filters.push_back(TRY(filter()));
    }
    TRY(close());
    return out;
  }

  base::Result<LiquidFilterCall> filter() {
    skip_blanks();
    const auto begin = at_;
    const auto name = word();
    const auto* const shape =
        std::find_if(kFilters.begin(), kFilters.end(), [&](const FilterShape& each) { return each.name == name; });
    if (shape == kFilters.end()) {
      return wrong(begin, "the filter \"" + std::string(base::shortened(name, 40)) +
                              "\" is not understood here: escape, upcase, downcase, capitalize, strip, url_encode, default, "
                              "append, prepend and truncate are");
    }
    LiquidFilterCall out{.filter = shape->filter, .arguments = {}};
    skip_blanks();
    if (rest().starts_with(':')) {
      do {
        ++at_;
        out.arguments.push_back(TRY(operand()));
        skip_blanks();
      } while (rest().starts_with(',') && out.arguments.size() <= shape->most);
    }
    if (out.arguments.size() < shape->least || out.arguments.size() > shape->most)
      return wrong(begin, "the filter \"" + name + "\" takes " + std::to_string(shape->most) + " argument(s)");
    return out;
  }

  base::Result<LiquidOperand> operand() {
    skip_blanks();
    const auto begin = at_;
    if (rest().empty()) return wrong(begin, "a name or a value is missing");
    if (const char quote = rest().front(); quote == '"' || quote == '\'') {
      const auto end = rest().find(quote, 1);
      if (end == std::string_view::npos) return wrong(begin, "this text is not closed");
      at_ += end + 1;
      return LiquidOperand{.path = {}, .literal = json::value(text_.substr(begin + 1, end - 1))};
    }
    auto name = word();
    if (name.empty()) return wrong(begin, "a name or a value is needed here");
    if (name == "true" || name == "false") return LiquidOperand{.path = {}, .literal = name == "true"};
    if (name == "nil" || name == "null") return LiquidOperand{};
    if (const auto number = base::parse_integer(name)) return LiquidOperand{.path = {}, .literal = *number};
    return path(begin, std::move(name));
  }

  base::Result<LiquidOperand> path(std::size_t begin, std::string name) {
    if (std::find(variables_.begin(), variables_.end(), name) == variables_.end()) {
      std::string known;
      for (const auto each : variables_) known += (known.empty() ? "" : ", ") + std::string(each);
      return wrong(begin, "\"" + std::string(base::shortened(name, 40)) + "\" is not known here: " + known + " are");
    }
    LiquidOperand out{.path = {std::move(name)}, .literal = {}};
    while (rest().starts_with('.')) {
      ++at_;
      auto member = word();
      if (member.empty()) return wrong(at_, "a name is missing behind the dot");
      if (out.path.size() == kDeepest) return wrong(begin, "this name has too many parts");
      out.path.push_back(std::move(member));
    }
    return out;
  }

  std::string_view rest() const { return text_.substr(at_, end_ - at_); }
  void skip_blanks() {
    while (at_ < end_ && is_blank(text_[at_])) ++at_;
  }
  std::string word() {
    skip_blanks();
    const auto begin = at_;
    while (at_ < end_ && is_of_name(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  const std::string_view text_;
  const std::span<const std::string_view> variables_;
  std::size_t at_ = 0;
  std::size_t tag_at_ = 0, end_ = 0, after_ = 0;  // of the tag that is being read
  bool trims_ = false;                            // white space behind the last tag
  std::string ended_by_;
};

}  // namespace

base::Result<LiquidTemplate> LiquidTemplate::parse(std::string_view text, std::span<const std::string_view> variables) {
  LiquidTemplate out;
  out.nodes_ = std::make_shared<const std::vector<Node>>(TRY(Parser(text, variables).run()));
  return out;
}

}  // namespace segue::mail
