// docs/reference/asvs.md: every requirement of the chapters it covers stands there once, says how it stands, and names tests and
// files that exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"

namespace segue::test {
namespace {

namespace fs = std::filesystem;
const fs::path kRoot = SEGUE_SOURCE_DIR;

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// How many requirements the sections of version 5.0.0 have.
const std::map<std::string, int>& sections() {
  static const std::map<std::string, int> all = {
      {"3.1", 1},  {"3.2", 3},  {"3.3", 5},  {"3.4", 8},  {"3.5", 8},  {"3.6", 1},  {"3.7", 5},  {"6.1", 3},  {"6.2", 12},
      {"6.3", 8},  {"6.4", 6},  {"6.5", 8},  {"6.6", 4},  {"6.7", 2},  {"6.8", 4},  {"7.1", 3},  {"7.2", 4},  {"7.3", 2},
      {"7.4", 5},  {"7.5", 3},  {"7.6", 2},  {"9.1", 3},  {"9.2", 4},  {"10.1", 2}, {"10.2", 3}, {"10.3", 5}, {"10.4", 16},
      {"10.5", 5}, {"10.6", 2}, {"10.7", 3}, {"11.1", 4}, {"11.2", 5}, {"11.3", 5}, {"11.4", 4}, {"11.5", 2}, {"11.6", 2},
      {"11.7", 2}, {"16.1", 1}, {"16.2", 5}, {"16.3", 4}, {"16.4", 3}, {"16.5", 4}};
  return all;
}

struct Row {
  std::string id, standing, shown_by;
};

std::vector<Row> rows() {
  std::vector<Row> out;
  for (const auto& line : base::split(read_text(kRoot / "docs/reference/asvs.md"), '\n')) {
    const auto cells = base::split(line, '|');
    if (!line.starts_with("| ") || cells.size() != 4) continue;
    const auto id = std::string(base::trim(cells[0]));
    if (id.empty() || std::isdigit(static_cast<unsigned char>(id.front())) == 0) continue;
    out.push_back({id, std::string(base::trim(cells[2])), std::string(base::trim(cells[3]))});
  }
  return out;
}

// What stands in backquotes.
std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> out;
  for (auto begin = text.find('`'); begin != std::string::npos;) {
    const auto end = text.find('`', begin + 1);
    if (end == std::string::npos) break;
    out.push_back(text.substr(begin + 1, end - begin - 1));
    begin = text.find('`', end + 1);
  }
  return out;
}

// "Suite.name" of every GoogleTest case in the tree.
std::set<std::string> all_tests() {
  std::set<std::string> out;
  for (const auto* folder : {"src", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (!entry.path().string().ends_with("_test.cc")) continue;
      auto text = read_text(entry.path());
      std::erase_if(text, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
      for (const std::string macro : {"TEST(", "TEST_F(", "TEST_P("}) {
        for (auto at = text.find(macro); at != std::string::npos; at = text.find(macro, at + 1)) {
          const auto begin = at + macro.size();
          auto name = text.substr(begin, text.find(')', begin) - begin);
          std::replace(name.begin(), name.end(), ',', '.');
          out.insert(name);
        }
      }
    }
  }
  return out;
}

TEST(SecurityMap, has_every_requirement_of_its_chapters_once) {
  std::set<std::string> wanted, found;
  for (const auto& [section, count] : sections()) {
    for (int i = 1; i <= count; ++i) wanted.insert(section + "." + std::to_string(i));
  }
  for (const auto& row : rows()) EXPECT_TRUE(found.insert(row.id).second) << row.id << " stands there twice";
  for (const auto& id : wanted) EXPECT_TRUE(found.contains(id)) << id << " is missing";
  for (const auto& id : found) EXPECT_TRUE(wanted.contains(id)) << id << " is no requirement";
}

TEST(SecurityMap, shows_what_it_calls_met_and_explains_the_rest) {
  for (const auto& row : rows()) {
    const bool is_met = row.standing.starts_with("met");
    const bool is_explained = row.standing.starts_with("not met: ") || row.standing.starts_with("not met ") ||
                              row.standing.starts_with("does not apply: ");
    EXPECT_TRUE(is_met || is_explained) << row.id << ": " << row.standing;
    if (is_met) {
      EXPECT_FALSE(names_in(row.shown_by).empty()) << row.id << " says met and shows nothing";
    }
  }
}

TEST(SecurityMap, names_tests_and_files_that_exist) {
  const auto tests = all_tests();
  for (const auto& row : rows()) {
    for (const auto& name : names_in(row.shown_by)) {
      const bool exists = name.find('/') == std::string::npos ? tests.contains(name) : fs::exists(kRoot / name);
      EXPECT_TRUE(exists) << row.id << " names " << name;
    }
  }
}

}  // namespace
}  // namespace segue::test
