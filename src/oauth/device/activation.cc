#include "oauth/device/activation.h"

#include "base/bytes.h"
#include "base/text.h"
#include "http/form_origin.h"
#include "interaction/pages.h"
#include "oauth/authorize/answer_address.h"
#include "oauth/authorize/browser_binding.h"
#include "oauth/device/device_client.h"
#include "oauth/device/user_code.h"
#include "oauth/errors.h"
#include "oauth/faces.h"
#include "oauth/origin.h"
#include "store/device_codes.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kWrongCode = "This code is not valid any more, or was mistyped. Look at your device and try again.";

base::Error stale_page() { return invalid_request("This page has expired. Go back to /activate and enter the code again."); }

// Bound to the browser by the hash of its binding cookie, and on the second page to the code that the person compared.
std::string csrf_of(const tenancy::Snapshot& tenant, const BrowserBinding& binding, std::string_view user_code) {
  const auto input = "device_activation|" + base::base64url(binding.hash()) + "|" + std::string(user_code);
  return base::base64url(tenant.keys().derivation.mac(input));
}

bool is_own_form(const http::Call& call, const tenancy::Snapshot& tenant, const http::Parameters& form,
                 std::string_view user_code) {
  const auto binding = presented_binding(call.request);
  if (!binding || http::is_foreign_form(call)) return false;
  const auto expected = csrf_of(tenant, *binding, user_code);
  return crypto::equal_in_constant_time(base::as_bytes(form.find("csrf").value_or("")), base::as_bytes(expected));
}

http::Response code_page(const tenancy::Snapshot& tenant, const BrowserBinding& binding, const std::string& user_code,
                         std::string_view alert = {}, int status = 200) {
  interaction::pages::FormPage page{.heading = "Connect a device",
                                    .lead = "Enter the code that your device shows.",
                                    .alert = std::string(alert),
                                    .action = "/activate",
                                    .field = {{.name = "user_code", .label = "Code", .value = base::shortened(user_code, 64)}},
                                    .buttons = {{.label = "Continue"}}};
  page.hidden.add("csrf", csrf_of(tenant, binding, ""));
  auto response = interaction::pages::form_page(page, status);
  set_browser_binding(response, binding);
  return response;
}

http::Response confirmation_page(const tenancy::Snapshot& tenant, const BrowserBinding& binding, const model::Client& client,
                                 const std::string& normalised, bool leads_elsewhere) {
  interaction::pages::FormPage page{
      .heading = "Is this your device?",
      .lead = "Compare the code with the one on the device. You are about to sign in there to",
      .subject = client.name,
      .code = shown_user_code(normalised, user_code_format(tenant.tenant().settings)),
      .note = "Go on only if the device is in front of you. Nobody else should ever send you a code.",
      .action = "/activate/confirm",
      .buttons = {{.label = "Yes, sign in", .name = "decision", .value = "allow"},
                  {.label = "No, cancel", .name = "decision", .value = "deny", .quiet = true}},
      .leads_elsewhere = leads_elsewhere};
  page.hidden.add("user_code", normalised);
  page.hidden.add("csrf", csrf_of(tenant, binding, normalised));
  return interaction::pages::form_page(page);
}

bool is_waiting(const std::optional<model::DeviceCode>& device, base::Instant now) {
  return device && device->state == model::DeviceState::pending && device->expires_at > now;
}

std::optional<model::DeviceCode> find_waiting(const Services& services, const tenancy::Snapshot& tenant,
                                              std::string_view normalised) {
  const auto hash = user_code_hash(tenant.keys(), normalised);
  auto device = services.tenants.store().read(
      tenant.tenant().id, [&](const store::Reader& r) { return store::device_codes::find_by_user_code(r, hash); });
  return is_waiting(device, services.clock.now()) ? device : std::nullopt;
}

}  // namespace

http::Response activation_face(const base::Error& error, const http::Call& call) {
  return interaction::pages::message_page(status_of(error), "The device is not connected", error.description, call.request_id);
}

base::Result<http::Response> Activation::show(const http::Call& call) {
  const auto query = TRY(http::Parameters::parse(call.request.query));
  const auto tenant = services_.tenants.snapshot(call.tenant);
  return code_page(*tenant, browser_binding(call.request, services_.random), query.find("user_code").value_or(""));
}

base::Result<http::Response> Activation::submit_code(const http::Call& call) {
  const auto form = TRY(http::Parameters::parse(call.request.body));
  const auto tenant = services_.tenants.snapshot(call.tenant);
  if (!is_own_form(call, *tenant, form, "")) return stale_page();
  const auto binding = *presented_binding(call.request);
  const auto typed = form.find("user_code").value_or("");
  const auto refuse = [&](std::string_view type, std::string_view alert, int status) {
    auto row = event_of(call, type, nullptr);
    row.description = alert;
    row.details["error"] = json::object{{"type", "invalid_user_code"}};
    if (type == "limit_mu") row.details["flow"] = "device-activation";
    services_.failures.push(call.tenant, std::move(row));
    return code_page(*tenant, binding, typed, alert, status);
  };

  // A code is short: who guesses is stopped by address (RFC 8628 §5.1).
  constexpr std::string_view kCounter = "device_user_code";
  const auto verdict = services_.brute_force.begin_attempt(call.tenant, kCounter, call.caller_address);
  if (verdict != protection::BruteForce::Verdict::allowed)
    return refuse("limit_mu", "Too many wrong codes came from your network. Wait an hour and try again.", 429);
  const auto normalised = normalised_user_code(typed);
  const auto device = normalised ? find_waiting(services_, *tenant, *normalised) : std::nullopt;
  const auto client = device ? tenant->client(device->client_id) : nullptr;
  if (!client) return refuse("fdeac", kWrongCode, 400);
  services_.brute_force.success(call.tenant, kCounter, call.caller_address);
  return confirmation_page(*tenant, binding, *client, *normalised, !services_.pipeline.is_empty(*tenant));
}

base::Result<http::Response> Activation::confirm(const http::Call& call) {
  const auto form = TRY(http::Parameters::parse(call.request.body));
  return services_.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    const auto user_code = form.find("user_code").value_or("");
    // The value is given for a code that was found, so nothing can be guessed here.
    if (user_code.empty() || !is_own_form(call, *tenant, form, user_code)) return stale_page();
    const auto device = find_waiting(services_, *tenant, user_code);
    if (!device) return invalid_request(std::string(kWrongCode));
    const auto decision = form.find("decision").value_or("");
    if (decision == "allow") return begin_sign_in(call, tenant, *device);
    if (decision != "deny") return invalid_request("The form says neither yes nor no. Go back and press one of the buttons.");

    const auto now = services_.clock.now();
    auto row = event_of(call, "fdecc", tenant->client(device->client_id).get());
    row.description = "The person cancelled the confirmation of the device";
    services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
      if (store::device_codes::deny(w, device->device_code_id, now)) audit::append(w, row, now);
      return true;
    });
    return interaction::pages::message_page(200, "The device is not connected", "You said no. You can close this page.",
                                            call.request_id);
  });
}

// The sign-in is an authorization request like any other, so that sessions, transfers and every stage of the pipeline count here
// too. Only its answer goes to a page of our own.
base::Result<http::Response> Activation::begin_sign_in(const http::Call& call,
                                                       const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                                       const model::DeviceCode& device) {
  const auto client = tenant->client(device.client_id);
  if (!client) return invalid_request(std::string(kWrongCode));
  TRY(check_device_client(*client));
  AuthorizationRequest request;
  request.client_id = device.client_id;
  request.redirect_uri = tenant->issuer(call.domain) + std::string(kDeviceCallback);
  request.scope = device.scope;
  request.audience = device.audience;
  request.device_code_id = device.device_code_id;
  // Names the device when the sign-in fails: only this server can write it, and it opens nothing.
  request.state =
      tenancy::make_handle(tenant->keys(), services_.random, model::HandleKind::device_step, device.device_code_id).text.reveal();
  const auto redirect = verify_answer_address(*tenant, *client, request);
  if (!redirect) throw base::Bug("the domain of a request is one of the tenant's");
  return authorize_.begin(call, tenant, {request, client, *redirect}, {});
}

}  // namespace segue::oauth
