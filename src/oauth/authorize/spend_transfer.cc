#include "oauth/authorize/spend_transfer.h"

#include "crypto/digest.h"
#include "oauth/organization.h"
#include "store/grants.h"
#include "store/refresh_tokens.h"
#include "store/session_transfer_tokens.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

namespace stts = store::session_transfer_tokens;

// Whether the refresh token that minted it still stands: any revocation counts here, whether or not it cascades (contract §1.13).
bool lock_live_parent(const store::Writer& w, const model::SessionTransferToken& token,
                      const std::optional<store::users::Standing>& user, base::Instant now,
                      std::optional<base::Instant>& parent_expires_at) {
  const auto grant = store::grants::lock_standing(w, token.grant_id);
  if (!grant || grant->revoked) return false;
  const auto family = store::refresh_tokens::lock_standing(w, token.family_id, now);
  if (!family || family->revoked || family->expired) return false;
  parent_expires_at = family->expires_at;
  return user && family->password_epoch == user->password_epoch;
}

}  // namespace

SpentTransfer spend_transfer(const store::Writer& w, const tenancy::Snapshot& tenant, const TransferRequest& p) {
  SpentTransfer out;
  TransferFacts facts;
  facts.conflicting = p.conflicting;
  facts.consumer = p.request.client.get();
  facts.now = p.now;
  for (const auto& handle : p.handles) {
    const auto found = stts::find(w, handle.id);
    if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle.secret_hash)) continue;
    out.token = found->token;
    // Ancestors before the leaf, so that every transaction locks in one order.
    const auto user = store::users::lock_standing(w, found->token.user_id);
    facts.user_present = user.has_value();
    facts.user_blocked = user && user->blocked;
    facts.parent_live = lock_live_parent(w, found->token, user, p.now, out.parent_expires_at);
    const bool live = found->token.expires_at > p.now;
    // Reuse is told as reuse, however late it comes.
    const bool was_spent = found->token.state == model::OneTimeState::consumed;
    const bool spends = stts::consume(w, handle.id, handle.secret_hash, p.request.client->client_id, p.now);
    facts.spent_before = was_spent || (live && !spends);
  }
  if (!out.token) {
    out.reason = p.conflicting ? TransferReason::transport_conflict : TransferReason::unknown;
    return out;
  }
  const auto creator = tenant.client(out.token->client_id, &w);
  facts.token = &*out.token;
  facts.creator = creator.get();
  facts.connection_serves_consumer = tenant.connection_serves(out.token->connection_id, p.request.client->client_id, &w);
  if (const auto& wanted = p.request.request.connection; !wanted.empty()) {
    for (const auto& connection : tenant.connections_of(*p.request.client, &w)) {
      if (connection->name == wanted) facts.requested_connection_id = connection->connection_id;
    }
  }
  facts.organization_admits = p.organization_allowed && organization_admits(w, {.tenant = tenant,
                                                                                .organization_id = out.token->organization_id,
                                                                                .user_id = out.token->user_id,
                                                                                .connection_id = out.token->connection_id});
  facts.requested_organization = p.request.request.organization;
  facts.prompt_login = p.request.request.prompt_login;
  facts.max_age = p.request.request.max_age;
  facts.address = p.origin.ip;
  facts.asn = p.origin.asn;
  facts.session_user_id = p.session_user_id;
  out.reason = evaluate_transfer(facts);
  out.compared = compared_values(facts);
  return out;
}

std::string transfer_id_of(const store::Reader& r, const tenancy::TenantKeys& keys, const std::vector<std::string>& tokens) {
  for (const auto& token : tokens) {
    const auto handle = tenancy::parse_handle(keys, model::HandleKind::session_transfer_token, token);
    const auto found = handle ? stts::find(r, handle->id) : std::nullopt;
    if (found && crypto::equal_in_constant_time(found->secret_hash, handle->secret_hash)) return found->token.transfer_id;
  }
  return {};
}

}  // namespace segue::oauth
