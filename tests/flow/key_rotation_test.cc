// Sealing everything anew while the key file is rotated, stopped at every commit, on both engines.
#include <gtest/gtest.h>

#include "sql/migrator.h"
#include "store/schema.h"
#include "store/sealed_values.h"
#include "support/engines.h"
#include "support/world.h"
#include "tenancy/rewrap.h"

namespace segue::test {
namespace {

// Refuses every commit but the first few.
struct StoppingFault final : sql::WriteFault {
  std::atomic<int> passing = 1'000'000;
  void before_commit() override {
    if (passing-- <= 0) throw std::runtime_error("stopped");
  }
};

class KeyRotation : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    std::string url = "sqlite::memory:";
    if (GetParam() == Engine::postgres) {
      fresh.emplace(*FreshDatabase::server_url());
      url = fresh->url();
    }
    database = sql::open_database(url, {.fault = &fault});
    sql::migrate(*database, store::migrations());
    store.emplace(*database, ids);
    for (const auto* const domain : {"one.example", "two.example", "three.example"})
      ASSERT_TRUE(tenancy::create_tenant(*store, key_file, random, clock.now(), {.domain = domain}).ok());
  }

  // How many values the sealing key of `file` does not open; all of them open somehow.
  int left(const tenancy::KeyFile& file) {
    int out = 0;
    for (int tenant = 1; tenant <= 3; ++tenant) {
      const base::TenantId id{tenant};
      for (const auto& column : store::sealed_values::columns()) {
        for (const auto& value : store->read(id, [&](const store::Reader& r) { return store::sealed_values::list(r, column); })) {
          const auto context = tenancy::seal_context(id, column.purpose, value.id);
          EXPECT_TRUE(file.open(value.sealed, context).ok());
          out += file.is_sealed_by_this(value.sealed, context) ? 0 : 1;
        }
      }
    }
    return out;
  }

  ManualClock clock;
  SeededRandom random;
  base::IdGenerator ids{clock, 1, {}};
  StoppingFault fault;
  std::optional<FreshDatabase> fresh;
  std::unique_ptr<sql::Database> database;
  std::optional<store::Store> store;
  const tenancy::KeyFile key_file = tenancy::KeyFile::generate(random);
};

// Three tenant secrets, four signing keys and two client secrets each.
constexpr int kValues = 3 * (3 + 4 + 2);

TEST_P(KeyRotation, seals_every_value_of_every_tenant_with_the_new_key) {
  const auto switched = key_file.advanced(random).advanced(random);
  EXPECT_EQ(left(switched), kValues);
  const auto sealed = tenancy::rewrap(*store, switched, random);
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(*sealed, kValues);
  const auto finished = switched.advanced(random);
  EXPECT_EQ(left(finished), 0);
  EXPECT_TRUE(tenancy::check_opens(*database, finished).ok());
  EXPECT_FALSE(tenancy::check_opens(*database, key_file).ok());
  EXPECT_NO_THROW(tenancy::Tenants(*store, finished));
  EXPECT_EQ(tenancy::rewrap(*store, finished, random).value(), 0);
}

TEST_P(KeyRotation, goes_on_where_it_was_stopped) {
  const auto switched = key_file.advanced(random).advanced(random);
  for (int tenants_done = 0; tenants_done < 3; ++tenants_done) {
    fault.passing = 1;
    if (tenants_done < 2) {
      EXPECT_ANY_THROW((void)tenancy::rewrap(*store, switched, random));
    } else {
      EXPECT_TRUE(tenancy::rewrap(*store, switched, random).ok());
    }
    fault.passing = 1'000'000;
    EXPECT_EQ(left(switched), kValues / 3 * (2 - tenants_done));
    // A server with both keys serves in between.
    EXPECT_NO_THROW(tenancy::Tenants(*store, switched));
  }
}

TEST_P(KeyRotation, with_a_wrong_key_file_changes_nothing) {
  const auto before = left(key_file);
  const auto wrong = tenancy::KeyFile::generate(random);
  const auto refused = tenancy::rewrap(*store, wrong, random);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "wrong_key_file");
  EXPECT_EQ(left(key_file), before);
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyRotation, ::testing::ValuesIn(engines()), [](const ::testing::TestParamInfo<Engine>& place) {
  return place.param == Engine::sqlite ? "sqlite" : "postgres";
});

}  // namespace
}  // namespace segue::test
