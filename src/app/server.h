// The life of `segue serve`: builds everything in order, runs until a signal ends it, and takes it down in the opposite order.
#pragma once
#include <optional>
#include <string>

#include "app/background_gate.h"
#include "app/config.h"
#include "app/data_folder.h"
#include "app/database_clock.h"
#include "app/operator_service.h"
#include "sql/database.h"

namespace segue::app {

// What segue-test-server changes: time and commits. The release binary leaves all of it empty.
struct Seams {
  const base::Clock* wall = nullptr;  // null: the machine's
  const Ticker* ticker = nullptr;
  sql::WriteFault* fault = nullptr;
  OperatorService::More operator_endpoint;
  BackgroundGate* background_gate = nullptr;
};

struct ServeOptions {
  std::string data;
  std::string listen;    // empty: http.listen
  std::string database;  // empty: the folder's own
  std::string config_file;
};

// Returns after SIGTERM or SIGINT. An Error, or a std::exception with a text for the operator, when it cannot start.
base::Outcome serve(const ServeOptions& options, const Seams& seams);

}  // namespace segue::app
