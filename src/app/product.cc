#include "app/product.h"

#include "app/wiring.h"

namespace segue::app {
namespace {

std::unique_ptr<logstreams::LineSink> line_sink(const ProductOptions& options) {
  if (options.log_stream.empty()) return nullptr;
  if (options.log_stream == "stdout") return logstreams::stdout_sink();
  return logstreams::file_sink(options.log_stream, options.log_stream_rotation);
}

}  // namespace

Product::Product(const Foundation& foundation, const ProductOptions& options)
    : clock_(foundation.clock),
      store_(foundation.database, foundation.ids),
      tenants_(store_, foundation.key_file),
      failures_(store_, foundation.clock),
      indexer_(store_, foundation.clock),
      sweeper_(store_, tenants_, foundation.clock, options.brute_force.longest(), options.log_retention),
      outbound_(options.outbound),
      txt_records_(options.txt_records ? options.txt_records : std::make_shared<outbound::DnsTxt>(outbound::DnsTxt::Options{})),
      walk_(tenants_, foundation.clock, foundation.random),
      expiry_look_(tenants_, foundation.clock),
      unfinished_walks_(tenants_, foundation.clock),
      delivery_(tenants_, foundation.clock, kDeliveryThreads),
      log_streams_(tenants_, foundation.key_file, foundation.clock, kLogStreamThreads),
      operator_stream_(tenants_, foundation.clock, line_sink(options)),
      job_runner_(tenants_, foundation.clock, foundation.random),
      brute_force_(store_, foundation.clock, options.brute_force),
      device_code_quota_(options.device_codes),
      password_login_(tenants_, brute_force_, failures_, foundation.clock, options.password_cost),
      mails_(tenants_, foundation.key_file, foundation.clock, foundation.random, options.mail_sender, options.mail_from,
             options.outbound, kMailThreads),
      forwarding_(options.forwarding),
      forwarding_watch_(foundation.clock),
      rate_limiter_(foundation.clock, options.management_requests_per_second),
      oauth_({tenants_, foundation.clock, foundation.random, failures_, password_login_, brute_force_, device_code_quota_,
              foundation.geoip, foundation.pipeline, mails_}),
      saml_idp_({.tenants = tenants_,
                 .clock = foundation.clock,
                 .random = foundation.random,
                 .failures = failures_,
                 .flow = oauth_.authorization_flow()}),
      wsfed_idp_({.tenants = tenants_,
                  .clock = foundation.clock,
                  .random = foundation.random,
                  .failures = failures_,
                  .flow = oauth_.authorization_flow(),
                  .sign_out = oauth_.sign_out()}),
      management_services_{.tenants = tenants_,
                           .key_file = foundation.key_file,
                           .clock = foundation.clock,
                           .random = foundation.random,
                           .geoip = foundation.geoip,
                           .actions = foundation.actions != nullptr ? *foundation.actions : no_actions_,
                           .account_triggers = oauth_.account_triggers(),
                           .mails = mails_,
                           .txt_records = *txt_records_,
                           .password_cost = options.password_cost,
                           .allow_private_urls = options.outbound.allow_private} {
  add_routes(router_, oauth_, saml_idp_, wsfed_idp_, management_services_, password_login_, tenants_, failures_);
  requests_ = std::make_unique<RequestCounters>(router_);
  add_steps(router_, {tenants_, forwarding_, forwarding_watch_, rate_limiter_, *requests_});
  service_ = std::make_unique<Service>(router_, tenants_, clock_, answering_, foundation.database.suspends_fibers());
}

void Product::look_after_logouts() {
  expiry_look_.run();
  unfinished_walks_.run();
  delivery_.give_up_old();
}

Product::OutboxBacklog Product::outbox_backlog() {
  store::outbox::Backlog found;
  try {
    store_.database().read([&](sql::Connection& connection) { found = store::outbox::backlog(connection); });
  } catch (const std::exception&) {
    return {};  // the other counters are worth having then
  }
  const auto age = found.oldest ? clock_.now() - *found.oldest : base::Duration{};
  return {found.messages, static_cast<double>(age.count()) / 1e6};
}

std::int64_t Product::index_logs() {
  constexpr int kBatch = 1000;
  std::int64_t total = 0;
  for (const auto tenant : tenants_.list()) {
    for (;;) {
      const int indexed = indexer_.run_once(tenant, kBatch);
      total += indexed;
      if (indexed < kBatch) break;
    }
  }
  return total;
}

}  // namespace segue::app
