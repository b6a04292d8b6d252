// The end of a device's sign-in: the device may now redeem it, or is told that it failed.
#include "base/text.h"
#include "interaction/pages.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/device/activation.h"
#include "oauth/errors.h"
#include "oauth/grants/code_tokens.h"
#include "oauth/origin.h"
#include "store/authorization_codes.h"
#include "store/device_codes.h"

namespace segue::oauth {
namespace {

base::Error over() { return invalid_request("The sign-in took too long or was finished before. Start again on the device."); }

}  // namespace

base::Result<http::Response> Activation::finish(const http::Call& call) {
  if (is_speculative(call.request)) return http::empty_response(204);
  const auto answer = TRY(http::Parameters::parse(call.request.query));
  return services_.tenants.on_current(call.tenant, [&](const auto& tenant) {
    const auto code = answer.find("code");
    return code ? approve(call, *tenant, *code) : refused(call, *tenant, answer);
  });
}

// The code stays unspent: the device redeems it with its own secret, and asks again whether the sign-in stands.
base::Result<http::Response> Activation::approve(const http::Call& call, const tenancy::Snapshot& tenant,
                                                 const std::string& text) {
  namespace codes = store::authorization_codes;
  const auto handle = tenancy::parse_handle(tenant.keys(), model::HandleKind::authorization_code, text);
  if (!handle) return over();
  const auto now = services_.clock.now();
  const bool approved = services_.tenants.write_on(tenant, [&](const store::Writer& w) {
    const auto found = codes::find(w, handle->id);
    if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle->secret_hash)) return false;
    const auto& code = found->code;
    if (code.device_code_id == base::RowId{} || found->state != model::OneTimeState::issued || code.expires_at <= now)
      return false;
    if (lock_holder(w, code, now).standing != CodeStanding::good) return false;
    return store::device_codes::approve(w, code.device_code_id, code.authorization_code_id, now);
  });
  if (!approved) return over();
  return interaction::pages::message_page(200, "Your device is connected", "Go back to it; you can close this page.",
                                          call.request_id);
}

base::Result<http::Response> Activation::refused(const http::Call& call, const tenancy::Snapshot& tenant,
                                                 const http::Parameters& answer) {
  const auto step = tenancy::parse_handle(tenant.keys(), model::HandleKind::device_step, answer.find("state").value_or(""));
  if (!step) return over();
  const auto error = answer.find("error").value_or("");
  const auto now = services_.clock.now();
  auto row = event_of(call, "fdeac", nullptr);
  row.description = base::shortened(answer.find("error_description").value_or(""), 512);
  row.details["error"] = json::object{{"type", base::shortened(error, 64)}};
  services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
    const auto found = store::device_codes::find(w, step->id);
    if (!found) return false;
    row.client_id = found->device.client_id;
    if (const auto client = tenant.client(row.client_id, &w)) row.client_name = client->name;
    row.audience = found->device.audience;
    row.scope = found->device.scope;
    // What a stage refuses stays refused. Anything else the person may try again, with the same code.
    if (error == "access_denied" && !store::device_codes::deny(w, step->id, now)) return false;
    audit::append(w, row, now);
    return true;
  });
  return interaction::pages::message_page(403, "The device is not connected", row.description, call.request_id);
}

}  // namespace segue::oauth
