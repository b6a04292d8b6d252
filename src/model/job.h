// Work that goes on behind the answer of the Management API (contract §9.12 jobs).
#pragma once
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "json/value.h"

namespace segue::model {

struct Job {
  base::TenantId tenant{};
  std::string job_id;              // job_…
  std::string kind;                // "users_import", "users_export"
  std::string status = "pending";  // then "processing", "completed" or "failed"
  json::object document;           // what the API shows besides
  std::string payload;             // what an import was sent; empty once it is over
  std::string progress;            // how far it has come, in the words of its kind
  base::Instant created_at{}, updated_at{};
};

}  // namespace segue::model
