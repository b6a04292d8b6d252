// How a logout ends (docs/decisions/0041).
#pragma once
#include <optional>
#include <string>

#include "http/call.h"
#include "model/single_logout.h"
#include "saml_idp/services.h"
#include "tenancy/snapshot.h"

namespace segue::saml_idp {

// The answer to the service provider that began it. Nothing: it cannot be answered any more.
std::optional<http::Response> answer_who_began(const Services& services, const tenancy::Snapshot& tenant,
                                               const model::LogoutEnd& end, bool all_told);

// At the service provider that began it, at the address that the application named, or at a page.
http::Response end_logout(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                          const model::LogoutEnd& end, bool all_told);

http::Response signed_out_page(const http::Call& call, const std::string& leads_to = {});

}  // namespace segue::saml_idp
