#include "logstreams/line_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace segue::logstreams {
namespace {

std::string reason(std::string_view what) { return std::string(what) + ": " + std::strerror(errno); }

class Stdout final : public LineSink {
 public:
  // A reader that stands still must not hold the server up: a pipe that can be written to takes PIPE_BUF bytes at once. What a
  // line still lacks goes out before anything else.
  std::string write(std::string_view lines) override {
    if (const auto problem = drain(begun_); !problem.empty()) return problem;
    begun_.clear();
    std::string rest(lines);
    auto problem = drain(rest);
    if (problem.empty()) return {};
    // The lines that are out whole will be repeated; the one that is not has to end.
    const auto written = lines.size() - rest.size();
    const bool mid_line = written > 0 && lines[written - 1] != '\n';
    if (mid_line) begun_ = std::string(lines.substr(written, lines.find('\n', written) + 1 - written));
    return problem;
  }

 private:
  // Takes what was written off the front.
  static std::string drain(std::string& text) {
    constexpr std::size_t kAtOnce = 4096;
    constexpr int kPatienceMillis = 1000;
    while (!text.empty()) {
      pollfd ready{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, kPatienceMillis) <= 0) return "standard output takes no more";
      const auto count = ::write(STDOUT_FILENO, text.data(), std::min(text.size(), kAtOnce));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return reason("standard output");
      text.erase(0, static_cast<std::size_t>(count));
    }
    return {};
  }

  std::string begun_;
};

class File final : public LineSink {
 public:
  File(std::filesystem::path file, Rotation rotation) : path_(std::move(file)), rotation_(rotation) {}
  ~File() override { close(); }

  std::string write(std::string_view lines) override {
    if (descriptor_ >= 0 && (was_moved() || size_ >= rotation_.largest_bytes)) close();
    if (descriptor_ < 0) {
      if (auto problem = open(); !problem.empty()) return problem;
    }
    while (!lines.empty()) {
      const auto count = ::write(descriptor_, lines.data(), lines.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed();
      size_ += static_cast<std::size_t>(count);
      lines.remove_prefix(static_cast<std::size_t>(count));
    }
    // The cursor moves on in the database: what it passed must not be lost with the power.
    if (::fdatasync(descriptor_) != 0) return failed();
    return {};
  }

 private:
  std::string failed() {
    auto problem = reason(path_.string());
    close();
    return problem;
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  // Somebody else's rotation.
  bool was_moved() const {
    struct stat ours {
    }, named{};
    if (::fstat(descriptor_, &ours) != 0 || ::stat(path_.c_str(), &named) != 0) return true;
    return ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
  }

  std::string open() {
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(path_, ignored);
    if (!ignored && bytes >= rotation_.largest_bytes) rotate();
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor_ < 0) return reason(path_.string());
    const auto end = ::lseek(descriptor_, 0, SEEK_END);
    size_ = static_cast<std::size_t>(std::max<off_t>(end, 0));
    // A line that a crash or a full disk cut off ends here.
    char last = '\n';
    if (end > 0 && ::pread(descriptor_, &last, 1, end - 1) == 1 && last != '\n' && ::write(descriptor_, "\n", 1) == 1) ++size_;
    return {};
  }

  std::filesystem::path numbered(int number) const { return path_.string() + "." + std::to_string(number); }
  void rotate() {
    std::error_code ignored;
    for (int number = rotation_.kept - 1; number >= 1; --number)
      std::filesystem::rename(numbered(number), numbered(number + 1), ignored);
    if (rotation_.kept > 0) {
      std::filesystem::rename(path_, numbered(1), ignored);
    } else {
      std::filesystem::remove(path_, ignored);
    }
  }

  const std::filesystem::path path_;
  const Rotation rotation_;
  int descriptor_ = -1;
  std::size_t size_ = 0;
};

}  // namespace

std::unique_ptr<LineSink> stdout_sink() { return std::make_unique<Stdout>(); }

std::unique_ptr<LineSink> file_sink(std::filesystem::path file, Rotation rotation) {
  return std::make_unique<File>(std::move(file), rotation);
}

}  // namespace segue::logstreams
