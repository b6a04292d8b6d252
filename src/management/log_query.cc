#include "management/log_query.h"

#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "management/lucene.h"

namespace segue::management {
namespace log_query {
namespace {

using lucene::cannot_serve;
using lucene::Node;
using lucene::Term;
using Alternatives = std::vector<std::vector<Term>>;  // OR of ANDs

constexpr std::size_t kMostAlternatives = 512;
constexpr std::size_t kMostTerms = 4096;  // of all alternatives together

const lucene::Language kLanguage{
    .knows = store::logs::is_searchable,
    .is_date = [](std::string_view field) { return field == "date"; },
    .bare_fields = {"client_name", "connection", "description", "ip", "log_id", "type", "user_name"},
    .unknown_field =
        [](const std::string& field) {
          return "Logs cannot be searched by " + field +
                 ". Searchable fields: client_id, client_name, connection, connection_id, description, date, hostname, ip, "
                 "log_id, organization_id, user_id, user_name, user_agent, strategy, strategy_type, type, audience, "
                 "transfer_id. Quote a value that contains a colon.";
        }};

bool is_too_large(const Alternatives& alternatives) {
  std::size_t terms = 0;
  for (const auto& terms_of_one : alternatives) terms += terms_of_one.size();
  return alternatives.size() > kMostAlternatives || terms > kMostTerms;
}

base::Result<Alternatives> alternatives_of(const Node& node, bool negated);

base::Result<Alternatives> union_of(const std::vector<Node>& nodes, bool negated) {
  Alternatives out;
  for (const auto& node : nodes) {
    auto more = TRY(alternatives_of(node, negated));
    out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    if (is_too_large(out)) return cannot_serve("The query is too complex. Ask for less at once.");
  }
  return out;
}

base::Result<Alternatives> product_of(const std::vector<Node>& nodes, bool negated) {
  Alternatives out = {{}};
  for (const auto& node : nodes) {
    const auto factors = TRY(alternatives_of(node, negated));
    if (out.size() * factors.size() > kMostAlternatives) return cannot_serve("The query is too complex. Ask for less at once.");
    Alternatives next;
    std::size_t terms = 0;
    for (const auto& left : out) {
      for (const auto& right : factors) {
        terms += left.size() + right.size();
        if (terms > kMostTerms) return cannot_serve("The query is too complex. Ask for less at once.");
        next.push_back(left);
        next.back().insert(next.back().end(), right.begin(), right.end());
      }
    }
    out = std::move(next);
  }
  return out;
}

// Negation moves inwards (De Morgan), so that only terms carry it.
base::Result<Alternatives> alternatives_of(const Node& node, bool negated) {
  negated = negated != node.negated;
  if (node.kind == Node::Kind::term) {
    auto term = node.term;
    term.negated = negated;
    return Alternatives{{std::move(term)}};
  }
  const bool is_product = (node.kind == Node::Kind::all) != negated;
  return is_product ? product_of(node.children, negated) : union_of(node.children, negated);
}

}  // namespace
}  // namespace log_query

base::Result<store::logs::Query> parse_log_query(std::string_view q) {
  using namespace log_query;
  store::logs::Query out;
  const auto root = TRY(lucene::parse(kLanguage, q));
  if (!root) return out;
  out.any_of = TRY(alternatives_of(*root, false));
  // No alternative is no row, but an empty query is every row. Each row has a type.
  if (out.any_of.empty()) out.any_of = {{{.op = Term::Op::any, .field = "type", .negated = true}}};
  return out;
}

}  // namespace segue::management
