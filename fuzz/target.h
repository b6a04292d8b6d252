// What every fuzz target shares. A target is one file with one LLVMFuzzerTestOneInput: libFuzzer runs it in a binary of its own
// (SEGUE_FUZZ), and replay_test.cc runs all of them over their corpora.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace segue::fuzz {

// Thrown, not aborted: libFuzzer takes an escaped exception for a crash, and the replay says which file it was.
inline void must(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

// What JSON leaves raw: everything but C0 controls.
inline bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// The bytes of one run, taken from the front.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }
  unsigned char byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  // Up to the next line feed, which is dropped.
  std::string_view line() {
    const auto out = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(rest_.size(), out.size() + 1));
    return out;
  }

 private:
  std::string_view rest_;
};

// `genuine` after edits of three bytes each (what, where, which character): reaches what is next to a text that no fuzzer
// guesses.
inline std::string edited(std::string_view genuine, std::string_view edits) {
  std::string out(genuine);
  for (; edits.size() >= 3; edits.remove_prefix(3)) {
    const auto at = out.empty() ? 0 : static_cast<unsigned char>(edits[1]) % out.size();
    switch (static_cast<unsigned char>(edits[0]) % 4) {
      case 0: out.insert(at, 1, edits[2]); break;
      case 1: out.erase(at, 1); break;
      case 2: out += edits[2]; break;
      default:
        if (!out.empty()) out[at] = edits[2];
    }
  }
  return out;
}

}  // namespace segue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
