// What jobs promise, on both engines: taken once, each step done once, a link that opens once.
#include "contract/session_graph_fixture.h"
#include "store/jobs.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class Jobs : public SessionGraph {
 protected:
  model::Job add(const std::string& job_id, base::TenantId tenant = kOne) {
    model::Job job;
    job.job_id = job_id;
    job.kind = "users_import";
    job.document = {{"connection", "Zoë & Co"}};
    job.payload = "[]";
    job.progress = "0";
    run([&](const Writer& w) { jobs::insert(w, job, now()); }, tenant);
    return job;
  }
  std::optional<model::Job> find(const std::string& job_id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return jobs::find(r, job_id); }, tenant);
  }
  std::optional<model::Job> take(const std::string& job_id, base::Instant at) {
    return write([&](const Writer& w) { return jobs::take(w, job_id, at, at + 60s); });
  }
  std::optional<jobs::Due> due(base::Instant at) {
    std::optional<jobs::Due> out;
    store().database().read([&](sql::Connection& connection) { out = jobs::next_due(connection, at); });
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Jobs, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Jobs, are_due_until_taken_and_again_when_whoever_took_one_is_gone) {
  add("job_1");
  ASSERT_TRUE(due(now()));
  EXPECT_EQ(due(now())->tenant, kOne);
  EXPECT_EQ(due(now())->job_id, "job_1");
  const auto taken = take("job_1", now());
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->payload, "[]");
  EXPECT_EQ(taken->status, "processing");
  EXPECT_EQ(taken->tenant, kOne);
  EXPECT_EQ(taken->document.at("connection").as_string(), "Zoë & Co");
  EXPECT_FALSE(take("job_1", now()));
  EXPECT_FALSE(due(now() + 59s));
  EXPECT_TRUE(due(now() + 60s));
  EXPECT_TRUE(take("job_1", now() + 60s));
}

TEST_P(Jobs, end_once_and_keep_their_results_only) {
  auto job = add("job_1");
  EXPECT_EQ(read([](const Reader& r) { return jobs::count_unfinished(r, "users_import"); }), 1);
  take("job_1", now());
  run([&](const Writer& w) {
    EXPECT_FALSE(jobs::begin_step(w, "job_1", "7", "8", now() + 60s));
    EXPECT_TRUE(jobs::begin_step(w, "job_1", "0", "1", now() + 60s));
    jobs::add_result(w, "job_1", 1, "b");
    jobs::add_result(w, "job_1", 0, "a");
    job.status = "completed";
    jobs::end_step(w, job, now());
    EXPECT_FALSE(jobs::begin_step(w, "job_1", "1", "2", now() + 60s)) << "it is over";
  });
  EXPECT_EQ(find("job_1")->status, "completed");
  EXPECT_FALSE(due(now() + 1h));
  EXPECT_EQ(read([](const Reader& r) { return jobs::count_unfinished(r, "users_import"); }), 0);
  EXPECT_THAT(read([](const Reader& r) { return jobs::results(r, "job_1"); }), ElementsAre("a", "b"));
  std::vector<jobs::Due> old;
  store().database().read([&](sql::Connection& connection) { old = jobs::list_older(connection, now() + 1s); });
  EXPECT_EQ(old.size(), 1u);
  run([](const Writer& w) { jobs::delete_one(w, "job_1"); });
  EXPECT_FALSE(find("job_1"));
  EXPECT_THAT(read([](const Reader& r) { return jobs::results(r, "job_1"); }), IsEmpty());
}

TEST_P(Jobs, are_taken_stepped_and_opened_by_one_of_many) {
  auto job = add("job_1");
  EXPECT_EQ(winners([&](const Writer& w, int) { return jobs::take(w, "job_1", now(), now() + 60s).has_value(); }), 1);
  EXPECT_EQ(winners([&](const Writer& w, int) { return jobs::begin_step(w, "job_1", "0", "50", now() + 60s); }), 1);
  run([&](const Writer& w) {
    job.status = "completed";
    jobs::end_step(w, job, now());
    EXPECT_TRUE(jobs::set_link(w, "job_1", digest_of(1), now() + 60s));
  });
  EXPECT_FALSE(write([&](const Writer& w) { return jobs::use_link(w, "job_1", digest_of(2), now()); }));
  EXPECT_FALSE(write([&](const Writer& w) { return jobs::use_link(w, "job_1", digest_of(1), now() + 60s); })) << "expired";
  EXPECT_EQ(winners([&](const Writer& w, int) { return jobs::use_link(w, "job_1", digest_of(1), now()); }), 1);
}

TEST_P(Jobs, of_another_tenant_are_neither_seen_nor_changed) {
  auto job = add("job_1");
  EXPECT_FALSE(find("job_1", kTwo));
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(jobs::take(w, "job_1", now(), now() + 60s));
        EXPECT_FALSE(jobs::begin_step(w, "job_1", "0", "1", now() + 60s));
        EXPECT_FALSE(jobs::set_link(w, "job_1", digest_of(1), now() + 60s));
        EXPECT_EQ(jobs::count_unfinished(w, "users_import"), 0);
        EXPECT_TRUE(jobs::results(w, "job_1").empty());
        job.status = "failed";
        jobs::end_step(w, job, now());
        jobs::delete_one(w, "job_1");
      },
      kTwo);
  EXPECT_EQ(find("job_1")->status, "pending");
  run([&](const Writer& w) {
    job.status = "completed";
    jobs::end_step(w, job, now());
    jobs::set_link(w, "job_1", digest_of(1), now() + 60s);
  });
  EXPECT_FALSE(write([&](const Writer& w) { return jobs::use_link(w, "job_1", digest_of(1), now()); }, kTwo));
  EXPECT_TRUE(write([&](const Writer& w) { return jobs::use_link(w, "job_1", digest_of(1), now()); }));
}

}  // namespace
}  // namespace segue::store
