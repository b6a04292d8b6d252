#include "tenancy/key_file.h"

#include <gtest/gtest.h>

#include "support/seeded_random.h"

namespace segue::tenancy {
namespace {

using Stage = KeyFile::Stage;

class KeyFiles : public ::testing::Test {
 protected:
  static std::string text_of(const KeyFile& file) { return std::string(file.text().reveal()); }
  bool opens(const KeyFile& file, const std::string& sealed) const { return file.open(sealed, context).ok(); }
  test::SeededRandom random;
  const std::string context = seal_context(base::TenantId{1}, "client_secret", "web");
};

TEST_F(KeyFiles, are_read_as_they_were_written_in_every_stage_of_a_rotation) {
  auto file = KeyFile::generate(random);
  for (const auto stage : {Stage::single, Stage::prepared, Stage::switched}) {
    EXPECT_EQ(file.stage(), stage);
    const auto read = KeyFile::parse(text_of(file));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->stage(), stage);
    EXPECT_EQ(text_of(*read), text_of(file));
    file = file.advanced(random);
  }
  EXPECT_EQ(file.stage(), Stage::single);
}

TEST_F(KeyFiles, open_what_the_stage_before_sealed_and_what_the_stage_after_will_seal) {
  const auto single = KeyFile::generate(random), prepared = single.advanced(random), switched = prepared.advanced(random),
             finished = switched.advanced(random);
  const auto old_value = prepared.seal(random, "secret", context), new_value = switched.seal(random, "secret", context);
  EXPECT_TRUE(opens(single, old_value));
  EXPECT_TRUE(opens(prepared, new_value));
  EXPECT_TRUE(opens(switched, old_value));
  EXPECT_TRUE(opens(finished, new_value));
  EXPECT_FALSE(opens(single, new_value));
  EXPECT_FALSE(opens(finished, old_value));
  EXPECT_FALSE(switched.is_sealed_by_this(old_value, context));
  EXPECT_TRUE(switched.is_sealed_by_this(new_value, context));
}

TEST_F(KeyFiles, replace_themselves_for_every_copy) {
  auto file = KeyFile::generate(random);
  const auto copy = file;
  const auto sealed = copy.seal(random, "secret", context);
  file.replace(file.advanced(random).advanced(random));
  EXPECT_EQ(copy.stage(), Stage::switched);
  EXPECT_TRUE(opens(copy, sealed));
  EXPECT_FALSE(copy.is_sealed_by_this(sealed, context));
}

TEST_F(KeyFiles, that_are_damaged_are_refused_by_name) {
  const auto good = text_of(KeyFile::generate(random));
  const auto line = good.substr(0, good.size() - 1);
  for (const auto& bad : {std::string(), std::string("\n \n"), std::string("key"), line.substr(0, 30), line + "A", good + good,
                          good + "segue-key-1-next:", good + line.substr(0, 20), "\n" + good,
                          good + "segue-key-1-old:" + line.substr(12) + "\n" + good}) {
    const auto read = KeyFile::parse(bad, "/data/segue.key");
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_EQ(read.error().description.find("the key file /data/segue.key is "), 0u) << read.error().description;
  }
  EXPECT_TRUE(KeyFile::parse(line).ok());
  EXPECT_TRUE(KeyFile::parse(line + "\r\n").ok());
}

TEST_F(KeyFiles, seal_nothing_that_a_rotation_would_not_find) {
  EXPECT_THROW(seal_context(base::TenantId{1}, "something_else", "web"), base::Bug);
}

}  // namespace
}  // namespace segue::tenancy
