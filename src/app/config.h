// The operator's settings. One table in config.cc drives the file, the environment, the errors and
// docs/reference/configuration.md.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/caller_address.h"

namespace segue::app {

struct Config {
  std::string http_listen;
  std::vector<std::string> trusted_proxies;
  std::string forwarded_header = "X-Forwarded-For";
  bool proxy_protocol = false;
  std::string tls_certificate, tls_key;
  std::int64_t max_header_bytes = 32 * 1024;
  std::int64_t max_connections = 100'000;
  std::int64_t idle_seconds = 75;
  std::int64_t io_threads = 0;
  std::string operator_listen = "127.0.0.1:9464";
  std::string geoip_city, geoip_asn;
  bool outbound_allow_private = false;
  std::string outbound_ca_file;
  std::string mail_smtp_url, mail_from, mail_username, mail_password_file;
  std::string actions_node, actions_npm = "npm", actions_npm_registry;
  bool actions_allow_unsandboxed = false;
  bool actions_allow_network = true;
  std::int64_t actions_processes = 16;
  std::int64_t actions_processes_per_tenant = 4;
  std::int64_t actions_memory_mb = 128;
  std::int64_t actions_time_limit = 20;
  std::string log_level = "info";
  std::string log_stream;
  std::int64_t log_stream_mib = 100;
  std::int64_t log_stream_files = 5;
  std::int64_t log_retention_days = 30;
  std::int64_t password_memory_kib = 19 * 1024;
  std::int64_t password_operations = 2;
  std::int64_t quick_threads = 64;
  std::int64_t hashing_threads = 0;
  std::int64_t failures_per_account = 10;
  std::int64_t failures_per_address = 100;
  std::int64_t management_requests_per_second = 1000;
  // The keys that the file or the environment set.
  std::vector<std::string> given;

  bool gives(std::string_view key) const;
};

// The value of an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();
// The names of all variables of this process.
std::vector<std::string> environment_names();

// Reads `file` (empty: none), then SEGUE_SECTION_KEY over it. The error names the key and what it may hold.
base::Result<Config> read_config(const std::string& file, const Environment& environment, const std::vector<std::string>& names);
// The same from TOML text, for tests.
base::Result<Config> parse_config(std::string_view toml, const Environment& environment = {},
                                  const std::vector<std::string>& names = {});

// docs/reference/configuration.md
std::string describe_config();

// Copies from `wanted` what a running server can change (SIGHUP). Returns the keys whose change needs a restart.
std::vector<std::string> apply_reload(Config& running, const Config& wanted);

// ADDRESS:PORT, [IPv6]:PORT or :PORT (every address).
struct ListenAddress {
  std::string address;
  unsigned short port = 0;
};
base::Result<ListenAddress> parse_listen_address(std::string_view text, std::string_view name);

http::ForwardingRules forwarding_rules(const Config& config);

// An Error for the operator: one clear line.
base::Error operator_error(std::string description);

}  // namespace segue::app
