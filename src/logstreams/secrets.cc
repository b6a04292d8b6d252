#include "logstreams/secrets.h"

namespace segue::logstreams {
namespace {

constexpr std::string_view kPurpose = "log_stream_secrets";

}  // namespace

json::object take_secrets(json::object& sink) {
  json::object out;
  for (const auto* const name : {"httpAuthorization", "httpCustomHeaders"}) {
    auto* const value = sink.if_contains(name);
    if (value == nullptr) continue;
    out[name] = std::move(*value);
    sink.erase(name);
  }
  return out;
}

std::string seal_secrets(const tenancy::KeyFile& key_file, base::Random& random, base::TenantId tenant, std::string_view id,
                         const json::object& secrets) {
  if (secrets.empty()) return {};
  return key_file.seal(random, json::write(secrets), tenancy::seal_context(tenant, kPurpose, id));
}

base::Result<json::object> open_secrets(const tenancy::KeyFile& key_file, base::TenantId tenant, std::string_view id,
                                        std::string_view sealed) {
  if (sealed.empty()) return json::object{};
  const auto plain = TRY(key_file.open(sealed, tenancy::seal_context(tenant, kPurpose, id)));
  auto parsed = TRY(json::parse(plain.reveal()));
  return parsed.is_object() ? std::move(parsed.get_object()) : json::object{};
}

}  // namespace segue::logstreams
