// The commands of `segue` besides `serve`. Each returns an Error, or throws a std::exception, whose text is one line for the
// operator.
#pragma once
#include <string>

#include "app/data_folder.h"
#include "base/result.h"

namespace segue::app {

struct InitOptions {
  std::string data, domain;
  std::string database;  // empty: DIR/segue.db
  std::string management_client_id, management_client_secret;
};
base::Outcome init(const InitOptions& options);

struct TenantOptions {
  std::string data, domain, database;
  std::string tenant;  // its canonical domain; empty: whichever it is
};
base::Outcome add_tenant(const TenantOptions& options);
base::Outcome list_tenants(const TenantOptions& options);
// Lets a tenant serve a custom domain that it has claimed by the Management API.
base::Outcome confirm_domain(const TenantOptions& options);

base::Outcome migrate(const std::string& data, const std::string& database);

struct KeyRotationOptions {
  std::string data, database;
  std::string step;  // "prepare", "switch" or "finish"; empty: all that is left to do
};
// Replaces the key of the key file. See key_command.cc for the steps.
base::Outcome rotate_key(const KeyRotationOptions& options);

struct DoctorOptions {
  std::string data, database, config_file;
  bool reset_clock = false;
};
// Prints one line per finding. An Error when something must be mended.
base::Outcome doctor(const DoctorOptions& options);

// Markdown for docs/reference/: "config" or "routes".
base::Result<std::string> describe(const std::string& what);

}  // namespace segue::app
