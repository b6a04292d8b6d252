// The browser's way through the service providers of an ended session, one after another (docs/decisions/0041). Where it is, is
// kept in the store; each step counts once, and only in the browser that signed out.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/call.h"
#include "saml_idp/logout/ending.h"
#include "saml_idp/logout/party.h"
#include "saml_idp/services.h"

namespace segue::saml_idp {

// GET /u/logout?state=…: the beginning, and on from a service provider that has not answered.
base::Result<http::Response> go_on(const Services& services, http::Call& call);

// A LogoutResponse at /samlp/{client_id}/logout: what `from` was asked is done, or failed.
base::Result<http::Response> take_answer(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                         const Party& from, const saml_messages::Arrived& arrived);

// Where a walk goes on: a path here.
std::string address_of(std::string_view state);

}  // namespace segue::saml_idp
