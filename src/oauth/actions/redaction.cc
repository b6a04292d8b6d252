#include "oauth/actions/redaction.h"

#include <algorithm>

namespace segue::oauth {
namespace {

constexpr std::size_t kRun = 16;
constexpr std::size_t kShortest = 4;  // anything shorter is no secret, and stands in many a word

// Every place of the text from which on `run` bytes stand in the token too.
void mark(std::string_view text, std::string_view token, std::vector<bool>& hidden) {
  const auto run = std::min(kRun, token.size());
  if (run < kShortest || text.size() < run) return;
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at + run <= text.size(); ++at) pieces.push_back(text.substr(at, run));
  std::sort(pieces.begin(), pieces.end());
  for (std::size_t at = 0; at + run <= token.size(); ++at) {
    const auto [first, last] = std::equal_range(pieces.begin(), pieces.end(), token.substr(at, run));
    for (auto piece = first; piece != last; ++piece) {
      const auto begin = piece->data() - text.data();
      std::fill_n(hidden.begin() + begin, run, true);
    }
  }
}

}  // namespace

std::string without_tokens(std::string_view text, const std::vector<std::string>& tokens) {
  std::vector<bool> hidden(text.size(), false);
  for (const auto& token : tokens) mark(text, token, hidden);
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!hidden[at]) {
      out += text[at];
    } else if (at == 0 || !hidden[at - 1]) {
      out += "[redacted]";
    }
  }
  return out;
}

void redact(actions::Outcome& outcome, const std::vector<std::string>& tokens) {
  if (tokens.empty()) return;
  outcome.reason = without_tokens(outcome.reason, tokens);
  for (auto& result : outcome.results) {
    result.log = without_tokens(result.log, tokens);
    for (auto* const text : {&result.thrown.name, &result.thrown.message, &result.thrown.stack})
      *text = without_tokens(*text, tokens);
  }
}

}  // namespace segue::oauth
