// What was received and not yet used. Holds memory only while there is something to hold.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace segue::http::transport {

// Blocks for the connections of one I/O thread: busy connections share a few, idle ones have none.
class BlockPool {
 public:
  static constexpr std::size_t kBlock = 8 * 1024;

  std::string take() {
    if (blocks_.empty()) return std::string(kBlock, '\0');
    auto block = std::move(blocks_.back());
    blocks_.pop_back();
    return block;
  }
  void give_back(std::string block) {
    if (block.size() == kBlock && blocks_.size() < kMostSpare) blocks_.push_back(std::move(block));
  }

 private:
  static constexpr std::size_t kMostSpare = 64;
  std::vector<std::string> blocks_;
};

class InputBuffer {
 public:
  explicit InputBuffer(BlockPool& pool) : pool_(pool) {}
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { release(); }

  std::string_view view() const { return std::string_view(storage_).substr(begin_, end_ - begin_); }
  bool empty() const { return begin_ == end_; }

  // At least one free byte; moves or grows only when it must.
  std::pair<char*, std::size_t> room() {
    if (storage_.empty()) storage_ = pool_.take();
    if (begin_ > 0 && (begin_ == end_ || end_ == storage_.size())) {
      storage_.replace(0, end_ - begin_, storage_, begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == storage_.size()) storage_.resize(storage_.size() * 2);
    return {storage_.data() + end_, storage_.size() - end_};
  }
  void filled(std::size_t bytes) { end_ += bytes; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  void release() {
    begin_ = end_ = 0;
    pool_.give_back(std::exchange(storage_, {}));
  }

 private:
  BlockPool& pool_;
  std::string storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace segue::http::transport
