#include "oauth/new_family.h"

#include "store/refresh_tokens.h"

namespace segue::oauth {

std::optional<base::Instant> idle_expiry(const model::Client& client, base::Instant now) {
  if (client.refresh_token.infinite_idle_token_lifetime) return std::nullopt;
  return now + std::chrono::seconds(client.refresh_token.idle_token_lifetime);
}

NewFamily make_family(const tenancy::Snapshot& tenant, base::IdGenerator& ids, base::Random& random, const model::Client& client,
                      base::Instant now) {
  NewFamily out;
  out.handle = tenancy::make_handle(tenant.keys(), random, model::HandleKind::refresh_token, ids.next());
  auto& family = out.family;
  family.family_id = ids.next();
  family.public_id = random.text(24, base::kAlphanumeric);
  family.client_id = client.client_id;
  family.rotating = client.refresh_token.rotating;
  family.created_at = family.last_exchanged_at = now;
  if (!client.refresh_token.infinite_token_lifetime)
    family.expires_at = now + std::chrono::seconds(client.refresh_token.token_lifetime);
  family.idle_expires_at = idle_expiry(client, now);
  return out;
}

void make_online(model::RefreshTokenFamily& family) {
  family.online = true;
  family.rotating = false;
  family.expires_at = family.idle_expires_at = std::nullopt;
}

void insert_family(const store::Writer& w, const NewFamily& made) {
  store::refresh_tokens::insert_family(w, made.family);
  model::RefreshToken token;
  token.refresh_token_id = made.handle.id;
  token.family_id = made.family.family_id;
  token.counter = made.family.token_counter;
  token.created_at = made.family.created_at;
  store::refresh_tokens::insert(w, token, made.handle.secret_hash);
}

}  // namespace segue::oauth
