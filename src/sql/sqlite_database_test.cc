#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fiber.h"
#include "base/result.h"
#include "sql/database.h"

namespace segue::sql {
namespace {

using ::testing::HasSubstr;

constexpr Statement kAdd{"numbers.add", "insert into numbers (id) values ($1)"};
constexpr Statement kAddPage{"numbers.add_page", "insert into numbers (id, data) values ($1, $2)"};
constexpr Statement kCountNumbers{"numbers.count", "select count(*) from numbers"};
constexpr Statement kPageLimit{"page_limit", "pragma max_page_count = 60", ""};

class SqliteDatabaseTest : public ::testing::Test {
 protected:
  SqliteDatabaseTest() : folder_(std::filesystem::temp_directory_path() / ("segue-sqlite-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~SqliteDatabaseTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "segue.db").string(); }
  std::unique_ptr<Database> open(const DatabaseOptions& options = {}) const { return open_database("sqlite:" + path(), options); }
  static std::int64_t count(Database& database) {
    std::int64_t out = 0;
    database.read(
        [&](Connection& c) { out = c.maybe_one(kCountNumbers, {}, [](const Row& row) { return row.integer(0); }).value(); });
    return out;
  }
  static std::string refusal(const std::string& url) {
    try {
      open_database(url);
    } catch (const Unavailable& e) {
      return e.what();
    }
    return "opened";
  }

  std::filesystem::path folder_;
};

constexpr std::string_view kNumbers = "create table numbers (id bigint primary key, data bytea)";

// Holds the writer inside a commit, so that the writes of other threads gather into one batch.
class Gate final : public WriteFault {
 public:
  void before_commit() override {
    std::unique_lock lock(mutex_);
    ++commits_;
    entered_.notify_all();
    opened_.wait(lock, [this] { return open_; });
    if (failures_ > 0 && commits_ > 1) {
      --failures_;
      throw std::runtime_error("made to fail");
    }
  }
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    commits_ = 0;
  }
  void wait_for_writer() {
    std::unique_lock lock(mutex_);
    entered_.wait(lock, [this] { return commits_ > 0; });
  }
  void open(int failures = 0) {
    const std::lock_guard lock(mutex_);
    open_ = true;
    failures_ = failures;
    opened_.notify_all();
  }
  int commits() {
    const std::lock_guard lock(mutex_);
    return commits_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable entered_;
  std::condition_variable opened_;
  bool open_ = true;
  int failures_ = 0;
  int commits_ = 0;
};

// Runs `bodies` as one batch behind a write that waits in the gate; returns what each threw ("" for nothing).
std::vector<std::string> run_as_one_batch(Database& database, Gate& gate, std::size_t bodies, int failures,
                                          const std::function<void(Connection&, std::size_t)>& body) {
  gate.close();
  std::thread first([&] { database.write([](Connection& c) { c.execute(kAdd, {-1}); }); });
  gate.wait_for_writer();
  std::vector<std::string> thrown(bodies);
  std::atomic<std::size_t> started = 0;
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < bodies; ++k) {
    threads.emplace_back([&, k] {
      ++started;
      try {
        database.write([&](Connection& c) { body(c, k); });
      } catch (const std::exception& e) {
        thrown[k] = e.what();
      }
    });
  }
  while (started < bodies) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  gate.open(failures);
  first.join();
  for (auto& thread : threads) thread.join();
  return thrown;
}

TEST_F(SqliteDatabaseTest, commits_waiting_writes_together) {
  Gate gate;
  const auto database = open({.fault = &gate});
  database->run_script(kNumbers);
  run_as_one_batch(*database, gate, 32, 0, [](Connection& c, std::size_t k) { c.execute(kAdd, {static_cast<int>(k)}); });
  EXPECT_EQ(count(*database), 33);
  EXPECT_LT(gate.commits(), 10);
}

// A thread with 32 fibers: each writes once, or says what its write threw.
TEST_F(SqliteDatabaseTest, fibers_share_a_commit_without_keeping_their_thread_and_each_hears_its_own_fault) {
  Gate gate;
  const auto database = open({.fault = &gate});
  database->run_script(kNumbers);
  gate.close();
  std::thread first([&] { database->write([](Connection& c) { c.execute(kAdd, {-1}); }); });
  gate.wait_for_writer();

  std::mutex mutex;
  std::condition_variable asked;
  bool wanted = false;
  base::FiberPool pool(32, [&] {
    const std::lock_guard lock(mutex);
    wanted = true;
    asked.notify_one();
  });
  int ended = 0;
  std::vector<std::string> thrown(32);
  for (int k = 0; k < 32; ++k) {
    ASSERT_TRUE(pool.run([&, k] {
      try {
        database->write([&](Connection& c) {
          c.execute(kAdd, {k});
          if (k % 8 == 3) throw std::runtime_error("fault " + std::to_string(k));
        });
      } catch (const std::exception& e) {
        thrown[static_cast<std::size_t>(k)] = e.what();
      }
      ++ended;
    }));
  }
  EXPECT_EQ(ended, 0);
  gate.open();
  while (ended < 32) {
    {
      std::unique_lock lock(mutex);
      asked.wait(lock, [&] { return wanted; });
      wanted = false;
    }
    pool.run_woken();
  }
  first.join();
  for (int k = 0; k < 32; ++k) {
    EXPECT_EQ(thrown[static_cast<std::size_t>(k)], k % 8 == 3 ? "fault " + std::to_string(k) : "");
  }
  EXPECT_EQ(count(*database), 29);
  EXPECT_LT(gate.commits(), 10);
}

TEST_F(SqliteDatabaseTest, runs_every_body_of_a_batch_alone_after_the_batch_failed) {
  Gate gate;
  const auto database = open({.fault = &gate});
  database->run_script(kNumbers);
  const auto thrown =
      run_as_one_batch(*database, gate, 16, 1, [](Connection& c, std::size_t k) { c.execute(kAdd, {static_cast<int>(k)}); });
  EXPECT_THAT(thrown, ::testing::Each(""));
  EXPECT_EQ(count(*database), 17);
}

TEST_F(SqliteDatabaseTest, commits_the_neighbours_of_a_throwing_body_together_and_exactly_once) {
  Gate gate;
  const auto database = open({.fault = &gate});
  database->run_script(kNumbers);
  const auto thrown = run_as_one_batch(*database, gate, 32, 0, [](Connection& c, std::size_t k) {
    c.execute(kAdd, {static_cast<int>(k)});
    if (k % 8 == 5) throw std::runtime_error("body " + std::to_string(k));
  });
  for (std::size_t k = 0; k < thrown.size(); ++k) EXPECT_EQ(thrown[k], k % 8 == 5 ? "body " + std::to_string(k) : "");
  EXPECT_EQ(count(*database), 29);
  EXPECT_LT(gate.commits(), 10);
}

TEST_F(SqliteDatabaseTest, runs_a_body_again_whose_neighbour_threw_once) {
  Gate gate;
  const auto database = open({.fault = &gate});
  database->run_script(kNumbers);
  std::atomic<bool> threw = false;
  const auto thrown = run_as_one_batch(*database, gate, 16, 0, [&](Connection& c, std::size_t k) {
    c.execute(kAdd, {static_cast<int>(k)});
    if (k == 7 && !threw.exchange(true)) throw std::runtime_error("the first time");
  });
  // Whether its batch had neighbours, and so a second run, is a matter of timing; that nothing is left half done is not.
  EXPECT_EQ(count(*database), 17 - std::count_if(thrown.begin(), thrown.end(), [](auto& text) { return !text.empty(); }));
}

TEST_F(SqliteDatabaseTest, fails_only_the_write_that_fills_the_disk) {
  Gate gate;
  const auto database = open({.fault = &gate});
  database->run_script(kNumbers);
  database->write([](Connection& c) { c.execute(kPageLimit, {}); });
  const std::string large(1'000'000, 'x');
  const auto thrown = run_as_one_batch(*database, gate, 8, 0, [&](Connection& c, std::size_t k) {
    c.execute(kAddPage, {static_cast<int>(k), base::as_bytes(k == 3 ? std::string_view(large) : "small")});
  });
  for (std::size_t k = 0; k < thrown.size(); ++k) {
    EXPECT_THAT(thrown[k], HasSubstr(k == 3 ? "full" : "")) << k;
    EXPECT_EQ(thrown[k].empty(), k != 3) << k;
  }
  EXPECT_EQ(count(*database), 8);
}

TEST_F(SqliteDatabaseTest, is_served_by_one_process) {
  auto database = open();
  EXPECT_THAT(refusal("sqlite:" + path()), HasSubstr("another process serves"));
  database.reset();
  EXPECT_EQ(refusal("sqlite:" + path()), "opened");
}

TEST_F(SqliteDatabaseTest, says_what_to_mend_when_it_cannot_be_opened) {
  EXPECT_THAT(refusal("sqlite:" + (folder_ / "missing" / "segue.db").string()), HasSubstr("must exist and be writable"));
  EXPECT_THAT(refusal("mysql://secret@host"), ::testing::AllOf(HasSubstr("sqlite:PATH"), ::testing::Not(HasSubstr("secret"))));
}

TEST_F(SqliteDatabaseTest, keeps_its_files_private) {
  const auto database = open();
  database->run_script(kNumbers);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    using std::filesystem::perms;
    EXPECT_EQ(entry.status().permissions() & (perms::group_all | perms::others_all), perms::none) << entry.path();
  }
}

TEST_F(SqliteDatabaseTest, refuses_a_call_from_inside_a_write) {
  const auto database = open();
  EXPECT_THROW(database->write([&](Connection&) { database->write([](Connection&) {}); }), base::Bug);
  EXPECT_THROW(database->write([&](Connection&) { database->read([](Connection&) {}); }), base::Bug);
}

TEST_F(SqliteDatabaseTest, leaves_one_file_and_the_lock_after_a_clean_stop) {
  open()->run_script(kNumbers);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("segue.db", "segue.db.lock"));
}

TEST_F(SqliteDatabaseTest, gives_each_memory_database_its_own_content) {
  const auto one = open_database("sqlite::memory:");
  const auto two = open_database("sqlite::memory:");
  one->run_script(kNumbers);
  two->run_script(kNumbers);
  one->write([](Connection& c) { c.execute(kAdd, {1}); });
  EXPECT_EQ(count(*one), 1);
  EXPECT_EQ(count(*two), 0);
}

}  // namespace
}  // namespace segue::sql
