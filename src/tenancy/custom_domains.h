// Custom domains: which host one is served at, and how it is confirmed (contract §9.12).
#pragma once
#include <string>
#include <string_view>

#include "model/directory.h"
#include "store/store.h"

namespace segue::tenancy {

inline constexpr std::string_view kCustomDomain = "custom_domain";  // the kind of its settings documents

// "login.acme.example:8443": in lower case, at the port of the tenant's canonical domain.
std::string served_host(const model::Tenant& tenant, std::string_view domain);
// In one transaction: the tenant serves the domain that it has claimed. False when it has not, or when another tenant serves it.
bool confirm_custom_domain(const store::Writer& w, std::string_view domain);
bool has_claimed(const store::Reader& r, std::string_view domain);

}  // namespace segue::tenancy
