#include "app/background_work.h"

#include <memory>

#include "oauth/actions/deferred_runs.h"

namespace segue::app {
namespace {

constexpr auto kStreamInterval = std::chrono::seconds(1);  // as the indexer, before which nothing is delivered
// How late a row is noticed at most: a look is one step in an index.
constexpr auto kAccountInterval = std::chrono::milliseconds(500);
constexpr int kDeferredRunThreads = 4;  // each waits for an Action

}  // namespace

void start_background_work(BackgroundThreads& threads, Product& product) {
  threads.add("operator-log", "write log.stream", kStreamInterval, [&] { return product.operator_stream().write_some(); });
  threads.add("jobs", "work on jobs", kStreamInterval, [&] { return product.work_on_jobs(); });
  for (int i = 0; i < kLogStreamThreads; ++i) {
    threads.add("log-streams", "deliver log streams", kStreamInterval,
                // The client is made when there is something to send.
                [&product, client = std::shared_ptr<outbound::Client>()]() mutable {
                  if (!client && !product.log_streams().is_due()) return false;
                  if (!client) client = std::make_shared<outbound::Client>(product.outbound());
                  return product.log_streams().deliver_some(*client);
                });
  }
  for (int i = 0; i < kDeferredRunThreads; ++i)
    threads.add("account-actions", "run deferred Actions", kAccountInterval, [&] { return product.deferred_runs().run_one(); });
  for (int i = 0; i < kMailThreads; ++i)
    threads.add("mails", "send mails", kAccountInterval, [&] { return product.mails().send_one(); });
}

}  // namespace segue::app
