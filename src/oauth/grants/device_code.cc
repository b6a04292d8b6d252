#include "oauth/consent.h"
#include "oauth/device/device_client.h"
#include "oauth/errors.h"
#include "oauth/grants/code_tokens.h"
#include "oauth/grants/grants.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/token_request.h"
#include "oauth/token_request_origin.h"
#include "store/authorization_codes.h"
#include "store/device_codes.h"
#include "tenancy/handles.h"

namespace segue::oauth {
namespace {

namespace devices = store::device_codes;
namespace codes = store::authorization_codes;

constexpr std::int64_t kIntervalStep = 5, kLongestInterval = 60;  // seconds (RFC 8628 §3.5)

struct DeviceFacts {
  enum class Outcome {
    unknown,  // no such code, wrong secret, or another client's: no effect at all
    pending,
    too_fast,
    denied,
    expired,       // told once
    key_demanded,  // by the API: stays as it was
    over,          // told so before, used before, or the sign-in does not stand any more
    blocked,
    granted
  } outcome = Outcome::unknown;
  model::DeviceCode device;
  model::AuthorizationCode code;
  std::optional<model::User> user;
  std::string sid;
};
using Outcome = DeviceFacts::Outcome;

base::Error device_error(int status, std::string code, std::string description) {
  return {.kind = base::ErrorKind::forbidden, .code = std::move(code), .description = std::move(description), .status = status};
}

// RFC 8628 §3.5, contract §3.3.
base::Error error_of(const DeviceFacts& facts) {
  switch (facts.outcome) {
    case Outcome::pending: return device_error(403, "authorization_pending", "User has yet to authorize device code.");
    case Outcome::too_fast:
      return device_error(
          429, "slow_down",
          "You are polling faster than the specified interval of " + std::to_string(facts.device.interval_seconds) + " seconds.");
    case Outcome::denied: return device_error(403, "access_denied", "The sign-in was cancelled or denied.");
    case Outcome::expired: return device_error(403, "expired_token", "The device code has expired. Ask for a new one.");
    case Outcome::key_demanded: return dpop::key_demanded();
    case Outcome::blocked: return user_blocked();
    default: return invalid_grant("Invalid or expired device code.");
  }
}

Outcome expired(const store::Writer& w, const model::DeviceCode& device) {
  return devices::expire(w, device.device_code_id) ? Outcome::expired : Outcome::over;
}

// The sign-in that approved the device. Ancestors before the device's own row, as everywhere.
Outcome redeem(const store::Writer& w, const TokenRequest& request, const tenancy::PresentedHandle& handle, DeviceFacts& facts,
               base::RowId grant_id) {
  const auto now = request.now;
  const auto found = codes::find(w, facts.device.authorization_code_id);
  if (!found || found->code.device_code_id != facts.device.device_code_id) return Outcome::over;
  facts.code = found->code;
  // The device came too late for what the person did in time.
  if (found->state == model::OneTimeState::issued && facts.code.expires_at <= now) return expired(w, facts.device);
  const auto api = facts.code.audience.empty() ? nullptr : request.tenant->resource_server(facts.code.audience, &w);
  if (!dpop::check_demand_of(api.get(), *request.client, request.jkt).ok()) return Outcome::key_demanded;
  auto holder = lock_holder(w, facts.code, now);
  // Exactly once, and the last check decides the race. A code that is found and then fails is spent (design §4).
  if (!devices::consume(w, handle.id, handle.secret_hash, now)) return Outcome::over;
  const auto& code = facts.code;
  const bool good =
      holder.standing == CodeStanding::good &&
      !lacks_consent(w, *request.client, {*request.tenant, code.client_id, code.user_id, code.audience, code.scope}) &&
      organization_admits(w, {*request.tenant, code.organization_id, code.user_id, code.connection_id});
  if (!codes::consume(w, facts.code.authorization_code_id, found->secret_hash, good ? grant_id : base::RowId{}, now))
    return Outcome::over;
  if (holder.standing == CodeStanding::blocked) return Outcome::blocked;
  if (!good) return Outcome::over;
  facts.user = std::move(holder.user);
  return Outcome::granted;
}

Outcome present(const store::Writer& w, const TokenRequest& request, const tenancy::PresentedHandle& handle, DeviceFacts& facts,
                base::RowId grant_id) {
  const auto found = devices::find(w, handle.id);
  if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle.secret_hash)) return Outcome::unknown;
  // Another client's code is unknown to this one, and stays as it was.
  if (found->device.client_id != request.client->client_id) return Outcome::unknown;
  facts.device = found->device;
  const auto& device = facts.device;
  switch (device.state) {
    case model::DeviceState::consumed:
    case model::DeviceState::expired: return Outcome::over;
    case model::DeviceState::denied: return Outcome::denied;
    case model::DeviceState::pending:
    case model::DeviceState::approved: break;
  }
  if (device.expires_at <= request.now) return expired(w, device);
  if (device.state == model::DeviceState::approved) return redeem(w, request, handle, facts, grant_id);
  return devices::poll(w, handle.id, kIntervalStep, kLongestInterval, request.now) ? Outcome::pending : Outcome::too_fast;
}

}  // namespace

base::Result<http::Response> exchange_device_code(const Services& services, const TokenRequest& request) {
  auto failure = event_of(request.call, "fede", &*request.client);
  const auto refuse = [&](base::Error error) {
    failure.description = error.description;
    services.failures.push(request.call.tenant, failure);
    return error;
  };
  if (const auto fits = check_device_client(*request.client); !fits.ok()) return refuse(fits.error());
  const auto text = require(request.parameters, "device_code");
  if (!text.ok()) return refuse(text.error());
  const auto handle = tenancy::parse_handle(request.tenant->keys(), model::HandleKind::device_code, *text);
  if (!handle) return refuse(error_of(DeviceFacts{}));
  const auto origin = origin_of(request, services.geoip);
  auto prepared = prepare_tokens(services, request);

  const auto facts = services.tenants.write_on(*request.tenant, [&](const store::Writer& w) {
    DeviceFacts out;
    out.outcome = present(w, request, *handle, out, prepared.grant_id);
    // Who waits as told has nothing decided yet; who proved nothing is logged through the queue.
    if (out.outcome == Outcome::unknown || out.outcome == Outcome::pending || out.outcome == Outcome::too_fast) return out;
    auto row = event_of(request.call, out.outcome == Outcome::granted ? "sede" : "fede", &*request.client);
    row.ip = origin.ip;
    row.user_id = out.code.user_id;
    row.audience = out.code.audience;
    row.scope = out.code.scope;
    row.transfer_id = out.code.ancestry.transfer_id;
    if (out.outcome == Outcome::granted) {
      out.sid = grant_code(w, *request.tenant, *request.client, out.code, *out.user, prepared, origin, row, request.now);
      row.description = "Device Code for Access Token";
    } else {
      row.description = error_of(out).description;
      set_connection(row, request.tenant->connection(out.code.connection_id, &w).get());
    }
    audit::append(w, row, request.now);
    return out;
  });
  if (facts.outcome == Outcome::granted)
    return answer_with_tokens(services, request, facts.code, *facts.user, facts.sid, prepared);
  if (facts.outcome == Outcome::unknown) return refuse(error_of(facts));
  return error_of(facts);
}

}  // namespace segue::oauth
