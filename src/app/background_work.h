// Which threads work beside the requests: log streams (src/logstreams), mails (src/mail), Actions that hear of accounts
// (oauth/actions/deferred_runs.h) and jobs of the Management API (management/job_runner.h).
#pragma once
#include "app/background_threads.h"
#include "app/product.h"

namespace segue::app {

void start_background_work(BackgroundThreads& threads, Product& product);

}  // namespace segue::app
