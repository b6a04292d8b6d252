#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>

#include "app/actions_settings.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/forwarding_watch.h"
#include "app/open_instance.h"
#include "base/system_clock.h"
#include "base/text.h"
#include "geoip/geoip.h"
#include "store/tenants.h"
#include "tenancy/rewrap.h"

namespace segue::app {
namespace {
namespace fs = std::filesystem;

class Report {
 public:
  void good(std::string_view subject, std::string_view text) const { line("ok", subject, text); }
  void note(std::string_view subject, std::string_view text) const { line("note", subject, text); }
  void bad(std::string_view subject, std::string_view text) {
    line("MEND", subject, text);
    ++problems_;
  }
  int problems() const { return problems_; }

 private:
  static void line(std::string_view kind, std::string_view subject, std::string_view text) {
    std::puts(fmt::format("{:<5} {:<12} {}", kind, subject, text).c_str());
  }
  int problems_ = 0;
};

void check_permissions(Report& report, const fs::path& path, mode_t unwanted = S_IRWXG | S_IRWXO) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && (facts.st_mode & unwanted) != 0) {
    report.bad("permissions", fmt::format("{} can be read by others: chmod 600 {}", path.string(), path.string()));
  }
}

void check_certificate(Report& report, const Config& config, const DataFolder& folder, const std::vector<std::string>& domains,
                       base::Instant now) {
  const fs::path path = config.tls_certificate.empty() ? folder.certificate() : fs::path(config.tls_certificate);
  const auto pem = read_file(path);
  const auto facts = pem.ok() ? crypto::read_certificate(*pem) : std::nullopt;
  if (!facts) return report.bad("certificate", fmt::format("{} cannot be read or holds no certificate", path.string()));
  const auto until = base::to_iso8601(facts->not_after);
  if (now < facts->not_before || now >= facts->not_after) {
    report.bad("certificate", fmt::format("{} is not valid now (until {}): renew it", path.string(), until));
  } else if (facts->not_after - now < std::chrono::hours(24 * 30)) {
    report.note("certificate", fmt::format("{} ends soon, at {}", path.string(), until));
  } else {
    report.good("certificate", fmt::format("valid until {}", until));
  }
  for (const auto& domain : domains) {
    auto host = host_of(domain);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    const auto dot = host.find('.');
    const bool named =
        base::contains(facts->hosts, host) || (dot != std::string::npos && base::contains(facts->hosts, "*" + host.substr(dot)));
    if (!named) report.bad("certificate", fmt::format("it does not name {}: browsers will refuse https://{}", host, domain));
  }
}

void check_clock(Report& report, sql::Database& database, bool reset, base::Instant now) {
  const auto high_water = read_high_water(database);
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(high_water - now).count();
  if (ahead <= 5)
    return report.good("clock", fmt::format("{}; the database has seen {}", base::to_iso8601(now), base::to_iso8601(high_water)));
  if (reset) {
    database.write([&](sql::Connection& connection) { store::database_state::reset_high_water(connection, now); });
    return report.note(
        "clock", fmt::format("the database had seen a time {} s ahead; it is set back to {}", ahead, base::to_iso8601(now)));
  }
  report.bad(
      "clock",
      fmt::format(
          "this machine's clock ({}) is {} s behind what the database has seen ({}). If this clock is wrong, mend it. If it "
          "is right, a node's clock was ahead: stop every node and run `segue doctor --reset-clock`; tokens issued in that "
          "time stay valid for longer",
          base::to_iso8601(now), ahead, base::to_iso8601(high_water)));
}

void check_geo_file(Report& report, std::string_view key, const std::string& path, geoip::Files files) {
  if (path.empty()) {
    return report.note(key, key == "geoip.asn" ? "not set: device binding by asn refuses every session transfer token"
                                               : "not set: logs have no places");
  }
  geoip::GeoIp geoip;
  const auto problem = geoip.reload(files);
  if (problem.empty()) return report.good(key, path);
  report.bad(key, problem);
}

// Whether Actions can run is no fault by itself: many servers have none.
void check_actions(Report& report, const Config& config) {
  std::string parent = (fs::temp_directory_path() / "segue-doctor-XXXXXX").string();
  if (::mkdtemp(parent.data()) == nullptr) return report.note("actions", "no temporary folder to try them in");
  const auto host_folder = actions::write_host_files(parent);
  if (host_folder.ok()) {
    const actions::Sandbox sandbox(sandbox_options(config, *host_folder, process_environment()));
    if (sandbox.confines()) {
      report.good("actions", fmt::format("they run in a sandbox, on {}", sandbox.options().node));
    } else if (sandbox.usable()) {
      report.note("actions", fmt::format("{}. They run without, as actions.allow_unsandboxed says", sandbox.problem()));
    } else {
      report.note("actions", fmt::format("{}. Until then none can be deployed", sandbox.problem()));
    }
  }
  std::error_code ignored;
  fs::remove_all(parent, ignored);
}

// Nothing when there is none to use.
std::optional<tenancy::KeyFile> check_key_file(Report& report, const DataFolder& folder) {
  auto key_file = folder.read_key_file();
  // That others than the group can read it, reading it says.
  check_permissions(report, folder.key_file(), S_IRWXG);
  if (!key_file.ok()) return report.bad("keys", key_file.error().description), std::nullopt;
  if (key_file->stage() != tenancy::KeyFile::Stage::single)
    report.note("keys", "a rotation of the key file is under way: `segue key rotate` ends it");
  return std::move(*key_file);
}

// Takes a node number as a starting server does, and gives it back.
void check_node_numbers(Report& report, sql::Database& database, base::Instant now) {
  std::optional<int> node;
  database.write([&](sql::Connection& connection) {
    node = store::database_state::lease_node(connection, "doctor", now, now + std::chrono::seconds(1));
    if (node) store::database_state::release_node(connection, *node, "doctor");
  });
  if (node) return report.good("node", fmt::format("the next process becomes node {}", *node));
  report.bad("node", "all 1,024 node numbers are leased: processes end without giving theirs back; leases end within a minute");
}

void check_proxies(Report& report, sql::Database& database, const Config& config, base::Instant now) {
  const auto found = unnamed_proxies(database, forwarding_rules(config), now);
  for (const auto& proxy : found)
    report.bad("proxies", fmt::format("{} (last seen {})", describe(proxy), base::to_iso8601(proxy.seen_at)));
  if (found.empty()) report.good("proxies", "no peer in a private network sent forwarding headers without being named");
}

struct Opened {
  std::unique_ptr<sql::Database> database;
  bool served = false;  // by a process that lets nobody else write
};

Opened open_for_doctor(Report& report, const std::string& url) {
  try {
    return {sql::open_database(url), false};
  } catch (const sql::InUse&) {
    report.note("database", "a server runs on it: looked at, and nothing changed");
    return {sql::open_database_to_look(url), true};
  }
}

// The keys and the schema, and the domains for the certificate. Empty when the database cannot be looked at.
std::vector<std::string> check_database(Report& report, const DoctorOptions& options, const DataFolder& folder,
                                        const Config& config, const std::optional<tenancy::KeyFile>& key_file,
                                        base::Instant now) {
  std::vector<std::string> domains;
  try {
    const auto url = folder.database_url(options.database);
    if (!url.ok()) return report.bad("database", url.error().description), domains;
    const auto [database, served] = open_for_doctor(report, *url);
    if (served && options.reset_clock) {
      report.bad("clock", "stop the server first: --reset-clock changes the database");
      return domains;
    }
    if (const auto current = require_current_schema(*database); !current.ok())
      return report.bad("database", current.error().description), domains;
    report.good("database", "reached, schema is current");
    check_clock(report, *database, options.reset_clock, now);
    if (!served) check_node_numbers(report, *database, now);
    check_proxies(report, *database, config, now);

    const base::SystemClock clock;
    base::IdGenerator ids(clock, 0, now);
    store::Store store(*database, ids);
    database->read([&](sql::Connection& connection) {
      domains.clear();
      for (const auto& tenant : store::tenants::list_all(connection))
        domains.insert(domains.end(), tenant.domains.begin(), tenant.domains.end());
    });
    if (domains.empty()) report.bad("tenants", "there is none: run `segue tenant add`");
    if (!key_file) return domains;
    if (const auto opens = tenancy::check_opens(*database, *key_file); !opens.ok())
      return report.bad("keys", opens.error().description), domains;
    const tenancy::Tenants tenants(store, *key_file);
    report.good("keys", fmt::format("the key file opens the keys of {} tenant(s)", tenants.list().size()));
  } catch (const std::exception& fault) {
    report.bad("database", fault.what());
  }
  return domains;
}

}  // namespace

base::Outcome doctor(const DoctorOptions& options) {
  Report report;
  const DataFolder folder(options.data);
  const auto now = base::SystemClock().now();
  Config config;
  auto read = read_config(options.config_file, process_environment(), environment_names());
  if (read.ok()) {
    config = *read;
    report.good("config", options.config_file.empty() ? "no file; defaults and environment" : options.config_file);
  } else {
    report.bad("config", read.error().description);
  }
  for (const auto& path : {folder.authority_key(), folder.certificate_key(), folder.management_client()})
    check_permissions(report, path);
  const auto key_file = check_key_file(report, folder);
  const auto domains = check_database(report, options, folder, config, key_file, now);
  check_certificate(report, config, folder, domains, now);
  check_geo_file(report, "geoip.city", config.geoip_city, {.city = config.geoip_city, .asn = {}});
  check_geo_file(report, "geoip.asn", config.geoip_asn, {.city = {}, .asn = config.geoip_asn});
  check_actions(report, config);
  if (report.problems() == 0) return base::Unit{};
  return operator_error(fmt::format("{} thing(s) to mend, see above", report.problems()));
}

}  // namespace segue::app
