// What every engine promises to the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "sql/database.h"
#include "sql/migrator.h"
#include "support/fresh_database.h"

namespace segue::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class Kind { sqlite_file, sqlite_memory, postgres };

std::string name_of(const ::testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::sqlite_file: return "sqlite_file";
    case Kind::sqlite_memory: return "sqlite_memory";
    case Kind::postgres: return "postgres";
  }
  return "unknown";
}

std::vector<Kind> kinds() {
  std::vector<Kind> out = {Kind::sqlite_file, Kind::sqlite_memory};
  if (test::FreshDatabase::server_url()) out.push_back(Kind::postgres);
  return out;
}

constexpr std::string_view kTables = R"sql(
create table samples (
  id bigint primary key,
  number bigint,
  flag boolean,
  word text,
  data bytea
);
create table tickets (id bigint primary key, used boolean not null, taker bigint);
)sql";

constexpr Statement kInsert{"samples.insert", R"sql(
insert into samples (id, number, flag, word, data) values ($1, $2, $3, $4, $5))sql"};
constexpr Statement kFind{"samples.find", "select number, flag, word, data from samples where id = $1"};
constexpr Statement kIds{"samples.ids", "select id from samples order by id"};
constexpr Statement kCount{"samples.count", "select count(*) from samples"};
constexpr Statement kSet{"samples.set", "update samples set word = $2 where id = $1"};
constexpr Statement kUpsert{"samples.upsert", R"sql(
insert into samples (id, number) values ($1, $2)
on conflict (id) do update set number = samples.number + excluded.number
returning number)sql"};
constexpr Statement kFilter{"samples.filter", R"sql(
select id from samples where ($1 is null or word = $1) and ($2 is null or flag = $2) order by id)sql"};
constexpr Statement kSwapped{"samples.swapped", "select id from samples where number = $2 and id = $1"};
constexpr Statement kDelete{"samples.delete", "delete from samples where id = $1 returning word"};
constexpr Statement kAddTicket{"tickets.insert", "insert into tickets (id, used) values ($1, false)"};
constexpr Statement kTake{"tickets.take", "update tickets set used = true, taker = $2 where id = $1 and not used"};
constexpr Statement kBroken{"samples.broken", "select nothing from samples"};

struct Sample {
  std::optional<std::int64_t> number;
  std::optional<bool> flag;
  std::optional<std::string> word;
  std::optional<std::string> data;
  bool operator==(const Sample&) const = default;
};

class FailingCommit final : public WriteFault {
 public:
  int before = 0;  // how many more commits fail
  int after = 0;   // how many more answers are lost
  void before_commit() override {
    if (before > 0 && before-- > 0) throw std::runtime_error("made to fail");
  }
  void after_commit() override {
    if (after > 0 && after-- > 0) throw std::runtime_error("made to fail");
  }
};

class DatabaseContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("segue-contract-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    if (GetParam() == Kind::postgres)
      fresh_ = std::make_unique<test::FreshDatabase>(*test::FreshDatabase::server_url(), test::FreshDatabase::Schema::empty);
    options_.fault = &fault_;
    database_ = open_database(url(), options_);
  }
  void TearDown() override {
    database_.reset();
    fresh_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string url() const {
    switch (GetParam()) {
      case Kind::sqlite_file: return "sqlite:" + (folder_ / "segue.db").string();
      case Kind::sqlite_memory: return "sqlite::memory:";
      case Kind::postgres: return fresh_->url();
    }
    return "";
  }
  bool keeps_data() const { return GetParam() != Kind::sqlite_memory; }
  void reopen() {
    database_.reset();
    database_ = open_database(url(), options_);
  }

  Database& db() { return *database_; }
  void make_tables() { db().run_script(kTables); }
  void insert(std::int64_t id, const std::string& word = "") {
    db().write([&](Connection& c) { c.execute(kInsert, {id, 1, true, word, base::as_bytes("x")}); });
  }
  std::optional<Sample> find(std::int64_t id) {
    std::optional<Sample> out;
    db().read([&](Connection& c) {
      out = c.maybe_one(kFind, {id}, [](const Row& row) {
        Sample sample;
        if (!row.null(0)) sample.number = row.integer(0);
        if (!row.null(1)) sample.flag = row.boolean(1);
        if (!row.null(2)) sample.word = row.string(2);
        if (!row.null(3)) sample.data = std::string(row.bytes(3));
        return sample;
      });
    });
    return out;
  }
  std::vector<std::int64_t> ids() {
    std::vector<std::int64_t> out;
    db().read([&](Connection& c) { out = c.list(kIds, {}, [](const Row& row) { return row.integer(0); }); });
    return out;
  }

  std::filesystem::path folder_;
  std::unique_ptr<test::FreshDatabase> fresh_;
  FailingCommit fault_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
};

TEST_P(DatabaseContract, keeps_every_kind_of_value_exactly) {
  make_tables();
  using namespace std::string_literals;
  const std::vector<Sample> samples = {
      {std::numeric_limits<std::int64_t>::min(), false, "", ""},
      {std::numeric_limits<std::int64_t>::max(), true, "Grüße, 世界 🔑 'quoted' $1", "\0a\0"s},
      {0, true, std::string(100'000, 'w'), std::string(100'000, '\0')},
      {-1, false, "12", "\xff\xfe\x80"},
      {std::nullopt, std::nullopt, std::nullopt, std::nullopt},
  };
  for (std::size_t k = 0; k < samples.size(); ++k) {
    const Sample& sample = samples[k];
    const auto data = sample.data ? std::optional(base::as_bytes(*sample.data)) : std::nullopt;
    db().write([&](Connection& c) {
      EXPECT_EQ(c.execute(kInsert, {static_cast<int>(k), sample.number, sample.flag, sample.word, data}), 1);
    });
    EXPECT_EQ(find(static_cast<int>(k)), sample) << k;
  }
}

TEST_P(DatabaseContract, reads_null_as_nothing) {
  make_tables();
  db().write([](Connection& c) {
    c.execute(kInsert, {1, std::optional<std::int64_t>(), std::optional<bool>(), std::optional<std::string>(),
                        std::optional<base::ByteView>()});
  });
  db().read([](Connection& c) {
    c.run(kFind, std::vector<Param>{1}, [](const Row& row) {
      EXPECT_EQ(row.integer(0), 0);
      EXPECT_FALSE(row.boolean(1));
      EXPECT_EQ(row.text(2), "");
      EXPECT_EQ(row.bytes(3), "");
      EXPECT_EQ(row.maybe_string(2), std::nullopt);
      EXPECT_EQ(row.maybe_integer(0), std::nullopt);
    });
  });
}

TEST_P(DatabaseContract, reports_how_many_rows_changed_or_came_back) {
  make_tables();
  insert(1, "a");
  insert(2, "b");
  db().write([](Connection& c) {
    EXPECT_EQ(c.execute(kSet, {1, "c"}), 1);
    EXPECT_EQ(c.execute(kSet, {3, "c"}), 0);
    EXPECT_EQ(c.execute(kIds, {}), 2);
    EXPECT_EQ(c.maybe_one(kDelete, {1}, [](const Row& row) { return row.string(0); }), "c");
    EXPECT_EQ(c.execute(kDelete, {1}), 0);
    EXPECT_EQ(c.maybe_one(kCount, {}, [](const Row& row) { return row.integer(0); }), 1);
  });
}

TEST_P(DatabaseContract, runs_the_shared_dialect) {
  make_tables();
  insert(1, "a");
  insert(2, "b");
  db().write([](Connection& c) {
    const auto read = [](const Row& row) { return row.integer(0); };
    EXPECT_EQ(c.maybe_one(kUpsert, {7, 5}, read), 5);
    EXPECT_EQ(c.maybe_one(kUpsert, {7, 5}, read), 10);
    EXPECT_THAT(c.list(kFilter, {"b", std::optional<bool>()}, read), ElementsAre(2));
    EXPECT_THAT(c.list(kFilter, {std::optional<std::string>(), true}, read), ElementsAre(1, 2));
    EXPECT_THAT(c.list(kSwapped, {7, 10}, read), ElementsAre(7));
  });
}

TEST_P(DatabaseContract, lets_a_write_see_its_own_changes_and_a_read_every_answered_one) {
  make_tables();
  for (int k = 0; k < 50; ++k) {
    db().write([&](Connection& c) {
      c.execute(kInsert, {k, k, true, "w", base::as_bytes("x")});
      EXPECT_TRUE(c.maybe_one(kFind, {k}, [](const Row&) { return true; }));
    });
    EXPECT_EQ(ids().size(), static_cast<std::size_t>(k) + 1);
  }
}

TEST_P(DatabaseContract, keeps_what_was_committed_when_it_is_opened_again) {
  make_tables();
  insert(1, "kept");
  if (!keeps_data()) return;
  reopen();
  EXPECT_EQ(find(1)->word, "kept");
}

TEST_P(DatabaseContract, undoes_a_write_whose_body_throws_and_throws_that_exception) {
  make_tables();
  insert(1, "before");
  EXPECT_THROW(db().write([](Connection& c) {
    c.execute(kSet, {1, "after"});
    throw std::out_of_range("fault");
  }),
               std::out_of_range);
  EXPECT_EQ(find(1)->word, "before");
  insert(2);
  EXPECT_THAT(ids(), ElementsAre(1, 2));
}

TEST_P(DatabaseContract, leaves_the_neighbours_of_a_throwing_write_alone) {
  make_tables();
  std::atomic<int> thrown = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int k = 0; k < 20; ++k) {
        const std::int64_t id = t * 100 + k;
        try {
          db().write([&](Connection& c) {
            c.execute(kInsert, {id, k, true, "w", base::as_bytes("x")});
            if (k % 2 == 1) throw std::runtime_error("odd");
          });
        } catch (const std::runtime_error&) {
          ++thrown;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(thrown, 160);
  const auto left = ids();
  EXPECT_EQ(left.size(), 160u);
  for (const auto id : left) EXPECT_EQ(id % 2, 0);
}

TEST_P(DatabaseContract, runs_bodies_again_when_a_commit_fails) {
  make_tables();
  fault_.before = 1;
  int runs = 0;
  std::int64_t number = 0;
  db().write([&](Connection& c) {
    ++runs;
    number = c.maybe_one(kUpsert, {1, 5}, [](const Row& row) { return row.integer(0); }).value_or(0);
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(number, 5);
  EXPECT_EQ(find(1)->number, 5);
}

TEST_P(DatabaseContract, stores_nothing_and_says_so_when_every_commit_fails) {
  make_tables();
  fault_.before = 1000;
  EXPECT_THROW(insert(1), Unavailable);
  fault_.before = 0;
  EXPECT_THAT(ids(), ElementsAre());
  insert(2);
  EXPECT_THAT(ids(), ElementsAre(2));
}

TEST_P(DatabaseContract, never_runs_a_body_again_when_only_the_answer_was_lost) {
  make_tables();
  fault_.after = 1;
  int runs = 0;
  EXPECT_THROW(db().write([&](Connection& c) {
    ++runs;
    c.execute(kUpsert, {1, 5});
  }),
               Unavailable);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(find(1)->number, 5);
}

TEST_P(DatabaseContract, lets_a_conditional_update_succeed_once_under_64_threads) {
  make_tables();
  constexpr int kTickets = 5;
  for (int ticket = 0; ticket < kTickets; ++ticket) {
    db().write([&](Connection& c) { c.execute(kAddTicket, {ticket}); });
  }
  std::array<std::atomic<int>, kTickets> taken{};
  std::vector<std::thread> threads;
  for (int t = 0; t < 64; ++t) {
    threads.emplace_back([&, t] {
      for (int ticket = 0; ticket < kTickets; ++ticket) {
        bool mine = false;
        db().write([&](Connection& c) { mine = c.execute(kTake, {ticket, t}) == 1; });
        if (mine) ++taken[static_cast<std::size_t>(ticket)];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& count : taken) EXPECT_EQ(count, 1);
}

TEST_P(DatabaseContract, serves_readers_beside_writers) {
  make_tables();
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int t = 0; t < 12; ++t) {
    readers.emplace_back([&] {
      while (!done) {
        // Two statements of one read see the same state.
        db().read([](Connection& c) {
          const auto count = c.maybe_one(kCount, {}, [](const Row& row) { return row.integer(0); });
          EXPECT_EQ(c.execute(kIds, {}), *count);
        });
      }
    });
  }
  for (int k = 0; k < 100; ++k) insert(k);
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(ids().size(), 100u);
}

TEST_P(DatabaseContract, tells_a_broken_rule_from_a_broken_statement) {
  make_tables();
  insert(1);
  EXPECT_THROW(insert(1), ConstraintViolation);
  EXPECT_THROW(db().read([](Connection& c) { c.execute(kBroken, {}); }), base::Bug);
  EXPECT_THROW(db().write([](Connection& c) { c.execute(kBroken, {}); }), base::Bug);
  EXPECT_THROW(db().read([](Connection& c) { c.execute(kSet, {1, "written by a read"}); }), base::Bug);
  EXPECT_EQ(find(1)->word, "");
  insert(2);
  EXPECT_THAT(ids(), ElementsAre(1, 2));
}

TEST_P(DatabaseContract, calls_a_statement_with_a_missing_parameter_broken) {
  make_tables();
  EXPECT_THROW(db().write([](Connection& c) { c.execute(kSet, {1}); }), base::Bug);
}

TEST_P(DatabaseContract, takes_back_a_script_that_fails) {
  make_tables();
  EXPECT_ANY_THROW(
      db().run_script("create table extra (id bigint); insert into samples (id) values (1); select broken from nowhere"));
  EXPECT_THAT(ids(), ElementsAre());
  db().run_script("create table extra (id bigint)");
}

// Migrations.

constexpr Migration kFirst{1, "first", "create table a (id bigint); insert into a values (7)",
                           "create table a (id bigint); insert into a values (7)"};
constexpr Migration kSecond{2, "second", "alter table a add column word text", "alter table a add column word text"};
constexpr Migration kSecondChanged{2, "second", "alter table a add column other text", "alter table a add column other text"};
constexpr Migration kThirdBroken{3, "third", "create table b (id bigint); select broken from nowhere",
                                 "create table b (id bigint); select broken from nowhere"};
constexpr Statement kMigrated{"a.list", "select id from a where word is null"};

TEST_P(DatabaseContract, migrates_step_by_step_and_keeps_the_rows) {
  EXPECT_EQ(schema_version(db()), 0);
  migrate(db(), std::vector{kFirst});
  EXPECT_EQ(schema_version(db()), 1);
  migrate(db(), std::vector{kFirst, kSecond});
  EXPECT_EQ(schema_version(db()), 2);
  migrate(db(), std::vector{kFirst, kSecond});
  db().read(
      [](Connection& c) { EXPECT_THAT(c.list(kMigrated, {}, [](const Row& row) { return row.integer(0); }), ElementsAre(7)); });
}

TEST_P(DatabaseContract, refuses_a_newer_schema_and_a_changed_migration) {
  migrate(db(), std::vector{kFirst, kSecond});
  const auto refusal = [&](const std::vector<Migration>& migrations) -> std::string {
    try {
      migrate(db(), migrations);
    } catch (const Unavailable& e) {
      return e.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal({kFirst}), HasSubstr("newer"));
  EXPECT_THAT(refusal({kFirst, kSecondChanged}), HasSubstr("another text"));
  EXPECT_EQ(schema_version(db()), 2);
}

TEST_P(DatabaseContract, leaves_no_trace_of_a_migration_that_fails) {
  EXPECT_THROW(migrate(db(), std::vector{kFirst, kSecond, kThirdBroken}), base::Bug);
  EXPECT_EQ(schema_version(db()), 2);
  db().run_script("create table b (id bigint)");
}

TEST_P(DatabaseContract, migrates_once_when_many_start_together) {
  std::vector<std::unique_ptr<Database>> others;
  if (GetParam() == Kind::postgres) {
    for (int k = 0; k < 4; ++k) others.push_back(open_database(url()));
  }
  std::vector<std::thread> threads;
  threads.emplace_back([&] { migrate(db(), std::vector{kFirst, kSecond}); });
  for (auto& other : others) threads.emplace_back([&] { migrate(*other, std::vector{kFirst, kSecond}); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(schema_version(db()), 2);
}

// What only a server can do: lose a session, or choose a victim of a deadlock.

constexpr Statement kEndSession{"session.end", "", "select pg_terminate_backend(pg_backend_pid())"};

TEST_P(DatabaseContract, runs_bodies_again_when_the_session_is_lost_before_the_commit) {
  if (GetParam() != Kind::postgres) return;
  make_tables();
  int runs = 0;
  db().write([&](Connection& c) {
    c.execute(kUpsert, {1, 5});
    if (++runs == 1) c.execute(kEndSession, {});
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(find(1)->number, 5);
  runs = 0;
  db().read([&](Connection& c) {
    if (++runs == 1) c.execute(kEndSession, {});
    EXPECT_EQ(c.execute(kIds, {}), 1);
  });
  EXPECT_EQ(runs, 2);
}

TEST_P(DatabaseContract, never_runs_a_body_again_when_the_session_is_lost_during_the_commit) {
  if (GetParam() != Kind::postgres) return;
  make_tables();
  db().run_script(R"sql(
    create function end_session() returns trigger language plpgsql as
      'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
    create constraint trigger ends after insert on tickets deferrable initially deferred
      for each row execute function end_session())sql");
  int runs = 0;
  EXPECT_THROW(db().write([&](Connection& c) {
    ++runs;
    c.execute(kAddTicket, {1});
  }),
               Unavailable);
  EXPECT_EQ(runs, 1);
  insert(1);
}

TEST_P(DatabaseContract, runs_the_victim_of_a_deadlock_again) {
  if (GetParam() != Kind::postgres) return;
  make_tables();
  insert(1);
  insert(2);
  std::atomic<int> holding = 0;
  const auto both = [&](std::int64_t first, std::int64_t second) {
    db().write([&](Connection& c) {
      c.execute(kUpsert, {first, 10});
      ++holding;
      while (holding < 2) std::this_thread::yield();
      c.execute(kUpsert, {second, 10});
    });
  };
  std::thread other([&] { both(2, 1); });
  both(1, 2);
  other.join();
  EXPECT_EQ(find(1)->number, 21);
  EXPECT_EQ(find(2)->number, 21);
}

TEST_P(DatabaseContract, refuses_to_commit_a_write_that_swallowed_a_failure) {
  if (GetParam() != Kind::postgres) return;
  make_tables();
  insert(1);
  EXPECT_THROW(db().write([](Connection& c) {
    c.execute(kSet, {1, "lost"});
    try {
      c.execute(kAddTicket, {1});
      c.execute(kAddTicket, {1});
    } catch (const ConstraintViolation&) {
    }
  }),
               base::Bug);
  EXPECT_EQ(find(1)->word, "");
}

INSTANTIATE_TEST_SUITE_P(engines, DatabaseContract, ::testing::ValuesIn(kinds()), name_of);

}  // namespace
}  // namespace segue::sql
