// docs/reference/log_events.md: every type of row that the source writes stands there once, with a test that exists.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <vector>

#include "base/text.h"
#include "logstreams/categories.h"

namespace segue::test {
namespace {

namespace fs = std::filesystem;
const fs::path kRoot = SEGUE_SOURCE_DIR;

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string unquoted(std::string_view cell) {
  const auto text = base::trim(cell);
  return text.size() > 2 && text.front() == '`' && text.back() == '`' ? std::string(text.substr(1, text.size() - 2)) : "";
}

// Type to the test that sees it.
std::map<std::string, std::string> documented() {
  std::map<std::string, std::string> out;
  for (const auto& line : base::split(read_text(kRoot / "docs/reference/log_events.md"), '\n')) {
    if (!line.starts_with("| `")) continue;
    const auto cells = base::split(line, '|');
    if (cells.size() != 5) {
      ADD_FAILURE() << "not five cells: " << line;
      continue;
    }
    EXPECT_TRUE(out.emplace(unquoted(cells[0]), unquoted(cells[4])).second) << "twice: " << line;
  }
  return out;
}

template <class Use>
void each_source(const char* folder, bool tests, Use use) {
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    const auto name = entry.path().string();
    if (name.ends_with("_test.cc") == tests && name.ends_with(".cc")) use(entry.path(), read_text(entry.path()));
  }
}

bool is_type(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

// The texts in quotes of a piece of source.
std::vector<std::string> texts_in(std::string_view source) {
  std::vector<std::string> out;
  for (auto begin = source.find('"'); begin != std::string_view::npos; begin = source.find('"', begin + 1)) {
    const auto end = source.find('"', begin + 1);
    if (end == std::string_view::npos) break;
    if (const auto text = source.substr(begin + 1, end - begin - 1); is_type(text)) out.emplace_back(text);
    begin = end;
  }
  return out;
}

// From `start` to what closes the parenthesis before it, or to the end of the statement.
std::string_view rest_of_call(std::string_view source, std::size_t start) {
  int depth = 1;
  auto at = start;
  for (; at < source.size() && depth > 0 && source[at] != ';'; ++at) depth += source[at] == '(' ? 1 : source[at] == ')' ? -1 : 0;
  return source.substr(start, at - start);
}

// Texts that are given to a row as its type, and those that the contract gives a category as a type of log row.
std::set<std::string> written_types() {
  std::set<std::string> out;
  each_source("src", false, [&](const fs::path& path, const std::string& source) {
    if (path.filename() == "categories.cc") return;
    for (const std::string_view given : {"event_of(", "row.type = ", "event.type = "}) {
      for (auto at = source.find(given); at != std::string::npos; at = source.find(given, at + 1))
        for (auto& text : texts_in(rest_of_call(source, at + given.size()))) out.insert(std::move(text));
    }
    for (auto& text : texts_in(source)) {
      if (text.size() > 1 && logstreams::category_of(text) != "other") out.insert(std::move(text));
    }
  });
  return out;
}

TEST(LogEvents, that_the_source_writes_are_documented) {
  const auto table = documented();
  const auto written = written_types();
  EXPECT_GT(written.size(), 30U);
  for (const auto& type : written) EXPECT_TRUE(table.contains(type)) << type << " is missing in docs/reference/log_events.md";
}

TEST(LogEvents, that_are_documented_are_written_and_tested) {
  std::string source, tests;
  each_source("src", false, [&](const fs::path& path, const std::string& text) {
    if (path.filename() != "categories.cc") source += text;
  });
  each_source("src", true, [&](const fs::path&, const std::string& text) { tests += text; });
  each_source("tests", true, [&](const fs::path&, const std::string& text) { tests += text; });
  for (const auto& [type, test] : documented()) {
    EXPECT_NE(source.find('"' + type + '"'), std::string::npos) << type << " is written nowhere";
    EXPECT_NE(tests.find(' ' + test + ") {"), std::string::npos) << test << " is no test";
  }
}

}  // namespace
}  // namespace segue::test
