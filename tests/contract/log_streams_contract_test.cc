// Log streams (store/log_streams.h), and rows that commit behind their back.
#include "store/log_streams.h"

#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace streams = log_streams;

struct LogStreams : SessionGraph {
  streams::Stream sample(std::string id = "lst_1", std::string type = "http") {
    streams::Stream out;
    out.log_stream_id = std::move(id);
    out.type = std::move(type);
    out.document = {{"name", "siem"}};
    out.sealed_secrets = "sealed";
    out.next_attempt_at = out.created_at = now();
    return out;
  }
  void insert(const streams::Stream& stream) {
    run([&](const Writer& w) { EXPECT_TRUE(streams::insert(w, stream)); });
  }
  std::optional<streams::Stream> find(base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return streams::find(r, "lst_1"); }, tenant);
  }
  std::optional<streams::Stream> take(base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return streams::take(w, "lst_1", now(), now() + 30s); }, tenant);
  }
  std::size_t due() {
    std::size_t out = 0;
    store().database().read([&](sql::Connection& c) { out = streams::list_due(c, now()).size(); });
    return out;
  }
  // A row that is there and indexed.
  base::RowId log(base::RowId id = {}) {
    run([&](const Writer& w) {
      if (id == base::RowId{}) id = w.ids.next();
      static constexpr sql::Statement kRow{"test.log", R"sql(
          insert into logs (tenant_id, log_row_id, type, transfer_id, record) values ($1, $2, 's', '', '{}'))sql"};
      w.connection.execute(kRow, {w.tenant, id});
      logs::index(w, {{.log_row_id = id, .type = "s"}}, id);
    });
    return id;
  }
};

TEST_P(LogStreams, keeps_what_was_stored_and_shows_it_to_its_tenant_only) {
  insert(sample());
  run([&](const Writer& w) { EXPECT_FALSE(streams::insert(w, sample())); });
  auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type, "http");
  EXPECT_EQ(found->status, "active");
  EXPECT_EQ(json::write(found->document), R"({"name":"siem"})");
  EXPECT_EQ(found->sealed_secrets, "sealed");
  EXPECT_EQ(found->created_at, now());
  EXPECT_FALSE(found->failing_since);
  EXPECT_FALSE(find(kTwo));
  EXPECT_THAT(read([](const Reader& r) { return streams::list(r); }), SizeIs(1));
  EXPECT_THAT(read([](const Reader& r) { return streams::list(r); }, kTwo), IsEmpty());
  EXPECT_EQ(read([](const Reader& r) { return streams::count(r); }), 1);
  found->status = "paused";
  found->sealed_secrets = "";
  run([&](const Writer& w) { EXPECT_FALSE(streams::update(w, *found, now())); }, kTwo);
  run([&](const Writer& w) { EXPECT_TRUE(streams::update(w, *found, now())); });
  EXPECT_EQ(find()->status, "paused");
  EXPECT_EQ(find()->sealed_secrets, "");
  run([&](const Writer& w) { EXPECT_FALSE(streams::delete_one(w, "lst_1")); }, kTwo);
  run([&](const Writer& w) { EXPECT_TRUE(streams::delete_one(w, "lst_1")); });
  EXPECT_FALSE(find());
}

TEST_P(LogStreams, the_operators_stream_is_not_listed) {
  insert(sample("operator", "operator"));
  EXPECT_THAT(read([](const Reader& r) { return streams::list(r); }), IsEmpty());
  EXPECT_EQ(read([](const Reader& r) { return streams::count(r); }), 0);
}

TEST_P(LogStreams, is_due_while_there_is_something_and_taken_by_one) {
  insert(sample());
  EXPECT_EQ(due(), 0u);
  const auto row = log();
  EXPECT_EQ(due(), 1u);
  EXPECT_FALSE(take(kTwo));
  const auto taken = take();
  ASSERT_TRUE(taken);
  EXPECT_FALSE(take());
  EXPECT_EQ(due(), 0u);
  const auto lease = now() + 30s;
  run([&](const Writer& w) { EXPECT_FALSE(streams::deliver(w, "lst_1", now(), row, now())) << "another's lease"; });
  run([&](const Writer& w) { EXPECT_FALSE(streams::deliver(w, "lst_1", lease, row, now())); }, kTwo);
  run([&](const Writer& w) { EXPECT_TRUE(streams::deliver(w, "lst_1", lease, row, now())); });
  EXPECT_EQ(find()->delivered_up_to, row);
  EXPECT_EQ(find()->delivered_at, now());
  EXPECT_EQ(due(), 0u);
  EXPECT_TRUE(take());
  clock_.advance(30s);
  EXPECT_TRUE(take()) << "its taker died";
}

TEST_P(LogStreams, one_of_many_nodes_takes_a_stream) {
  insert(sample());
  EXPECT_EQ(winners([&](const Writer& w, int) { return streams::take(w, "lst_1", now(), now() + 30s).has_value(); }), 1);
}

TEST_P(LogStreams, failures_are_counted_from_their_first_and_end_with_a_delivery) {
  insert(sample());
  const auto row = log();
  take();
  const auto first = now();
  run([&](const Writer& w) { EXPECT_FALSE(streams::fail(w, "lst_1", now() + 30s, "down", now(), now())); }, kTwo);
  run([&](const Writer& w) { EXPECT_TRUE(streams::fail(w, "lst_1", now() + 30s, "down", now() + 1s, now())); });
  EXPECT_EQ(due(), 0u);
  clock_.advance(1s);
  EXPECT_EQ(due(), 1u);
  take();
  run([&](const Writer& w) { EXPECT_TRUE(streams::fail(w, "lst_1", now() + 30s, "still down", now(), now())); });
  EXPECT_EQ(find()->failures, 2);
  EXPECT_EQ(find()->failing_since, first);
  EXPECT_EQ(find()->last_problem, "still down");
  take();
  run([&](const Writer& w) { EXPECT_TRUE(streams::deliver(w, "lst_1", now() + 30s, row, now())); });
  EXPECT_EQ(find()->failures, 0);
  EXPECT_FALSE(find()->failing_since);
  EXPECT_EQ(find()->last_problem, "");
}

TEST_P(LogStreams, a_suspended_or_paused_one_is_not_taken) {
  insert(sample());
  log();
  take();
  run([&](const Writer& w) { EXPECT_FALSE(streams::suspend(w, "lst_1", now() + 30s)); }, kTwo);
  run([&](const Writer& w) { EXPECT_TRUE(streams::suspend(w, "lst_1", now() + 30s)); });
  clock_.advance(60s);
  EXPECT_EQ(find()->status, "suspended");
  EXPECT_EQ(due(), 0u);
  EXPECT_FALSE(take());
}

TEST_P(LogStreams, the_cursor_never_goes_back) {
  insert(sample());
  const auto first = log(), second = log();
  take();
  run([&](const Writer& w) { EXPECT_TRUE(streams::deliver(w, "lst_1", now() + 30s, second, now())); });
  take();
  run([&](const Writer& w) { EXPECT_TRUE(streams::deliver(w, "lst_1", now() + 30s, first, now())); });
  EXPECT_EQ(find()->delivered_up_to, second);
}

TEST_P(LogStreams, a_row_that_committed_late_is_left_to_every_stream) {
  insert(sample());
  const auto late = write([](const Writer& w) { return w.ids.next(); });
  const auto row = log();
  take();
  run([&](const Writer& w) { EXPECT_TRUE(streams::deliver(w, "lst_1", now() + 30s, row, now())); });
  EXPECT_EQ(due(), 0u);
  log(late);
  EXPECT_EQ(due(), 1u);
  const auto list = [&](base::TenantId tenant) {
    return read([](const Reader& r) { return streams::list_late(r, "lst_1", 10); }, tenant);
  };
  EXPECT_THAT(list(kOne).ids, ElementsAre(late));
  ASSERT_THAT(list(kOne).rows, SizeIs(1));
  EXPECT_EQ(list(kOne).rows[0].type, "s");
  EXPECT_THAT(list(kTwo).ids, IsEmpty());
  run([&](const Writer& w) { streams::remove_late(w, "lst_1", {late}); }, kTwo);
  EXPECT_THAT(list(kOne).ids, SizeIs(1));
  run([&](const Writer& w) { streams::remove_late(w, "lst_1", {late}); });
  EXPECT_THAT(list(kOne).ids, IsEmpty());
}

TEST_P(LogStreams, rows_are_read_up_to_the_indexer_and_swept_by_age) {
  const auto first = log(), second = log();
  const auto settled = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return logs::list_settled(r, first, 10); }, tenant);
  };
  ASSERT_THAT(settled(kOne), SizeIs(1));
  EXPECT_EQ(settled(kOne)[0].log_row_id, second);
  EXPECT_THAT(settled(kTwo), IsEmpty());
  EXPECT_FALSE(read([&](const Reader& r) { return logs::has_older(r, first); }));
  EXPECT_TRUE(read([&](const Reader& r) { return logs::has_older(r, second); }));
  EXPECT_FALSE(read([&](const Reader& r) { return logs::has_older(r, second); }, kTwo));
  EXPECT_EQ(write([&](const Writer& w) { return logs::sweep(w, second, 10); }, kTwo), 0);
  EXPECT_EQ(write([&](const Writer& w) { return logs::sweep(w, second, 10); }), 1);
  const auto left = read([](const Reader& r) { return logs::search(r, {}, 0, 10).value(); });
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].log_id, logs::log_id_of(second));
}

INSTANTIATE_TEST_SUITE_P(places, LogStreams, ::testing::ValuesIn(every_place()), place_name);

}  // namespace
}  // namespace segue::store
