#include "app/sweep_metrics.h"

#include <fmt/format.h>

#include <algorithm>

namespace segue::app {

void SweepMetrics::removed(std::string_view table, std::int64_t rows, std::chrono::microseconds held) {
  const std::scoped_lock lock(mutex_);
  auto found = removed_.find(table);
  if (found == removed_.end()) found = removed_.emplace(table, 0).first;
  found->second += rows;
  const auto at =
      std::find_if(kBounds.begin(), kBounds.end(), [&](int bound) { return held <= std::chrono::milliseconds(bound); });
  ++by_time_[static_cast<std::size_t>(at - kBounds.begin())];
  total_ += held;
}

void SweepMetrics::walked(std::string_view table, base::TenantId tenant, std::int64_t rows, base::Instant oldest) {
  const std::scoped_lock lock(mutex_);
  walked_[std::string(table)][tenant] = {rows, oldest};
}

void SweepMetrics::write(std::string& out, base::Instant now) const {
  const std::scoped_lock lock(mutex_);
  out += "# HELP segue_sweep_removed_rows_total Rows removed after their end.\n# TYPE segue_sweep_removed_rows_total counter\n";
  for (const auto& [table, rows] : removed_)
    out += fmt::format("segue_sweep_removed_rows_total{{table=\"{}\"}} {}\n", table, rows);
  out +=
      "# HELP segue_sweep_table_rows Rows older than a day that the last walk along the table left, of all tenants.\n"
      "# TYPE segue_sweep_table_rows gauge\n";
  std::string ages =
      "# HELP segue_sweep_oldest_row_seconds Age of the oldest row that the last walk left.\n"
      "# TYPE segue_sweep_oldest_row_seconds gauge\n";
  for (const auto& [table, tenants] : walked_) {
    std::int64_t rows = 0;
    auto oldest = now;
    for (const auto& [tenant, walked] : tenants) {
      rows += walked.rows;
      if (walked.rows > 0) oldest = std::min(oldest, walked.oldest);
    }
    out += fmt::format("segue_sweep_table_rows{{table=\"{}\"}} {}\n", table, rows);
    ages += fmt::format("segue_sweep_oldest_row_seconds{{table=\"{}\"}} {}\n", table,
                        std::chrono::duration_cast<std::chrono::seconds>(now - oldest).count());
  }
  out += ages;
  out +=
      "# HELP segue_sweep_batch_seconds How long a transaction of the sweep held the writer.\n"
      "# TYPE segue_sweep_batch_seconds histogram\n";
  std::int64_t count = 0;
  for (std::size_t k = 0; k < by_time_.size(); ++k) {
    count += by_time_[k];
    const auto bound = k < kBounds.size() ? fmt::format("{:g}", kBounds[k] / 1000.0) : std::string("+Inf");
    out += fmt::format("segue_sweep_batch_seconds_bucket{{le=\"{}\"}} {}\n", bound, count);
  }
  out += fmt::format("segue_sweep_batch_seconds_sum {}\nsegue_sweep_batch_seconds_count {}\n",
                     static_cast<double>(total_.count()) / 1e6, count);
}

}  // namespace segue::app
