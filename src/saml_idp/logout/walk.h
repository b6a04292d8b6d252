// The browser's way through the service providers of an ended session, one after another (docs/decisions/0041). Where it is, is
// kept in the store; each step counts once, and only in the browser that signed out.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "saml_idp/logout/party.h"
#include "saml_idp/services.h"
#include "store/logout_walks.h"

namespace segue::saml_idp {

// GET /u/logout?state=…: the beginning, and on from a service provider that has not answered.
base::Result<http::Response> go_on(const Services& services, http::Call& call);

// A LogoutResponse at /samlp/{client_id}/logout: what `from` was asked is done, or failed.
base::Result<http::Response> take_answer(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                         const Party& from, const saml_messages::Arrived& arrived);

// How a logout ends: at the service provider that began it, at the address that the application named, or at a page.
http::Response end_logout(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                          const model::LogoutEnd& end, bool all_told);

}  // namespace segue::saml_idp
