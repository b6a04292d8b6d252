#include <gtest/gtest.h>

#include "app/batch_size.h"
#include "app/sweep_metrics.h"

namespace segue::app {
namespace {

using namespace std::chrono_literals;

TEST(BatchSize, grows_while_rows_are_cheap_and_never_beyond_its_bound) {
  BatchSize size;
  int before = size.rows();
  for (int k = 0; k < 20; ++k) {
    size.took(size.rows(), std::chrono::microseconds(size.rows()));
    EXPECT_LE(size.rows(), 2 * before);
    before = size.rows();
  }
  EXPECT_EQ(size.rows(), BatchSize::kMost);
}

TEST(BatchSize, shrinks_at_once_to_what_fits) {
  BatchSize size;
  size.took(100, 10ms);
  EXPECT_EQ(size.rows(), 15);
  size.took(15, 10s);
  EXPECT_EQ(size.rows(), BatchSize::kLeast);
}

TEST(BatchSize, learns_nothing_from_a_few_quick_rows) {
  BatchSize size;
  size.took(1, 1ms);
  EXPECT_EQ(size.rows(), BatchSize::kFirst);
}

TEST(SweepMetrics, tell_rows_ages_and_times_in_prometheus_format) {
  SweepMetrics metrics;
  const auto now = base::from_seconds(1'790'000'000);
  metrics.removed("sessions", 100, 3ms);
  metrics.removed("sessions", 50, 70ms);
  metrics.walked("sessions", base::TenantId{1}, 7, now - 1h);
  metrics.walked("sessions", base::TenantId{2}, 3, now - 2h);
  std::string out;
  metrics.write(out, now);
  for (const auto* line :
       {"segue_sweep_removed_rows_total{table=\"sessions\"} 150\n", "segue_sweep_table_rows{table=\"sessions\"} 10\n",
        "segue_sweep_oldest_row_seconds{table=\"sessions\"} 7200\n", "segue_sweep_batch_seconds_bucket{le=\"0.005\"} 1\n",
        "segue_sweep_batch_seconds_bucket{le=\"+Inf\"} 2\n", "segue_sweep_batch_seconds_count 2\n"}) {
    EXPECT_NE(out.find(line), std::string::npos) << line << out;
  }
}

}  // namespace
}  // namespace segue::app
