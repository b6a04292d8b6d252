// GET and POST /u/consent (contract §2.7).
#pragma once
#include "http/router.h"
#include "interaction/authorization_flow.h"
#include "tenancy/tenants.h"

namespace segue::login {

void add_consent_routes(http::Router& router, interaction::AuthorizationFlow& flow, tenancy::Tenants& tenants);

}  // namespace segue::login
