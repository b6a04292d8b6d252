// Text that must not leak: no formatter, no operator==, wiped on destruction.
#pragma once
#include <string>
#include <string_view>

namespace segue::crypto {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  // For the one place that needs the characters: a response body, a hash, a cipher.
  std::string_view reveal() const { return text_; }
  // Takes the same time wherever the first difference is. Lengths are not hidden.
  bool equals_in_constant_time(std::string_view other) const;

 private:
  void wipe();
  std::string text_;
};

}  // namespace segue::crypto
