#include "oauth/new_family.h"

#include "store/refresh_tokens.h"

namespace segue::oauth {
namespace {

namespace rts = store::refresh_tokens;

constexpr std::int64_t kMostFamilies = 200;  // contract §4.1: of one user at one client

// Sign-ins that happen at once do not see one another: for a moment there may be a few more, until the next one.
void end_the_oldest(const store::Writer& w, const model::RefreshTokenFamily& family, const model::Client& client,
                    const audit::Event& sign_in) {
  const auto now = family.created_at;
  const auto beyond = rts::list_beyond(w, family.user_id, family.client_id, kMostFamilies, now);
  if (beyond.empty()) return;
  std::int64_t ended = 0;
  for (const auto id : beyond) ended += rts::revoke_family(w, id, model::revocation_cascades(&client), now) ? 1 : 0;
  auto row = sign_in;
  row.type = "resource_cleanup";
  row.user_id = family.user_id;
  row.audience.clear();
  row.scope.clear();
  row.description = "The user's oldest refresh tokens at this application ended: it holds at most 200 of one user.";
  const auto start = kMostFamilies + static_cast<std::int64_t>(beyond.size());
  row.details =
      json::object{{"resource", "refresh_tokens"}, {"start", start}, {"removedCount", ended}, {"endCount", start - ended}};
  audit::append(w, row, now);
}

}  // namespace

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

void insert_family(const store::Writer& w, const NewFamily& made, const model::Client& client, const audit::Event& row) {
  rts::insert_family(w, made.family);
  model::RefreshToken token;
  token.refresh_token_id = made.handle.id;
  token.family_id = made.family.family_id;
  token.counter = made.family.token_counter;
  token.created_at = made.family.created_at;
  rts::insert(w, token, made.handle.secret_hash);
  end_the_oldest(w, made.family, client, row);
}

}  // namespace segue::oauth
