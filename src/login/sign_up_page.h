// /u/signup: the page of a suspended authorization request for who has no account.
#pragma once
#include "http/router.h"
#include "interaction/sign_up_flow.h"
#include "tenancy/tenants.h"

namespace segue::login {

void add_sign_up_routes(http::Router& router, interaction::SignUpFlow& sign_ups, interaction::AuthorizationFlow& flow,
                        tenancy::Tenants& tenants);

}  // namespace segue::login
