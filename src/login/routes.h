// GET and POST /u/login.
#pragma once
#include "connections/password_login.h"
#include "http/router.h"
#include "interaction/authorization_flow.h"
#include "tenancy/tenants.h"

namespace segue::login {

void add_routes(http::Router& router, interaction::AuthorizationFlow& flow, connections::PasswordLogin& password_login,
                tenancy::Tenants& tenants);
// Renders an Error as a page: the face of the login routes.
http::Response page_face(const base::Error& error, const http::Call& call);

}  // namespace segue::login
