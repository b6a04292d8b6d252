// What the endpoints of this feature are built from. Everything outlives them.
#pragma once
#include "audit/failure_queue.h"
#include "base/clock.h"
#include "base/random.h"
#include "connections/password_login.h"
#include "geoip/geoip.h"
#include "mail/outbox.h"
#include "oauth/sign_in_pipeline.h"
#include "protection/brute_force.h"
#include "protection/device_code_quota.h"
#include "tenancy/tenants.h"

namespace segue::oauth {

struct Services {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  base::Random& random;
  audit::FailureQueue& failures;
  connections::PasswordLogin& password_login;
  protection::BruteForce& brute_force;
  const protection::DeviceCodeQuota& device_code_quota;
  const geoip::GeoIp& geoip;
  SignInPipeline& pipeline;
  const mail::Outbox& mails;
};

}  // namespace segue::oauth
