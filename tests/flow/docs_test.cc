// Documentation that names files and settings stays true.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/commands.h"

namespace segue::test {
namespace {
namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

const fs::path kRoot = SEGUE_SOURCE_DIR;

// Texts in backquotes that look like files of the tree.
std::vector<std::string> named_files(const std::string& text) {
  std::vector<std::string> out;
  for (auto at = text.find('`'); at != std::string::npos; at = text.find('`', at + 1)) {
    const auto end = text.find('`', at + 1);
    if (end == std::string::npos) break;
    auto name = text.substr(at + 1, end - at - 1);
    at = end;
    const bool is_file =
        name.starts_with("src/") || name.starts_with("test/") || name.starts_with("docs/") || name.starts_with("tools/");
    if (is_file && name.find_first_of(" *<>{}") == std::string::npos) out.push_back(std::move(name));
  }
  return out;
}

TEST(Documentation, names_files_that_exist) {
  int named = 0;
  for (const auto* page :
       {"docs/architecture.md", "docs/life_of_a_request.md", "docs/dev/add_an_endpoint.md", "docs/dev/add_a_grant.md",
        "docs/dev/add_a_step.md", "docs/dev/add_a_table.md", "docs/dev/write_a_test.md"}) {
    for (const auto& name : named_files(read(kRoot / page))) {
      EXPECT_TRUE(fs::exists(kRoot / name)) << page << " names " << name;
      ++named;
    }
  }
  EXPECT_GT(named, 40);
}

TEST(Documentation, of_settings_and_routes_is_what_the_binary_prints) {
  EXPECT_EQ(read(kRoot / "docs/reference/configuration.md"), app::describe("config").value()) << "run ./dev docs";
  EXPECT_EQ(read(kRoot / "docs/reference/routes.md"), app::describe("routes").value()) << "run ./dev docs";
  EXPECT_EQ(read(kRoot / "docs/reference/settings.md"), app::describe("settings").value()) << "run ./dev docs";
}

TEST(Documentation, of_the_served_resources_in_the_readme_is_what_the_binary_prints) {
  const auto readme = read(kRoot / "README.md");
  const auto begin = readme.find('\n', readme.find("<!-- `segue describe resources`")) + 1,
             end = readme.find("<!-- end -->", begin);
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(readme.substr(begin, end - begin), app::describe("resources").value()) << "run ./dev docs";
}

}  // namespace
}  // namespace segue::test
