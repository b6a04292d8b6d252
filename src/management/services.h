// What every operation of the Management API works with.
#pragma once
#include "base/clock.h"
#include "base/random.h"
#include "connections/accounts.h"
#include "crypto/password.h"
#include "geoip/geoip.h"
#include "mail/outbox.h"
#include "management/actions_desk.h"
#include "outbound/dns_txt.h"
#include "tenancy/key_file.h"
#include "tenancy/tenants.h"

namespace segue::management {

struct Services {
  tenancy::Tenants& tenants;
  const tenancy::KeyFile& key_file;
  const base::Clock& clock;
  base::Random& random;
  const geoip::GeoIp& geoip;
  ActionsDesk& actions;
  connections::AccountTriggers& account_triggers;
  const mail::Outbox& mails;
  outbound::TxtRecords& txt_records;        // what owners of domains say
  crypto::PasswordCost password_cost = {};  // the login core's: a known user must cost what an unknown one does
  bool allow_private_urls = false;          // outbound.allow_private: URLs that are called may name private hosts
};

}  // namespace segue::management
