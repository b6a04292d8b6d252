#include "app/server.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "app/action_runtime.h"
#include "app/actions_settings.h"
#include "app/background_work.h"
#include "app/dependency_folders.h"
#include "app/logout_worker.h"
#include "app/maintenance.h"
#include "app/open_instance.h"
#include "app/product.h"
#include "app/sweep_worker.h"
#include "base/log.h"
#include "base/system_clock.h"
#include "crypto/system_random.h"
#include "geoip/geoip.h"
#include "http/transport/listener.h"
#include "tenancy/rewrap.h"

namespace segue::app {
namespace {

namespace log = base::log;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kDrain = seconds(25);

// Signals are read by one thread with sigwait; every thread inherits the block.
sigset_t block_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // a peer that went away is an error of that socket only
  return set;
}

int cores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

http::LaneSizes lane_sizes(const Config& config) {
  http::LaneSizes sizes;
  sizes.quick_threads = static_cast<int>(config.quick_threads);
  sizes.hashing_threads = config.hashing_threads > 0 ? static_cast<int>(config.hashing_threads) : std::max(1, cores() - 1);
  return sizes;
}

// The password is read once: a changed file needs a restart, as the other settings of mail do.
base::Result<std::shared_ptr<mail::Sender>> mail_sender(const Config& config, const DataFolder& folder) {
  if (config.mail_smtp_url.empty()) return std::shared_ptr<mail::Sender>(mail::folder_sender(folder.mail().string()));
  mail::SmtpOptions options;
  options.url = config.mail_smtp_url;
  options.ca_file = config.outbound_ca_file;
  options.username = config.mail_username;
  if (!config.mail_password_file.empty()) {
    const auto text = TRY(read_file(config.mail_password_file));
    options.password = crypto::Secret(text.substr(0, text.find_first_of("\r\n")));
  }
  return std::shared_ptr<mail::Sender>(mail::smtp_sender(std::move(options)));
}

ProductOptions product_options(const Config& config) {
  ProductOptions options;
  options.password_cost = {static_cast<unsigned long long>(config.password_operations),
                           static_cast<std::size_t>(config.password_memory_kib) * 1024};
  options.brute_force.failures_per_account = config.failures_per_account;
  options.brute_force.failures_per_address = config.failures_per_address;
  options.forwarding = forwarding_rules(config);
  options.outbound.allow_private = config.outbound_allow_private;
  options.outbound.ca_file = config.outbound_ca_file;
  options.management_requests_per_second = config.management_requests_per_second;
  options.log_retention = std::chrono::days(config.log_retention_days);
  options.log_stream = config.log_stream;
  options.mail_from = config.mail_from;
  options.log_stream_rotation = {.largest_bytes = static_cast<std::size_t>(config.log_stream_mib) * 1024 * 1024,
                                 .kept = static_cast<int>(config.log_stream_files)};
  return options;
}

struct Certificate {
  std::string chain, key;
};
base::Result<Certificate> read_certificate(const Config& config, const DataFolder& folder) {
  const std::filesystem::path chain =
      config.tls_certificate.empty() ? folder.certificate() : std::filesystem::path(config.tls_certificate);
  const std::filesystem::path key = config.tls_key.empty() ? folder.certificate_key() : std::filesystem::path(config.tls_key);
  auto certificate = TRY(read_file(chain));
  auto certificate_key = TRY(read_file(key));
  return Certificate{std::move(certificate), std::move(certificate_key)};
}

// The geo files as they were when they were last opened.
class GeoFiles {
 public:
  explicit GeoFiles(geoip::GeoIp& geoip) : geoip_(geoip) {}
  void load(const geoip::Files& files) {
    const std::scoped_lock lock(mutex_);
    files_ = files;
    reload();
  }
  void look() {
    const std::scoped_lock lock(mutex_);
    if (stamp() != loaded_) reload();
  }

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  Stamp stamp() const {
    const auto time_of = [](const std::string& path) {
      std::error_code ignored;
      const auto time = path.empty() ? std::filesystem::file_time_type{} : std::filesystem::last_write_time(path, ignored);
      return ignored ? std::filesystem::file_time_type{} : time;
    };
    return {time_of(files_.city), time_of(files_.asn)};
  }
  void reload() {
    loaded_ = stamp();
    if (const auto problem = geoip_.reload(files_); !problem.empty())
      log::error("a geo file was not loaded", {{"what", problem}});
  }
  geoip::GeoIp& geoip_;
  std::mutex mutex_;
  geoip::Files files_;
  Stamp loaded_;
};

// `http.listen`, or every address on the port that the first tenant's domain names.
base::Result<ListenAddress> public_address(const Config& config, const ServeOptions& options, const std::string& first_domain) {
  if (!options.listen.empty()) return parse_listen_address(options.listen, "--listen");
  if (!config.http_listen.empty()) return parse_listen_address(config.http_listen, "http.listen");
  const auto host = host_of(first_domain);
  return parse_listen_address(host == first_domain ? ":443" : first_domain.substr(host.size()), "the domain's port");
}

class Server {
 public:
  Server(ServeOptions options, Config config, const Seams& seams, sigset_t signals)
      : options_(std::move(options)),
        config_(std::move(config)),
        seams_(seams),
        signals_(signals),
        folder_(options_.data),
        geo_files_(geoip_) {}

  base::Outcome run() {
    auto instance = TRY(open_instance(folder_, options_.database, {.label = "main", .fault = seams_.fault}));
    const auto high_water = read_high_water(*instance.database);
    const base::Clock& wall = seams_.wall != nullptr ? *seams_.wall : static_cast<const base::Clock&>(system_clock_);
    const Ticker& ticker = seams_.ticker != nullptr ? *seams_.ticker : static_cast<const Ticker&>(system_ticker_);
    DatabaseClock clock(wall, ticker, high_water);
    NodeLease lease(*instance.database, clock, random_);
    base::IdGenerator ids(clock, lease.node(), high_water);
    geo_files_.load({config_.geoip_city, config_.geoip_asn});
    ActionRuntime actions(config_, folder_, clock, random_);
    auto options = product_options(config_);
    options.mail_sender = TRY(mail_sender(config_, folder_));
    Product product({*instance.database, ids, clock, random_, instance.key_file, geoip_, actions.pipeline(), &actions}, options);
    if (product.tenants().list().empty()) return operator_error("the database has no tenant: run `segue tenant add`");
    const auto first_domain = product.tenants().snapshot(product.tenants().list().front())->tenant().canonical_domain();

    BackgroundGate& background_gate = seams_.background_gate != nullptr ? *seams_.background_gate : background_gate_;
    http::Lanes lanes(lane_sizes(config_));
    Readiness readiness;
    readiness.hold("the clock is more than 5 s off: run `segue doctor`", !clock.is_plausible());
    http::transport::Listener listener(TRY(listener_options(first_domain, product)), product.service(), lanes);
    Maintenance maintenance(
        {*instance.database, clock, ticker, lease, product, readiness, [this] { geo_files_.look(); }, background_gate});
    LogoutWorker logout_worker(product, background_gate);
    BackgroundThreads background(background_gate);
    DependencyFolders dependency_folders(installer_options(config_, folder_, "").folder, product.tenants(), clock);
    start_background_work(background, product);
    background.add("action-packages", "remove packages of Actions", DependencyFolders::kInterval,
                   [&] { return dependency_folders.sweep(); });
    SweepWorker sweep_worker(product, background_gate);
    http::Lanes operator_lanes({.quick_threads = 2, .hashing_threads = 1, .outbound_threads = 1, .queue_limit = 64});
    OperatorService operator_service(
        readiness,
        [&] {
          auto out = write_metrics(product.requests(), gauges(listener, lanes, maintenance, product, readiness));
          product.sweep_metrics().write(out, clock.now());
          return out;
        },
        seams_.operator_endpoint);
    const auto operator_listener = TRY(open_operator_port(operator_service, operator_lanes));

    for (const auto& proxy : unnamed_proxies(*instance.database, *product.forwarding().rules(), clock.now()))
      log::warn(describe(proxy), {{"peer", proxy.address}});
    announce(first_domain, listener.port(), operator_listener.get(), readiness);
    wait_for_the_end(listener, product, *instance.database, instance.key_file);

    readiness.hold("this node is shutting down", true);
    log::info("draining");
    listener.drain(kDrain);
    lanes.drain();
    sweep_worker.stop();
    logout_worker.stop();
    background.stop();
    maintenance.stop();
    log::info("stopped");
    return base::Unit{};
  }

 private:
  base::Result<http::transport::ListenerOptions> listener_options(const std::string& first_domain, Product& product) const {
    const auto address = TRY(public_address(config_, options_, first_domain));
    auto certificate = TRY(read_certificate(config_, folder_));
    http::transport::ListenerOptions out;
    out.address = address.address;
    out.port = address.port;
    out.io_threads = config_.io_threads > 0 ? static_cast<int>(config_.io_threads) : cores();
    out.certificate_pem = std::move(certificate.chain);
    out.key_pem = std::move(certificate.key);
    if (config_.proxy_protocol) {
      out.is_proxy = [&forwarding = product.forwarding()](std::string_view peer) { return forwarding.rules()->trusts(peer); };
    }
    out.limits.header_bytes = static_cast<std::size_t>(config_.max_header_bytes);
    out.limits.connections = static_cast<std::size_t>(config_.max_connections);
    out.limits.idle = seconds(config_.idle_seconds);
    return out;
  }

  base::Result<std::unique_ptr<http::transport::Listener>> open_operator_port(http::Service& service, http::Lanes& lanes) const {
    if (config_.operator_listen.empty()) return std::unique_ptr<http::transport::Listener>();
    const auto address = TRY(parse_listen_address(config_.operator_listen, "operator.listen"));
    http::transport::ListenerOptions out;
    out.address = address.address;
    out.port = address.port;
    out.io_threads = 1;
    out.tls = false;
    out.limits.connections = 256;
    try {
      return std::make_unique<http::transport::Listener>(out, service, lanes);
    } catch (const std::runtime_error& failure) {
      if (config_.gives("operator.listen")) return operator_error("operator.listen: " + std::string(failure.what()));
      // Several nodes on one machine need no configuration to start.
      out.port = 0;
      return std::make_unique<http::transport::Listener>(out, service, lanes);
    }
  }

  void announce(const std::string& domain, unsigned short port, const http::transport::Listener* operator_listener,
                const Readiness& readiness) const {
    log::info("serving", {{"domain", domain},
                          {"port", std::to_string(port)},
                          {"operator_port", operator_listener == nullptr ? "none" : std::to_string(operator_listener->port())}});
    if (!geoip_.has_asn()) log::info("geoip.asn is not set: device binding by asn refuses every session transfer token");
    if (config_.mail_smtp_url.empty())
      log::info("mail.smtp_url is not set: mails are not sent but written to a folder", {{"folder", folder_.mail().string()}});
    for (const auto& reason : readiness.reasons()) log::error("not ready", {{"reason", reason}});
    std::printf("segue ready https://%s\n", domain.c_str());
    std::fflush(stdout);
  }

  static Gauges gauges(const http::transport::Listener& listener, const http::Lanes& lanes, const Maintenance& maintenance,
                       Product& product, const Readiness& readiness) {
    const auto outbox = product.outbox_backlog();
    return {.listener = listener.counters(),
            .queued_quick = lanes.queued(http::Lane::quick),
            .queued_hashing = lanes.queued(http::Lane::hashing),
            .queued_outbound = lanes.queued(http::Lane::outbound),
            .indexed_log_rows = maintenance.indexed(),
            .log_lag_seconds = maintenance.log_lag_seconds(),
            .outbox_messages = outbox.messages,
            .outbox_oldest_seconds = outbox.oldest_seconds,
            .ready = readiness.is_ready()};
  }

  void wait_for_the_end(http::transport::Listener& listener, Product& product, sql::Database& database,
                        tenancy::KeyFile& key_file) {
    for (;;) {
      int signal = 0;
      if (::sigwait(&signals_, &signal) != 0) continue;
      if (signal != SIGHUP) return;
      const auto refused = [](const std::string& what) {
        log::error("the reload was refused, everything stays as it was", {{"what", what}});
      };
      try {
        if (const auto done = reload(listener, product, database, key_file); !done.ok()) refused(done.error().description);
      } catch (const std::exception& fault) {
        refused(fault.what());  // the database could not be asked
      }
    }
  }

  base::Outcome reload(http::transport::Listener& listener, Product& product, sql::Database& database,
                       tenancy::KeyFile& key_file) {
    const auto wanted = TRY(read_config(options_.config_file, process_environment(), environment_names()));
    auto next = config_;
    const auto need_restart = apply_reload(next, wanted);
    const auto certificate = TRY(read_certificate(next, folder_));
    const auto next_key_file = TRY(folder_.read_key_file());
    TRY(tenancy::check_opens(database, next_key_file));
    if (const auto problem = listener.reload_certificate(certificate.chain, certificate.key); !problem.empty())
      return operator_error(problem);
    key_file.replace(next_key_file);
    config_ = std::move(next);
    log::set_level(config_.log_level);
    product.forwarding().replace(forwarding_rules(config_));
    geo_files_.load({config_.geoip_city, config_.geoip_asn});
    for (const auto& key : need_restart) log::warn("this setting needs a restart", {{"key", key}});
    log::info("reloaded");
    return base::Unit{};
  }

  const ServeOptions options_;
  Config config_;
  const Seams& seams_;
  const sigset_t signals_;
  const DataFolder folder_;
  BackgroundGate background_gate_;
  base::SystemClock system_clock_;
  SystemTicker system_ticker_;
  crypto::SystemRandom random_;
  geoip::GeoIp geoip_;
  GeoFiles geo_files_;
};

}  // namespace

base::Outcome serve(const ServeOptions& options, const Seams& seams) {
  // Sixty-four threads with an arena each would hold on to memory that none of them uses. jemalloc, where the binary has it,
  // does not hear of this and has settings of its own.
  ::mallopt(M_ARENA_MAX, 2);
  auto config = TRY(read_config(options.config_file, process_environment(), environment_names()));
  log::set_level(config.log_level);
  const auto signals = block_signals();
  http::transport::raise_file_limit();
  return Server(options, std::move(config), seams, signals).run();
}

}  // namespace segue::app
