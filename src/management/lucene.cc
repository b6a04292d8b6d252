#include "management/lucene.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "management/errors.h"

namespace segue::management::lucene {
namespace {

constexpr std::size_t kLongestQuery = 4096;
constexpr int kDeepest = 16;
constexpr std::size_t kShortestInfix = 3;  // contract §7.2

Node node_of(Term term) { return {.kind = Node::Kind::term, .term = std::move(term)}; }
Node node_of(Node::Kind kind, std::vector<Node> children) { return {.kind = kind, .children = std::move(children)}; }

// A value as it stood in the query.
struct Word {
  std::string text;               // escapes resolved
  std::size_t stars = 0;          // wildcards
  bool has_literal_star = false;  // an escaped one
};

// A point in time as precise as it was written: [start, end).
struct Span {
  base::Instant start{}, end{};
};

std::optional<Span> span_of(std::string_view text) {
  constexpr std::size_t kDay = 10, kMinute = 16, kSecond = 19;
  std::string full(text);
  if (full.ends_with('Z')) full.pop_back();
  base::Duration precision = std::chrono::milliseconds(1);
  if (full.size() == kDay) precision = std::chrono::days(1);
  if (full.size() == kMinute) precision = std::chrono::minutes(1);
  if (full.size() == kSecond) precision = std::chrono::seconds(1);
  if (full.size() == kMinute) full += ":00";
  if (full.size() != kDay) full += 'Z';
  const auto start = base::from_iso8601(full);
  if (!start) return std::nullopt;
  const auto floored = std::chrono::floor<std::chrono::milliseconds>(*start);
  // The year 10000 has no text.
  constexpr base::Instant kLast =
      std::chrono::sys_days(std::chrono::year(9999) / 12 / 31) + std::chrono::days(1) - std::chrono::milliseconds(1);
  return Span{floored, std::min<base::Instant>(floored + precision, kLast)};
}

Term time_term(const std::string& field, Term::Op op, base::Instant t) {
  return {.op = op, .field = field, .value = base::to_iso8601(t)};
}

class Parser {
 public:
  Parser(const Language& language, std::string_view text) : language_(language), rest_(text) {}

  base::Result<Node> parse() {
    auto query = TRY(either(0, ""));
    skip_space();
    if (!rest_.empty()) return cannot_serve("There is a ) without a (.");
    return query;
  }

 private:
  // a OR b, and a b
  base::Result<Node> either(int depth, std::string_view field) {
    if (depth > kDeepest) return cannot_serve("The parentheses are nested too deeply.");
    std::vector<Node> children;
    children.push_back(TRY(both(depth, field)));
    for (;;) {
      const bool explicit_or = take_operator("OR") || take_symbol("||");
      if (!explicit_or && at_end_of_group()) break;
      if (at_end_of_group()) return cannot_serve("There is nothing behind OR.");
      children.push_back(TRY(both(depth, field)));
    }
    return children.size() == 1 ? std::move(children.front()) : node_of(Node::Kind::any, std::move(children));
  }

  // a AND b, and a NOT b: what Lucene excludes, it excludes from the whole.
  base::Result<Node> both(int depth, std::string_view field) {
    std::vector<Node> children;
    children.push_back(TRY(one(depth, field)));
    while (take_operator("AND") || take_symbol("&&") || starts_with_not()) children.push_back(TRY(one(depth, field)));
    return children.size() == 1 ? std::move(children.front()) : node_of(Node::Kind::all, std::move(children));
  }

  base::Result<Node> one(int depth, std::string_view field) {
    if (depth > kDeepest) return cannot_serve("The parentheses are nested too deeply.");
    if (take_operator("NOT") || take_symbol("!") || take_symbol("-")) {
      auto operand = TRY(one(depth + 1, field));
      operand.negated = !operand.negated;
      return operand;
    }
    if (take_symbol("(")) {
      auto group = TRY(either(depth + 1, field));
      if (!take_symbol(")")) return cannot_serve("A ) is missing.");
      return group;
    }
    if (at_end_of_group() || is_operator("AND") || is_operator("OR")) return cannot_serve("A search term is missing.");
    if (take_symbol("+")) return cannot_serve("+ is not supported. Join terms with AND.");
    return term(depth, field);
  }

  base::Result<Node> term(int depth, std::string_view field) {
    if (field.empty()) {
      const auto named = take_field_name();
      if (named == "_exists_") return exists();
      if (!named.empty()) {
        if (!language_.knows(named)) return unknown(named);
        skip_space();
        if (take_symbol("(")) {
          auto group = TRY(either(depth + 1, named));
          if (!take_symbol(")")) return cannot_serve("A ) is missing.");
          return group;
        }
        return value(named);
      }
    }
    return value(field);
  }

  base::Result<Node> exists() {
    skip_space();
    const auto word = TRY(take_word(""));
    if (!language_.knows(word.text)) return unknown(word.text);
    return node_of({.op = Term::Op::any, .field = word.text});
  }

  base::Result<Node> value(std::string_view field) {
    if (rest_.starts_with('[') || rest_.starts_with('{')) return range(field);
    const auto word = TRY(take_word(""));
    if (!field.empty()) return match(field, word);
    if (word.stars > 0 && word.stars == word.text.size()) return node_of(Node::Kind::all, {});  // * alone is every row
    std::vector<Node> children;
    for (const auto bare : language_.bare_fields) children.push_back(TRY(match(bare, word)));
    return node_of(Node::Kind::any, std::move(children));
  }

  base::Result<Node> match(std::string_view field, const Word& word) {
    const std::string name(field);
    if (word.stars == 0 && language_.is_date(field)) {
      const auto span = span_of(word.text);
      if (!span) return bad_date(word.text);
      return node_of(Node::Kind::all, {node_of(time_term(name, Term::Op::at_least, span->start)),
                                       node_of(time_term(name, Term::Op::below, span->end))});
    }
    if (word.stars == 0) return node_of({.op = Term::Op::equals, .field = name, .value = word.text});
    if (word.stars == word.text.size()) return node_of({.op = Term::Op::any, .field = name});
    if (word.has_literal_star) return cannot_serve("An escaped * and a wildcard cannot stand in one value.");
    if (word.stars == 1 && word.text.ends_with('*')) {
      return node_of({.op = Term::Op::prefix, .field = name, .value = word.text.substr(0, word.text.size() - 1)});
    }
    for (const auto& literal : base::split(word.text, '*')) {
      if (literal.size() < kShortestInfix) {
        return cannot_serve("Text behind a wildcard needs at least three characters: " + word.text);
      }
    }
    return node_of({.op = Term::Op::pattern, .field = name, .value = word.text});
  }

  base::Result<Node> range(std::string_view field) {
    if (field.empty()) return cannot_serve("A range needs a field, for example date:[2024-01-01 TO 2024-01-31].");
    const bool with_low = rest_.front() == '[';
    rest_.remove_prefix(1);
    const auto low = TRY(bound());
    if (!take_operator("TO")) return cannot_serve("A range is written [a TO b] or {a TO b}.");
    const auto high = TRY(bound());
    const bool with_high = take_symbol("]");
    if (!with_high && !take_symbol("}")) return cannot_serve("A range ends with ] or }.");
    std::vector<Node> ends;
    using enum Term::Op;
    if (low) ends.push_back(TRY(end_of_range(field, *low, with_low ? at_least : above)));
    if (high) ends.push_back(TRY(end_of_range(field, *high, with_high ? at_most : below)));
    if (ends.empty()) ends.push_back(node_of({.op = any, .field = std::string(field)}));
    return node_of(Node::Kind::all, std::move(ends));
  }

  // Nothing for an open end.
  base::Result<std::optional<std::string>> bound() {
    skip_space();
    auto word = TRY(take_word("]}"));
    if (word.stars == 1 && word.text == "*") return std::optional<std::string>();
    if (word.stars > 0) return cannot_serve("A range takes no wildcards but * alone.");
    return std::optional(std::move(word.text));
  }

  base::Result<Node> end_of_range(std::string_view field, const std::string& text, Term::Op op) {
    if (!language_.is_date(field)) return node_of({.op = op, .field = std::string(field), .value = text});
    const auto span = span_of(text);
    if (!span) return bad_date(text);
    using enum Term::Op;
    const std::string name(field);
    if (op == at_most) return node_of(time_term(name, below, span->end));
    if (op == above) return node_of(time_term(name, at_least, span->end));
    return node_of(time_term(name, op, span->start));
  }

  base::Result<Word> take_word(std::string_view ends) {
    if (rest_.starts_with('"')) return take_phrase();
    if (rest_.starts_with('/'))
      return cannot_serve("Regular expressions are not supported. Quote a value that begins with a slash.");
    if (rest_.starts_with('<') || rest_.starts_with('>')) return cannot_serve("Comparisons are written as ranges: [a TO *].");
    Word word;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')' || ends.find(c) != std::string_view::npos)
        break;
      if (c == '?') return cannot_serve("The wildcard ? is not supported. Use *.");
      if (c == '~' || c == '^')
        return cannot_serve("Fuzzy search and boosts are not supported. Quote a value that contains ~ or ^.");
      if (c == '"') return cannot_serve("A quotation mark stands inside a value. Write \\\" for it.");
      rest_.remove_prefix(1);
      if (c == '\\') {
        if (rest_.empty()) return cannot_serve("There is nothing behind the last backslash.");
        word.has_literal_star = word.has_literal_star || rest_.front() == '*';
        word.text += rest_.front();
        rest_.remove_prefix(1);
        continue;
      }
      if (c == '*') ++word.stars;
      word.text += c;
    }
    if (word.text.empty()) return cannot_serve("A value is missing. Write \"\" for the empty one.");
    return word;
  }

  base::Result<Word> take_phrase() {
    Word word;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      word.text += rest_.front();
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return cannot_serve("A quotation mark is not closed.");
    rest_.remove_prefix(1);
    if (rest_.starts_with('~') || rest_.starts_with('^')) return cannot_serve("Fuzzy search and boosts are not supported.");
    return word;
  }

  // The name in front of a colon. Any other text is left where it is.
  std::string take_field_name() {
    std::size_t length = 0;
    const auto is_name = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
    };
    while (length < rest_.size() && (is_name(rest_[length]) || (length > 0 && rest_[length] == '-'))) ++length;
    if (length == 0 || length == rest_.size() || rest_[length] != ':') return {};
    std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length + 1);
    return name;
  }

  void skip_space() {
    const auto first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(first, rest_.size()));
  }
  bool at_end_of_group() { return skip_space(), rest_.empty() || rest_.front() == ')'; }
  bool is_operator(std::string_view name) {
    skip_space();
    if (!rest_.starts_with(name)) return false;
    return rest_.size() == name.size() || std::string_view(" \t\r\n()").find(rest_[name.size()]) != std::string_view::npos;
  }
  bool take_operator(std::string_view name) {
    if (!is_operator(name)) return false;
    rest_.remove_prefix(name.size());
    return true;
  }
  bool take_symbol(std::string_view symbol) {
    skip_space();
    if (!rest_.starts_with(symbol)) return false;
    rest_.remove_prefix(symbol.size());
    return true;
  }
  bool starts_with_not() { return is_operator("NOT") || rest_.starts_with('!') || rest_.starts_with('-'); }

  Error unknown(const std::string& field) const { return cannot_serve(language_.unknown_field(field)); }
  static Error bad_date(const std::string& text) {
    return cannot_serve("Not a date: " + text + ". Dates are written 2024-01-31 or \"2024-01-31T12:00:00Z\", in UTC.");
  }

  const Language& language_;
  std::string_view rest_;
};

}  // namespace

base::Error cannot_serve(const std::string& why) {
  return invalid_query("Query validation error: '" + why + "' on property q (Query in Lucene syntax).");
}

base::Result<std::optional<Node>> parse(const Language& language, std::string_view q) {
  if (q.size() > kLongestQuery) return cannot_serve("The query is longer than 4096 bytes.");
  if (q.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::optional<Node>();
  return std::optional(TRY(Parser(language, q).parse()));
}

}  // namespace segue::management::lucene
