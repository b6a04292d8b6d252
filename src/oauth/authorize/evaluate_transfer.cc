#include "oauth/authorize/evaluate_transfer.h"

namespace segue::oauth {
namespace {

// --- One check, one function, in the order in which they are asked. `accepted` means: no objection. ---

TransferReason check_token(const TransferFacts& f) {
  if (f.conflicting) return TransferReason::transport_conflict;
  if (f.token == nullptr) return TransferReason::unknown;
  if (f.spent_before) return TransferReason::already_used;
  if (f.token->expires_at <= f.now) return TransferReason::expired;
  return TransferReason::accepted;
}

TransferReason check_creator(const TransferFacts& f) {
  const bool enabled =
      f.creator != nullptr && f.creator->session_transfer && f.creator->session_transfer->can_create_session_transfer_token;
  return enabled ? TransferReason::accepted : TransferReason::creator_disabled;
}

TransferReason check_parent(const TransferFacts& f) {
  return f.parent_live && f.user_present ? TransferReason::accepted : TransferReason::parent_revoked;
}

// contract §1.9. Unknown equals nothing (design §8.8).
TransferReason check_device_binding(const TransferFacts& f) {
  switch (binding_of(*f.consumer, *f.creator)) {
    case model::DeviceBinding::none: return TransferReason::accepted;
    case model::DeviceBinding::ip:
      return !f.address.empty() && f.address == f.token->origin.ip ? TransferReason::accepted : TransferReason::ip_mismatch;
    case model::DeviceBinding::asn:
      if (!f.asn || !f.token->origin.asn) return TransferReason::asn_unknown;
      return *f.asn == *f.token->origin.asn ? TransferReason::accepted : TransferReason::asn_mismatch;
  }
  return TransferReason::ip_mismatch;
}

// contract §1.17: missing against present is a mismatch too, and so is one that the user has left.
TransferReason check_organization(const TransferFacts& f) {
  return f.requested_organization == f.token->organization_id && f.organization_admits ? TransferReason::accepted
                                                                                       : TransferReason::organization_mismatch;
}

TransferReason check_connection(const TransferFacts& f) {
  const bool wanted = f.requested_connection_id.empty() || f.requested_connection_id == f.token->connection_id;
  return wanted && f.connection_serves_consumer ? TransferReason::accepted : TransferReason::connection_disabled;
}

TransferReason check_user(const TransferFacts& f) {
  return f.user_blocked ? TransferReason::user_blocked : TransferReason::accepted;
}

// contract §1.18: a transfer is no fresh authentication.
TransferReason check_prompt(const TransferFacts& f) {
  if (f.prompt_login) return TransferReason::prompt_required;
  if (f.max_age && f.now - f.token->auth_time > std::chrono::seconds(*f.max_age)) return TransferReason::max_age;
  if (f.max_age == 0) return TransferReason::max_age;
  return TransferReason::accepted;
}

// Last: only a token that is good in every other way ends another user's session.
TransferReason check_existing_session(const TransferFacts& f) {
  return !f.session_user_id || *f.session_user_id == f.token->user_id ? TransferReason::accepted : TransferReason::user_mismatch;
}

}  // namespace

model::DeviceBinding binding_of(const model::Client& consumer, const model::Client& creator) {
  if (consumer.session_transfer && consumer.session_transfer->enforce_device_binding)
    return *consumer.session_transfer->enforce_device_binding;
  const auto native = creator.session_transfer ? creator.session_transfer->enforce_device_binding : std::nullopt;
  return native == model::DeviceBinding::asn ? model::DeviceBinding::asn : model::DeviceBinding::ip;
}

json::object compared_values(const TransferFacts& f) {
  json::object out;
  if (f.token == nullptr) return out;
  const auto& token = *f.token;
  const auto pair = [&](std::string_view name, const auto& of_token, const auto& of_request) {
    out[name] = json::array{of_token, of_request};
  };
  if (f.creator != nullptr) {
    const auto binding = binding_of(*f.consumer, *f.creator);
    out["binding"] = model::to_text(binding);
    if (binding == model::DeviceBinding::ip) pair("device", token.origin.ip, f.address);
    if (binding == model::DeviceBinding::asn) {
      pair("device", token.origin.asn ? json::value(*token.origin.asn) : nullptr, f.asn ? json::value(*f.asn) : nullptr);
    }
  }
  if (!token.organization_id.empty() || !f.requested_organization.empty())
    pair("organization", token.organization_id, f.requested_organization);
  if (!f.requested_connection_id.empty()) pair("connection", token.connection_id, f.requested_connection_id);
  if (f.max_age) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(f.now - token.auth_time).count();
    pair("max_age", static_cast<std::int64_t>(age), *f.max_age);
  }
  if (f.session_user_id) pair("user", token.user_id, *f.session_user_id);
  return out;
}

TransferReason evaluate_transfer(const TransferFacts& facts) {
  for (const auto check : {check_token, check_creator, check_parent, check_device_binding, check_organization, check_connection,
                           check_user, check_prompt, check_existing_session}) {
    if (const auto reason = check(facts); reason != TransferReason::accepted) return reason;
  }
  return TransferReason::accepted;
}

std::string_view to_text(TransferReason reason) {
  switch (reason) {
    case TransferReason::accepted: return "accepted";
    case TransferReason::client_not_enabled: return "client_not_enabled";
    case TransferReason::method_not_allowed: return "method_not_allowed";
    case TransferReason::wrong_cookie_name: return "wrong_cookie_name";
    case TransferReason::unsolicited: return "unsolicited";
    case TransferReason::unknown: return "unknown";
    case TransferReason::expired: return "expired";
    case TransferReason::already_used: return "already_used";
    case TransferReason::transport_conflict: return "transport_conflict";
    case TransferReason::creator_disabled: return "creator_disabled";
    case TransferReason::parent_revoked: return "parent_revoked";
    case TransferReason::ip_mismatch: return "ip_mismatch";
    case TransferReason::asn_mismatch: return "asn_mismatch";
    case TransferReason::asn_unknown: return "asn_unknown";
    case TransferReason::organization_mismatch: return "organization_mismatch";
    case TransferReason::connection_disabled: return "connection_disabled";
    case TransferReason::user_blocked: return "user_blocked";
    case TransferReason::prompt_required: return "prompt_required";
    case TransferReason::max_age: return "max_age";
    case TransferReason::user_mismatch: return "user_mismatch";
  }
  return "unknown";
}

std::string_view warning_of(TransferReason reason) {
  switch (reason) {
    case TransferReason::unknown:
    case TransferReason::expired:
    case TransferReason::already_used:
      return "Single Sign-On failed: Session Transfer Token not found or expired. This may indicate token reuse or expiration.";
    case TransferReason::ip_mismatch:
    case TransferReason::asn_mismatch:
    case TransferReason::asn_unknown:
      return "Single Sign-On failed: Session Transfer Token device binding validation failed due to IP/ASN mismatch.";
    case TransferReason::organization_mismatch:
      return "Single Sign-On failed: Session Transfer Token organization mismatch detected.";
    case TransferReason::user_mismatch: return "Single Sign-On failed: Session Transfer Token user mismatch detected.";
    case TransferReason::parent_revoked:
      return "Single Sign-On failed: Parent refresh token not found. Session Transfer Token won't be used for session "
             "establishment.";
    case TransferReason::transport_conflict:
      return "Single Sign-On failed: The request carries different Session Transfer Tokens. None of them is used.";
    case TransferReason::creator_disabled:
      return "Single Sign-On failed: The client that created the Session Transfer Token may not create one any more.";
    case TransferReason::connection_disabled:
      return "Single Sign-On failed: The connection of the Session Transfer Token is not the requested one or is not enabled for "
             "this client.";
    case TransferReason::user_blocked: return "Single Sign-On failed: The user of the Session Transfer Token is blocked.";
    case TransferReason::prompt_required:
      return "Single Sign-On failed: The request asks for a login prompt, which a Session Transfer Token does not replace.";
    case TransferReason::max_age:
      return "Single Sign-On failed: The original sign-in of the Session Transfer Token is older than the request's max_age.";
    case TransferReason::client_not_enabled:
    case TransferReason::method_not_allowed:
    case TransferReason::wrong_cookie_name:
    case TransferReason::unsolicited:  // warning_of(const IgnoredTransfer&)
    case TransferReason::accepted: break;
  }
  return "";
}

}  // namespace segue::oauth
