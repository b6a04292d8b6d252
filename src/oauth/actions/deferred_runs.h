// Actions that hear of an account after it was committed: post-user-registration and post-change-password (contract §8.1). What
// they are told is a row of the transaction that changed the account, and is run beside the requests: at least once, also after a
// crash.
#pragma once
#include "connections/accounts.h"
#include "geoip/geoip.h"
#include "oauth/actions/triggers.h"
#include "store/deferred_runs.h"
#include "tenancy/tenants.h"

namespace segue::oauth {

class DeferredRuns final : public connections::AccountTriggers {
 public:
  // `triggers` null: no Action runs here, and none is bound.
  DeferredRuns(tenancy::Tenants& tenants, Triggers* triggers, const geoip::GeoIp& geoip, const base::Clock& clock)
      : tenants_(tenants), triggers_(triggers), geoip_(geoip), clock_(clock) {}

  void user_registered(const store::Writer& w, const connections::AccountChange& change, const model::User& user) override;
  void password_changed(const store::Writer& w, const connections::AccountChange& change, const model::User& user) override;

  // Runs what is bound for the row that has waited longest. False when none is due. Blocks; from any thread.
  bool run_one();

 private:
  void insert(const store::Writer& w, std::string_view trigger, json::object event, const connections::AccountChange& change,
              const model::User& user);
  void give_up(base::TenantId tenant, const store::deferred_runs::Run& run, audit::Event row);
  tenancy::Tenants& tenants_;
  Triggers* const triggers_;
  const geoip::GeoIp& geoip_;
  const base::Clock& clock_;
};

}  // namespace segue::oauth
