// A client that the Management API accepts can be stored, read and used; what it refuses, it refuses in UTF-8 and for a reason.
#include <algorithm>

#include "base/text.h"
#include "management/client_fields.h"
#include "model/client.h"
#include "oauth/authorize/redirect_uri.h"
#include "target.h"

using namespace segue;
using fuzz::must;

namespace {

bool check(const management::Schema& schema, const json::value& body) {
  const auto outcome = management::validate_body(schema, body);
  if (!outcome.ok()) {
    must(outcome.error().code == "invalid_body" && base::is_valid_utf8(outcome.error().description), "refused with a text");
  }
  return outcome.ok();
}

bool has_nul(const json::value& v) {
  if (v.is_string()) return std::string_view(v.get_string()).find('\0') != std::string_view::npos;
  if (v.is_array()) return std::any_of(v.get_array().begin(), v.get_array().end(), has_nul);
  if (!v.is_object()) return false;
  return std::any_of(v.get_object().begin(), v.get_object().end(), [](const auto& member) {
    return std::string_view(member.key()).find('\0') != std::string_view::npos || has_nul(member.value());
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = json::parse(fuzz::Input(data, size).rest());
  if (!body.ok()) return 0;
  const bool creates = check(management::client_create_schema(), *body),
             updates = check(management::client_update_schema(), *body);
  if (!creates && !updates) return 0;
  must(body->is_object(), "a client is an object");
  must(!has_nul(*body), "no NUL");
  const auto text = json::write(*body);
  const auto again = json::parse(text);
  must(again.ok() && (!creates || check(management::client_create_schema(), *again)), "accepted again when it is read back");
  const auto client = model::client_from_document("client", again->get_object());
  for (const auto& callback : client.callbacks) {
    if (callback.find_first_of("*{") != std::string::npos) continue;
    must(oauth::verify_redirect(client.callbacks, callback).has_value(), "a registered callback can be used");
  }
  return 0;
}
