// The scopes of the Management API's resource server (contract §9.1).
#pragma once
#include <span>
#include <string_view>

namespace segue::tenancy {

std::span<const std::string_view> management_scopes();

}  // namespace segue::tenancy
