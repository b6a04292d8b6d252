// Runs every fuzz target over its corpus, and over the beginnings of each file: what a connection that ends early leaves.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#define TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "targets.inc"
#undef TARGET

namespace segue::fuzz {
namespace {

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

const Target kTargets[] = {
#define TARGET(name) {#name, fuzz_##name},
#include "targets.inc"
#undef TARGET
};

constexpr std::size_t kMostBeginnings = 64;

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, holds_what_the_target_asks_for) {
  const auto folder = std::filesystem::path(SEGUE_FUZZ_CORPUS) / GetParam().name;
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    ++files;
    const auto input = contents_of(file.path());
    const auto step = input.size() / kMostBeginnings + 1;
    for (std::size_t size = 0; size < input.size() + step; size += step) {
      const std::vector<std::uint8_t> bytes(input.begin(),
                                            input.begin() + static_cast<std::ptrdiff_t>(std::min(size, input.size())));
      ASSERT_NO_THROW(GetParam().run(bytes.data(), bytes.size())) << file.path() << ", the first " << bytes.size() << " bytes";
    }
  }
  EXPECT_GT(files, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, testing::ValuesIn(kTargets),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace segue::fuzz
