// What every engine promises of the tenant logs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "audit/event.h"
#include "audit/failure_queue.h"
#include "audit/log_indexer.h"
#include "management/log_query.h"
#include "store/logs.h"
#include "store/schema.h"
#include "support/fresh_database.h"
#include "support/manual_clock.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr base::TenantId kTenant{1}, kOther{2};

std::vector<sql::Engine> engines() {
  std::vector<sql::Engine> out = {sql::Engine::sqlite};
  if (test::FreshDatabase::server_url()) out.push_back(sql::Engine::postgres);
  return out;
}
std::string name_of(const ::testing::TestParamInfo<sql::Engine>& info) {
  return info.param == sql::Engine::sqlite ? "sqlite" : "postgres";
}

class LogsContract : public ::testing::TestWithParam<sql::Engine> {
 protected:
  void SetUp() override {
    std::string url = "sqlite::memory:";
    if (GetParam() == sql::Engine::postgres) {
      fresh_ = std::make_unique<test::FreshDatabase>(*test::FreshDatabase::server_url());
      url = fresh_->url();
    }
    database_ = sql::open_database(url);
    sql::migrate(*database_, migrations());
    store_ = std::make_unique<Store>(*database_, ids_);
  }
  void TearDown() override {
    store_.reset();
    database_.reset();
  }

  void log(audit::Event event, base::TenantId tenant = kTenant) {
    clock_.advance(std::chrono::milliseconds(10));
    store_->write(tenant, [&](const Writer& w) { return audit::append(w, event, clock_.now()), true; });
  }
  void log(const std::string& type, const std::string& client_id, base::TenantId tenant = kTenant) {
    log({.type = type, .client_id = client_id}, tenant);
  }
  // Lets PostgreSQL's rows settle, then indexes them.
  int index(base::TenantId tenant = kTenant) {
    clock_.advance(std::chrono::seconds(3));
    int count = 0;
    while (const int more = audit::LogIndexer(*store_, clock_).run_once(tenant, 500)) count += more;
    return count;
  }
  // The client ids of the rows found: the tests put there what tells rows apart.
  std::vector<std::string> clients(const std::vector<logs::Found>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) {
      const auto record = json::parse(row.record);
      out.push_back(record.ok() ? json::find_string(record->get_object(), "client_id").value_or("?") : "not JSON");
    }
    return out;
  }
  std::vector<logs::Found> rows_of(const logs::Query& query, int page = 0, int per_page = 50, base::TenantId tenant = kTenant) {
    return store_->read(tenant, [&](const Reader& r) { return logs::search(r, query, page, per_page).value(); });
  }
  std::vector<std::string> search(std::string_view q, int page = 0, int per_page = 50, base::TenantId tenant = kTenant) {
    return clients(rows_of(management::parse_log_query(q).value(), page, per_page, tenant));
  }
  std::vector<logs::Found> after(std::string_view from, int take, base::TenantId tenant = kTenant) {
    return store_->read(tenant, [&](const Reader& r) { return logs::list_after(r, from, take); });
  }
  std::optional<logs::Found> find(std::string_view log_id, base::TenantId tenant = kTenant) {
    return store_->read(tenant, [&](const Reader& r) { return logs::find(r, log_id); });
  }

  test::ManualClock clock_;
  base::IdGenerator ids_{clock_, 7, base::Instant{}};
  std::unique_ptr<test::FreshDatabase> fresh_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Store> store_;
};

TEST_P(LogsContract, finds_rows_by_every_indexed_field) {
  const audit::Event event{.type = "sertft",
                           .description = "Ünïcode 'quoted'",
                           .client_id = "a",
                           .client_name = "My App",
                           .ip = "2001:db8::1",
                           .user_agent = "curl/7.88.1",
                           .user_id = "auth0|1",
                           .user_name = "ada@example.com",
                           .connection = "Users",
                           .connection_id = "con_1",
                           .strategy = "auth0",
                           .strategy_type = "database",
                           .organization_id = "org_1",
                           .hostname = "id.example.com",
                           .audience = "https://api",
                           .transfer_id = "t1"};
  log(event);
  log("f", "b");
  EXPECT_EQ(index(), 2);
  for (const auto* const q : {"type:sertft",
                              "description:\"Ünïcode 'quoted'\"",
                              "client_id:a",
                              "client_name:\"My App\"",
                              "ip:2001:db8::1",
                              "user_agent:curl*",
                              "user_id:auth0|1",
                              "user_name:*@example.com",
                              "connection:Users",
                              "connection_id:con_1",
                              "strategy:auth0",
                              "strategy_type:database",
                              "organization_id:org_1",
                              "hostname:id.example.com",
                              "audience:https://api",
                              "transfer_id:t1",
                              "_exists_:user_id",
                              "NOT type:f",
                              "ada@example.com",
                              "type:sertft AND ip:2001:db8::1",
                              "transfer_id:t1 OR user_id:auth0|1"}) {
    EXPECT_THAT(search(q), ElementsAre("a")) << q;
  }
  EXPECT_THAT(search(""), ElementsAre("b", "a"));
  EXPECT_THAT(search("type:SERTFT"), IsEmpty());
  EXPECT_THAT(search("type:f OR user_id:auth0|1"), ElementsAre("b", "a"));
  EXPECT_THAT(search("NOT *"), IsEmpty());
}

TEST_P(LogsContract, shows_nothing_of_another_tenant) {
  log("s", "mine");
  log("s", "theirs", kOther);
  EXPECT_EQ(index(), 1);
  EXPECT_EQ(index(kOther), 1);
  const auto mine = rows_of({});
  ASSERT_THAT(mine, SizeIs(1));
  for (const auto* const q : {"", "type:s", "*", "client_id:mine OR client_id:theirs"}) {
    EXPECT_THAT(search(q), ElementsAre("mine")) << q;
    EXPECT_THAT(search(q, 0, 50, kOther), ElementsAre("theirs")) << q;
  }
  EXPECT_TRUE(find(mine[0].log_id));
  EXPECT_FALSE(find(mine[0].log_id, kOther));
  EXPECT_THAT(clients(after("", 50, kOther)), ElementsAre("theirs"));
  store_->write(kOther, [&](const Writer& w) {
    logs::index(w, {{.log_row_id = *logs::row_id_of(mine[0].log_id), .type = "forged"}},
                base::RowId(std::numeric_limits<std::int64_t>::max()));
    return true;
  });
  EXPECT_THAT(search("type:forged"), IsEmpty());
  EXPECT_THAT(search("type:forged", 0, 50, kOther), IsEmpty());
}

TEST_P(LogsContract, pages_in_both_orders_and_stays_stable_under_inserts) {
  for (int i = 0; i < 25; ++i) log(i % 5 == 0 ? "f" : "s", std::to_string(i));
  index();
  EXPECT_THAT(search("type:f", 0, 2), ElementsAre("20", "15"));
  EXPECT_THAT(search("type:f", 1, 2), ElementsAre("10", "5"));
  EXPECT_THAT(search("type:f", 2, 2), ElementsAre("0"));
  EXPECT_THAT(search("type:f", 3, 2), IsEmpty());
  EXPECT_THAT(search("type:f OR client_id:20 OR client_id:19", 0, 3), ElementsAre("20", "19", "15"));
  auto oldest = management::parse_log_query("type:f OR client_id:1").value();
  oldest.order = logs::Order::oldest_first;
  EXPECT_THAT(clients(rows_of(oldest, 0, 3)), ElementsAre("0", "1", "5"));
  EXPECT_THAT(clients(rows_of({.order = logs::Order::oldest_first}, 1, 2)), ElementsAre("2", "3"));
  log("f", "later");
  index();
  EXPECT_THAT(clients(rows_of(oldest, 0, 3)), ElementsAre("0", "1", "5"));
}

TEST_P(LogsContract, finds_a_rare_row_behind_many_and_stops_at_a_thousand) {
  log("f", "rare");
  store_->write(kTenant, [&](const Writer& w) {
    for (int i = 0; i < 1500; ++i) audit::append(w, {.type = "s", .client_id = "many"}, clock_.now());
    return true;
  });
  EXPECT_EQ(index(), 1501);
  EXPECT_THAT(search("NOT type:s"), ElementsAre("rare"));
  EXPECT_THAT(search("rare"), IsEmpty());  // client_id is no field of a bare term
  EXPECT_THAT(search("type:s", 9, 100), SizeIs(100));
  EXPECT_THAT(search("type:s", 10, 100), IsEmpty());
  EXPECT_THAT(search("", 14, 70), SizeIs(20));
}

TEST_P(LogsContract, searches_by_time_and_by_log_id) {
  std::vector<std::string> dates;
  for (int i = 0; i < 4; ++i) {
    log("s", std::to_string(i));
    dates.push_back(base::to_iso8601(clock_.now()));
    clock_.advance(std::chrono::hours(1));
  }
  index();
  EXPECT_THAT(search("date:[" + dates[1] + " TO " + dates[2] + "]"), ElementsAre("2", "1"));
  EXPECT_THAT(search("date:{" + dates[1] + " TO " + dates[2] + "]"), ElementsAre("2"));
  EXPECT_THAT(search("date:[" + dates[1] + " TO " + dates[2] + "}"), ElementsAre("1"));
  EXPECT_THAT(search("NOT date:[" + dates[1] + " TO *]"), ElementsAre("0"));
  EXPECT_THAT(search("date:" + dates[3]), ElementsAre("3"));
  const auto rows = rows_of({});
  ASSERT_THAT(rows, SizeIs(4));
  const auto& second_newest = rows[1].log_id;
  EXPECT_THAT(search("log_id:[" + second_newest + " TO *]"), ElementsAre("3", "2"));
  EXPECT_THAT(search("log_id:{" + second_newest + " TO *]"), ElementsAre("3"));
  EXPECT_THAT(search("log_id:[* TO " + second_newest + "}"), ElementsAre("1", "0"));
  EXPECT_THAT(search("log_id:" + second_newest), ElementsAre("2"));
  EXPECT_THAT(search("log_id:[0 TO A]"), SizeIs(4));
}

TEST_P(LogsContract, hands_out_checkpoints_in_order) {
  for (int i = 0; i < 5; ++i) log("s", std::to_string(i));
  EXPECT_THAT(after("", 10), IsEmpty());  // not indexed yet
  index();
  const auto first = after("", 2);
  EXPECT_THAT(clients(first), ElementsAre("0", "1"));
  EXPECT_THAT(clients(after(first.back().log_id, 10)), ElementsAre("2", "3", "4"));
  const auto last = after("", 10).back();
  EXPECT_THAT(after(last.log_id, 10), IsEmpty());
  EXPECT_LT(first.back().log_id, last.log_id);
  log("s", "5");
  index();
  EXPECT_THAT(clients(after(last.log_id, 10)), ElementsAre("5"));
  EXPECT_THAT(after("not a log id", 10), IsEmpty());
}

TEST_P(LogsContract, finds_a_row_by_its_log_id_at_once) {
  log("s", "a");
  index();
  const auto row = rows_of({})[0];
  EXPECT_EQ(row.log_id.size(), 56u);
  EXPECT_EQ(row.log_id.substr(0, 3), "900");
  EXPECT_EQ(find(row.log_id)->record, row.record);
  for (const auto& wrong :
       {std::string(), std::string("900"), row.log_id + "0", "x" + row.log_id.substr(1), std::string(56, '9')}) {
    EXPECT_FALSE(find(wrong)) << wrong;
  }
}

TEST_P(LogsContract, indexes_each_row_once_on_several_nodes) {
  for (int i = 0; i < 5; ++i) log("s", std::to_string(i));
  clock_.advance(std::chrono::seconds(3));
  const auto unindexed = [&] {
    return store_->read(kTenant, [&](const Reader& r) {
      return logs::list_unindexed(r, base::RowId(std::numeric_limits<std::int64_t>::max()), 100);
    });
  };
  const auto seen_by_both = unindexed();
  EXPECT_EQ(index(), 5);
  EXPECT_THAT(unindexed(), IsEmpty());
  store_->write(kTenant, [&](const Writer& w) {
    logs::index(w, {{.log_row_id = seen_by_both[0].log_row_id, .type = "again"}}, seen_by_both[0].log_row_id);
    return true;
  });
  EXPECT_THAT(search("type:again"), IsEmpty());
  EXPECT_THAT(clients(after("", 10)), SizeIs(5)) << "the cursor never goes back";
}

TEST_P(LogsContract, leaves_what_may_still_be_under_way_and_finds_rows_that_commit_late) {
  if (GetParam() != sql::Engine::postgres) return;
  log("s", "settled");
  clock_.advance(std::chrono::seconds(3));
  // The id of a transaction that waits while others commit.
  const auto late_id = ids_.next();
  log("s", "fresh");
  EXPECT_EQ(audit::LogIndexer(*store_, clock_).run_once(kTenant), 1);
  EXPECT_THAT(search(""), ElementsAre("settled"));
  EXPECT_EQ(index(), 1);
  static constexpr sql::Statement kLate{"test.late", R"sql(
      insert into logs (tenant_id, log_row_id, type, transfer_id, record) values ($1, $2, 's', '', '{"client_id":"late"}'))sql"};
  store_->write(kTenant, [&](const Writer& w) { return w.connection.execute(kLate, {w.tenant, late_id}); });
  EXPECT_EQ(index(), 1);
  EXPECT_THAT(search(""), ElementsAre("fresh", "late", "settled"));
}

TEST_P(LogsContract, stores_any_bytes_that_a_caller_sent) {
  log({.type = "f",
       .description = std::string("\xff\x01\0<script>\"\\\n", 14),
       .client_id = "a",
       .user_name = "\xed\xa0\x80",
       .details = {{"scope", "\xc3("}}});
  EXPECT_EQ(index(), 1);
  EXPECT_THAT(search("description:*<script>*"), ElementsAre("a"));
}

TEST_P(LogsContract, writes_failures_in_one_row_for_each_kind) {
  audit::FailureQueue queue(*store_, clock_);
  for (int i = 0; i < 50; ++i)
    queue.push(kTenant, {.type = "feacft", .description = "Invalid authorization code", .client_id = "a", .ip = "1.1.1.1"});
  queue.push(kTenant, {.type = "feacft", .description = "Invalid authorization code", .client_id = "b", .ip = "1.1.1.1"});
  queue.push(kOther, {.type = "feacft", .description = "Invalid authorization code", .client_id = "a", .ip = "1.1.1.1"});
  queue.flush();
  queue.flush();
  index();
  index(kOther);
  const auto rows = rows_of({});
  EXPECT_THAT(clients(rows), ElementsAre("b", "a"));
  EXPECT_THAT(rows[1].record, HasSubstr(R"("details":{"count":50})"));
  EXPECT_THAT(rows[0].record, HasSubstr(R"("details":{})"));
  EXPECT_THAT(search("", 0, 50, kOther), ElementsAre("a"));
}

TEST_P(LogsContract, counts_the_failures_that_a_flood_leaves_out) {
  if (GetParam() == sql::Engine::postgres) return;  // ten thousand rows: once is enough
  audit::FailureQueue queue(*store_, clock_);
  queue.push(kOther, {.type = "f", .client_id = "quiet"});
  for (int i = 0; i < 10'003; ++i) queue.push(kTenant, {.type = "f", .client_id = std::to_string(i)});
  queue.flush();
  while (index() + index(kOther) > 0) {
  }
  EXPECT_THAT(search("", 0, 50, kOther), ElementsAre("quiet"));
  EXPECT_THAT(search("client_id:(0 OR 3)"), IsEmpty());
  EXPECT_THAT(search("client_id:(4 OR 10002)"), ElementsAre("10002", "4"));
  const auto left_out = rows_of(management::parse_log_query("type:w").value());
  ASSERT_THAT(left_out, SizeIs(1));
  EXPECT_THAT(left_out[0].record, HasSubstr(R"("dropped":4)"));
}

INSTANTIATE_TEST_SUITE_P(engines, LogsContract, ::testing::ValuesIn(engines()), name_of);

}  // namespace
}  // namespace segue::store
