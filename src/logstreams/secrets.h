// What a stream's receiver is told to prove who calls: sealed in the database (store/log_streams.h).
#pragma once
#include "json/value.h"
#include "tenancy/key_file.h"

namespace segue::logstreams {

// Takes the secrets out of the sink: what is left may be stored readable.
json::object take_secrets(json::object& sink);
std::string seal_secrets(const tenancy::KeyFile& key_file, base::Random& random, base::TenantId tenant, std::string_view id,
                         const json::object& secrets);
// Empty when there are none.
base::Result<json::object> open_secrets(const tenancy::KeyFile& key_file, base::TenantId tenant, std::string_view id,
                                        std::string_view sealed);

}  // namespace segue::logstreams
