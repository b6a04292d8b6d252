// Everything that answers a request, on top of a database, and nothing that listens. The server and the tests' World build it.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>

#include "app/forwarding_watch.h"
#include "app/metrics.h"
#include "app/rate_limiter.h"
#include "app/service.h"
#include "app/sweeper.h"
#include "audit/failure_queue.h"
#include "audit/log_indexer.h"
#include "backchannel/delivery.h"
#include "backchannel/expiry_look.h"
#include "backchannel/revocation_walk.h"
#include "backchannel/unfinished_walks.h"
#include "base/clock.h"
#include "base/random.h"
#include "connections/password_login.h"
#include "geoip/geoip.h"
#include "http/caller_address.h"
#include "http/router.h"
#include "logstreams/delivery.h"
#include "logstreams/operator_stream.h"
#include "mail/outbox.h"
#include "management/job_runner.h"
#include "management/services.h"
#include "oauth/feature.h"
#include "oauth/sign_in_pipeline.h"
#include "protection/brute_force.h"
#include "protection/device_code_quota.h"
#include "saml_idp/feature.h"
#include "store/store.h"
#include "tenancy/key_file.h"
#include "tenancy/tenants.h"
#include "wsfed_idp/feature.h"

namespace segue::app {

// What the product is built on. Everything outlives it.
struct Foundation {
  sql::Database& database;
  base::IdGenerator& ids;
  const base::Clock& clock;
  base::Random& random;
  const tenancy::KeyFile& key_file;
  const geoip::GeoIp& geoip;
  oauth::SignInPipeline& pipeline;
  management::ActionsDesk* actions = nullptr;  // null: no Action runs here
};

struct ProductOptions {
  crypto::PasswordCost password_cost = {};
  protection::BruteForceLimits brute_force = {};
  protection::DeviceCodeLimits device_codes = {};
  http::ForwardingRules forwarding = {};
  std::int64_t management_requests_per_second = 1000;
  outbound::Options outbound = {};
  base::Duration log_retention = std::chrono::days(30);
  std::string log_stream = {};  // "stdout", a path, or empty
  logstreams::Rotation log_stream_rotation = {};
  std::shared_ptr<mail::Sender> mail_sender = {};          // null: mails wait in the database
  std::string mail_from = {};                              // empty: no-reply@ the tenant's host
  std::shared_ptr<outbound::TxtRecords> txt_records = {};  // null: the system's resolvers
};

// Side by side at most; each waits for a relying party.
inline constexpr int kDeliveryThreads = 16;
// The same for receivers of log streams.
inline constexpr int kLogStreamThreads = 4;
// The same for mail servers.
inline constexpr int kMailThreads = 4;

// Which forwarding headers are believed; replaced at SIGHUP.
class Forwarding {
 public:
  explicit Forwarding(http::ForwardingRules rules) { replace(std::move(rules)); }
  void replace(http::ForwardingRules rules) {
    auto made = std::make_shared<const http::ForwardingRules>(std::move(rules));
    const std::scoped_lock lock(mutex_);
    rules_ = std::move(made);
  }
  std::shared_ptr<const http::ForwardingRules> rules() const {
    const std::scoped_lock lock(mutex_);
    return rules_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const http::ForwardingRules> rules_;
};

class Product {
 public:
  // Loads every tenant. Throws std::runtime_error with a text for the operator.
  Product(const Foundation& foundation, const ProductOptions& options);
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  http::Service& service() { return *service_; }
  tenancy::Tenants& tenants() { return tenants_; }
  store::Store& store() { return store_; }
  const http::Router& router() const { return router_; }
  const RequestCounters& requests() const { return *requests_; }
  Forwarding& forwarding() { return forwarding_; }
  oauth::Feature& oauth() { return oauth_; }
  audit::FailureQueue& failures() { return failures_; }
  // While false every request is answered with 503.
  void set_answering(bool answering) { answering_ = answering; }

  // What is done each second beside the requests. Each may throw when the database cannot be reached.
  void refresh_tenants() { tenants_.refresh(); }
  void write_failures() { failures_.flush(); }
  void write_unnamed_proxies() { forwarding_watch_.write(store_.database()); }
  // Makes every log row searchable that can be; returns how many.
  std::int64_t index_logs();
  // Asks for sessions that expired, and gives up what could not be delivered in a day and sign-outs that stand still.
  void look_after_logouts();

  // What runs on threads of its own (app/sweep_worker.h). A small step of removing what has expired and is of no use to anybody;
  // false when there is nothing to do for now.
  bool sweep_step() { return sweeper_.step(); }
  const SweepMetrics& sweep_metrics() const { return sweeper_.metrics(); }
  // app/logout_worker.h: one revocation; false when none is due.
  bool walk_revocation() { return walk_.walk_one(); }
  backchannel::Delivery& delivery() { return delivery_; }
  // app/background_work.h: log streams, mails, and Actions that hear of accounts; one job of the Management API, for a while,
  // false when none is due.
  logstreams::Delivery& log_streams() { return log_streams_; }
  logstreams::OperatorStream& operator_stream() { return operator_stream_; }
  mail::Outbox& mails() { return mails_; }
  oauth::DeferredRuns& deferred_runs() { return oauth_.deferred_runs(); }
  bool work_on_jobs() { return job_runner_.work(); }
  const outbound::Options& outbound() const { return outbound_; }
  struct OutboxBacklog {
    std::int64_t messages = 0;
    double oldest_seconds = 0;
  };
  // Of the whole database; zeros when it cannot be asked.
  OutboxBacklog outbox_backlog();

 private:
  const base::Clock& clock_;
  store::Store store_;
  tenancy::Tenants tenants_;
  audit::FailureQueue failures_;
  audit::LogIndexer indexer_;
  Sweeper sweeper_;
  const outbound::Options outbound_;
  const std::shared_ptr<outbound::TxtRecords> txt_records_;
  backchannel::RevocationWalk walk_;
  backchannel::ExpiryLook expiry_look_;
  backchannel::UnfinishedWalks unfinished_walks_;
  backchannel::Delivery delivery_;
  logstreams::Delivery log_streams_;
  logstreams::OperatorStream operator_stream_;
  management::JobRunner job_runner_;
  protection::BruteForce brute_force_;
  protection::DeviceCodeQuota device_code_quota_;
  connections::PasswordLogin password_login_;
  mail::Outbox mails_;
  Forwarding forwarding_;
  ForwardingWatch forwarding_watch_;
  RateLimiter rate_limiter_;
  oauth::Feature oauth_;
  saml_idp::Feature saml_idp_;
  wsfed_idp::Feature wsfed_idp_;
  management::NoActionsDesk no_actions_;
  management::Services management_services_;
  http::Router router_;
  std::unique_ptr<RequestCounters> requests_;
  std::atomic<bool> answering_{true};
  std::unique_ptr<Service> service_;
};

}  // namespace segue::app
