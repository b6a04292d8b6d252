// Where the operator's log lines go: standard output, or a file that is renamed when it has grown (log.stream).
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace segue::logstreams {

class LineSink {
 public:
  virtual ~LineSink() = default;
  // Whole lines, each with its end. Empty when all of them are where they stay, else why not: the caller hands the same lines in
  // again, so a line may stand twice. Never waits long for a reader.
  virtual std::string write(std::string_view lines) = 0;
};

std::unique_ptr<LineSink> stdout_sink();
// FILE, and what was written before in FILE.1 … FILE.`kept`, the newest first.
struct Rotation {
  std::size_t largest_bytes = 100 * 1024 * 1024;
  int kept = 5;
};
std::unique_ptr<LineSink> file_sink(std::filesystem::path file, Rotation rotation);

}  // namespace segue::logstreams
