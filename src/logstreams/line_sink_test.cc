// The file of the operator's log lines.
#include "logstreams/line_sink.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace segue::logstreams {
namespace {

struct LineSinkFile : ::testing::Test {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("segue-lines-" + std::to_string(::getpid()));
  const std::filesystem::path file = folder / "log.ndjson";
  LineSinkFile() { std::filesystem::create_directories(folder); }
  ~LineSinkFile() override { std::filesystem::remove_all(folder); }
  static std::string text_of(const std::filesystem::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
};

TEST_F(LineSinkFile, appends_to_what_is_there) {
  std::ofstream(file) << "old\n";
  EXPECT_EQ(file_sink(file, {})->write("one\ntwo\n"), "");
  EXPECT_EQ(text_of(file), "old\none\ntwo\n");
}

TEST_F(LineSinkFile, ends_a_line_that_a_crash_cut_off) {
  std::ofstream(file) << R"({"half":)";
  EXPECT_EQ(file_sink(file, {})->write("{}\n"), "");
  EXPECT_EQ(text_of(file), "{\"half\":\n{}\n");
}

TEST_F(LineSinkFile, renames_what_has_grown_and_keeps_as_many_as_told) {
  const auto sink = file_sink(file, {.largest_bytes = 4, .kept = 2});
  for (const auto* const line : {"one1\n", "two2\n", "three\n", "four4\n"}) EXPECT_EQ(sink->write(line), "");
  EXPECT_EQ(text_of(file), "four4\n");
  EXPECT_EQ(text_of(folder / "log.ndjson.1"), "three\n");
  EXPECT_EQ(text_of(folder / "log.ndjson.2"), "two2\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "log.ndjson.3"));
}

TEST_F(LineSinkFile, follows_a_rotation_that_somebody_else_makes) {
  const auto sink = file_sink(file, {});
  EXPECT_EQ(sink->write("one\n"), "");
  std::filesystem::rename(file, folder / "moved");
  EXPECT_EQ(sink->write("two\n"), "");
  EXPECT_EQ(text_of(file), "two\n");
}

TEST_F(LineSinkFile, says_why_it_cannot_write_and_goes_on_when_it_can) {
  const auto sink = file_sink(folder / "missing" / "log", {});
  EXPECT_NE(sink->write("one\n").find("No such file"), std::string::npos);
  std::filesystem::create_directories(folder / "missing");
  EXPECT_EQ(sink->write("one\n"), "");
}

}  // namespace
}  // namespace segue::logstreams
