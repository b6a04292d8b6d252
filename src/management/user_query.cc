#include "management/user_query.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "management/user_answer.h"

namespace segue::management {
namespace user_query {
namespace {

using lucene::Node;
using lucene::Term;

constexpr std::string_view kNames[] = {"name", "nickname", "given_name", "family_name"};
constexpr std::string_view kDates[] = {"created_at", "updated_at", "last_login", "last_password_reset"};
constexpr std::string_view kRaw = ".raw";

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}
bool is_name(std::string_view field) { return is_one_of(field, kNames); }
bool ignores_case(std::string_view field) { return field == "email" || field == "username" || is_name(field); }

bool knows(std::string_view field) {
  if (field.ends_with(kRaw)) return ignores_case(field.substr(0, field.size() - kRaw.size()));
  return base::contains(user_answer_fields(), field.substr(0, field.find('.')));
}

const lucene::Language kLanguage{.knows = knows,
                                 .is_date = [](std::string_view field) { return is_one_of(field, kDates); },
                                 .bare_fields = {"email", "name", "nickname", "given_name", "family_name", "username", "user_id"},
                                 .unknown_field =
                                     [](const std::string& field) {
                                       return "Users cannot be searched by " + field +
                                              ". Searchable fields are those of a user, as user_id, email, name, created_at, "
                                              "logins_count, identities.connection, "
                                              "user_metadata.… and app_metadata.…. Quote a value that contains a colon.";
                                     }};

void collect(const json::value& at, std::string_view path, std::vector<const json::value*>& out) {
  if (at.is_array()) {
    for (const auto& item : at.get_array()) collect(item, path, out);
  } else if (path.empty()) {
    if (!at.is_null()) out.push_back(&at);
  } else if (at.is_object()) {
    const auto dot = path.find('.');
    const auto* const next = json::find(at.get_object(), path.substr(0, dot));
    if (next != nullptr) collect(*next, dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1), out);
  }
}

// `*` stands for any text. The first and the last part are anchored.
bool fits(std::string_view text, std::string_view pattern) {
  auto star = pattern.find('*');
  if (star == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  for (pattern.remove_prefix(star + 1); (star = pattern.find('*')) != std::string_view::npos; pattern.remove_prefix(star + 1)) {
    const auto found = text.find(pattern.substr(0, star));
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + star);
  }
  return text.ends_with(pattern);
}

// Whether the words stand in the text one behind the other. `open`: the last one may go on.
bool has_words(std::string_view text, std::string_view words, bool open) {
  const auto padded = " " + std::string(text) + " ";
  return padded.find(" " + std::string(words) + (open ? "" : " ")) != std::string::npos;
}

template <class T>
bool compares(Term::Op op, const T& value, const T& bound) {
  switch (op) {
    case Term::Op::at_least: return value >= bound;
    case Term::Op::above: return value > bound;
    case Term::Op::at_most: return value <= bound;
    case Term::Op::below: return value < bound;
    default: return value == bound;
  }
}

struct Comparison {
  Term::Op op;
  std::string value;  // in lower case where case is ignored
  bool folds = false, by_words = false;

  bool holds(std::string text) const {
    if (folds) text = base::ascii_lower(text);
    switch (op) {
      case Term::Op::any: return true;
      case Term::Op::prefix: return text.starts_with(value) || (by_words && has_words(text, value, true));
      case Term::Op::pattern: return fits(text, value);
      case Term::Op::equals: return text == value || (by_words && !value.empty() && has_words(text, value, false));
      default: return compares(op, text, value);
    }
  }
  bool holds(double number) const {
    double bound = 0;
    const auto* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, bound);
    if (op == Term::Op::prefix || op == Term::Op::pattern || read.ec != std::errc() || read.ptr != end) return false;
    return compares(op, number, bound);
  }
  bool holds(const json::value& v) const {
    if (op == Term::Op::any) return true;
    if (v.is_string()) return holds(std::string(json::to_view(v.get_string())));
    if (v.is_bool()) return holds(std::string(v.get_bool() ? "true" : "false"));
    if (v.is_number()) return holds(v.to_number<double>());
    return false;
  }
};

bool term_holds(const Term& term, const json::object& user) {
  std::string_view field = term.field;
  const bool raw = field.ends_with(kRaw) && knows(field);
  if (raw) field.remove_suffix(kRaw.size());
  const bool folds = !raw && ignores_case(field);
  const Comparison comparison{.op = term.op,
                              .value = folds ? base::ascii_lower(term.value) : term.value,
                              .folds = folds,
                              .by_words = !raw && is_name(field)};
  const auto values = values_at(user, field);
  return std::any_of(values.begin(), values.end(), [&](const auto* each) { return comparison.holds(*each); });
}

bool node_holds(const Node& node, const json::object& user) {
  const auto holds = [&](const Node& child) { return node_holds(child, user); };
  const auto& children = node.children;
  const bool out = node.kind == Node::Kind::term  ? term_holds(node.term, user)
                   : node.kind == Node::Kind::all ? std::all_of(children.begin(), children.end(), holds)
                                                  : std::any_of(children.begin(), children.end(), holds);
  return out != node.negated;
}

std::optional<std::vector<UserLead>> leads_of(const Node& node) {
  if (node.negated) return std::nullopt;
  if (node.kind == Node::Kind::term) {
    const auto& term = node.term;
    if (term.op != Term::Op::equals) return std::nullopt;
    if (term.field == "user_id") return std::vector<UserLead>{{UserLead::By::user_id, term.value}};
    if (term.field == "email" || term.field == "email.raw") return std::vector<UserLead>{{UserLead::By::email, term.value}};
    return std::nullopt;
  }
  if (node.kind == Node::Kind::all) {
    for (const auto& child : node.children) {
      if (auto leads = leads_of(child)) return leads;
    }
    return std::nullopt;
  }
  std::vector<UserLead> out;
  for (const auto& child : node.children) {
    auto leads = leads_of(child);
    if (!leads) return std::nullopt;
    out.insert(out.end(), leads->begin(), leads->end());
  }
  return out;
}

}  // namespace
}  // namespace user_query

base::Result<UserQuery> UserQuery::read(std::string_view q) {
  UserQuery out;
  out.root_ = TRY(lucene::parse(user_query::kLanguage, q));
  return out;
}

bool UserQuery::holds(const json::object& user) const { return !root_ || user_query::node_holds(*root_, user); }

std::optional<std::vector<UserLead>> UserQuery::leads() const { return root_ ? user_query::leads_of(*root_) : std::nullopt; }

std::vector<const json::value*> values_at(const json::object& user, std::string_view path) {
  std::vector<const json::value*> out;
  const auto dot = path.find('.');
  if (const auto* const root = json::find(user, path.substr(0, dot)))
    user_query::collect(*root, dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1), out);
  return out;
}

}  // namespace segue::management
