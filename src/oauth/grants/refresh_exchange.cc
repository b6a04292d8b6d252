#include "oauth/grants/refresh_exchange.h"

#include <algorithm>

#include "crypto/digest.h"
#include "oauth/consent.h"
#include "oauth/dpop/presentation.h"
#include "oauth/new_family.h"
#include "oauth/organization.h"
#include "oauth/permissions.h"
#include "sessions/lifetimes.h"
#include "sessions/live_session.h"
#include "store/grants.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

namespace rts = store::refresh_tokens;

// contract §4.3: the client was switched since the family was last used. The next exchange is a rotation either way.
bool begins_to_rotate(const model::RefreshTokenFamily& family, const model::Client& client) {
  return !family.rotating && !family.online && client.refresh_token.rotating;
}
bool ceases_to_rotate(const model::RefreshTokenFamily& family, const model::Client& client) {
  return family.rotating && !client.refresh_token.rotating;
}

// Whether nothing above the family, nor the family itself, has ended. Locks root first: parents, session, grant, then the family.
bool lock_live_family(const store::Writer& w, RefreshFacts& facts, const RefreshPresentation& p) {
  const auto now = p.now;
  const auto& seen = facts.family;
  if (!sessions::ancestors_live(w, seen.ancestry, now)) return false;
  if (seen.online) {
    facts.session = sessions::lock_usable(w, p.tenant.tenant(), *seen.session_id, now);
    if (!facts.session) return facts.failure_reason = "session_not_found", false;
  } else if (seen.ends_with_session && !(seen.session_id && sessions::is_live(w, *seen.session_id, now))) {
    return false;
  }
  // Before the grant, as everywhere, where an Action changes the session.
  if (seen.session_id && !p.effects.session.is_empty()) store::sessions::lock(w, *seen.session_id);
  const auto grant = store::grants::lock_standing(w, seen.grant_id);
  if (!grant || grant->revoked) return facts.failure_reason = "grant_revoked", false;
  if (!store::excludes_other_writers(w)) {
    if (begins_to_rotate(seen, p.client)) rts::lock_non_rotating(w, seen.user_id, seen.client_id, seen.audience);
    auto locked = rts::lock_family(w, seen.family_id);
    if (!locked) return false;
    facts.family = std::move(*locked);
  }
  if (facts.family.revoked_at) return facts.failure_reason = "grant_revoked", false;
  const auto over = [&](const std::optional<base::Instant>& end) { return end && *end <= now; };
  return !over(facts.family.expires_at) && !over(facts.family.idle_expires_at);
}

// contract §4.4: the immediately previous token, within the leeway of its first exchange, while its successor is unused.
bool is_within_leeway(const store::Writer& w, const model::RefreshToken& token, const RefreshFacts& facts,
                      const RefreshPresentation& p) {
  return p.client.refresh_token.leeway > 0 && token.consumed_at && token.successor_id &&
         token.counter == facts.family.token_counter - 1 &&
         p.now < *token.consumed_at + std::chrono::seconds(p.client.refresh_token.leeway) &&
         rts::is_unused(w, *token.successor_id);
}

RefreshOutcome check_resource(const store::Writer& w, RefreshFacts& facts, const RefreshPresentation& p) {
  facts.resource =
      refresh_resource(w, {p.tenant, p.client, facts.family, facts.session ? &*facts.session : nullptr, p.audience, p.scope});
  switch (facts.resource.answer) {
    case RefreshResource::Answer::unlisted: return RefreshOutcome::wrong_audience;
    case RefreshResource::Answer::consent_missing: return RefreshOutcome::consent_missing;
    case RefreshResource::Answer::granted: break;
  }
  const auto api = facts.resource.audience.empty() ? nullptr : p.tenant.resource_server(facts.resource.audience, &w);
  return dpop::check_demand_of(api.get(), p.client, p.jkt).ok() ? RefreshOutcome::exchanged : RefreshOutcome::key_demanded;
}

RefreshOutcome check_request(const store::Writer& w, RefreshFacts& facts, const RefreshPresentation& p) {
  if (!p.for_session_transfer) return check_resource(w, facts, p);
  if (!p.client.session_transfer || !p.client.session_transfer->can_create_session_transfer_token)
    return RefreshOutcome::creation_disabled;
  if (facts.family.online) return RefreshOutcome::online;
  if (facts.family.ancestry.parent_family_id != base::RowId{}) return RefreshOutcome::nested;
  if (facts.family.password_epoch != facts.user->password_epoch) return RefreshOutcome::password_changed;
  facts.resource.scope = narrowed(facts.family.scope, p.scope);
  return RefreshOutcome::exchanged;
}

// The user's permissions are those of this moment, also for what an Action adds.
void apply_permissions(const store::Writer& w, RefreshFacts& facts, const RefreshPresentation& p) {
  auto& resource = facts.resource;
  const auto api = resource.audience.empty() ? nullptr : p.tenant.resource_server(resource.audience, &w);
  auto left = permitted(w, {p.tenant, p.client, api.get(), facts.family.user_id, facts.family.organization_id},
                        with_scopes(resource.scope, p.effects));
  resource.scope = std::move(left.scope);
  resource.permissions = std::move(left.permissions);
}

void rotate(const store::Writer& w, const model::RefreshToken& token, RefreshFacts& facts, const RefreshPresentation& p) {
  if (!rts::consume(w, token.refresh_token_id, p.handle.secret_hash, p.successor_id, p.now))
    throw base::Bug("a locked refresh token changed");
  const bool is_made = p.successor.id == p.successor_id;
  const auto secret_hash =
      is_made ? p.successor.secret_hash : tenancy::derive_successor(p.tenant.keys(), p.handle.secret, p.successor_id).secret_hash;
  model::RefreshToken successor;
  successor.refresh_token_id = p.successor_id;
  successor.family_id = facts.family.family_id;
  successor.counter = token.counter + 1;
  successor.created_at = p.now;
  rts::insert(w, successor, secret_hash);
  facts.family.token_counter = successor.counter;
  facts.successor_id = p.successor_id;
  if (begins_to_rotate(facts.family, p.client))
    rts::revoke_non_rotating(w, facts.family, model::revocation_cascades(&p.client), p.now);
  facts.family.rotating = p.client.refresh_token.rotating;
}

// A family that had no end gets one once its client has a maximum lifetime; one that has an end keeps it (contract §4.3).
std::optional<base::Instant> expiry(const model::RefreshTokenFamily& family, const RefreshPresentation& p) {
  if (family.expires_at || p.client.refresh_token.infinite_token_lifetime) return family.expires_at;
  return p.now + std::chrono::seconds(p.client.refresh_token.token_lifetime);
}

// contract §4.7: the session's idle timer begins again; its end stays.
bool extend(const store::Writer& w, model::Session session, const RefreshPresentation& p) {
  session.last_interacted_at = p.now;
  session.idle_expires_at = std::min(p.now + sessions::lifetimes_of(p.tenant.tenant(), session).idle, session.expires_at);
  const bool clamped = shorten(session, p.effects.session);
  store::sessions::touch(w, session);
  return clamped;
}

// What the pipeline wants of what is stored. `user` was locked for change before.
void write_effects(const store::Writer& w, RefreshFacts& facts, const RefreshPresentation& p) {
  const auto& effects = p.effects;
  if (effects.changes_user()) change_user(w, *facts.user, effects, p.now);
  if (effects.refresh_token.metadata)
    store::refresh_tokens::set_metadata(w, facts.family.family_id, *effects.refresh_token.metadata);
  if (effects.session.is_empty() || !facts.family.session_id) return;
  if (effects.session.metadata) store::sessions::set_metadata(w, *facts.family.session_id, *effects.session.metadata);
  if (facts.session || !(effects.session.expires_at || effects.session.idle_expires_at)) return;
  // An offline token's session goes on by itself: only its ends come nearer.
  auto session = store::sessions::lock(w, *facts.family.session_id);
  if (!session || session->session.revoked_at) return;
  facts.clamped = shorten(session->session, effects.session) || facts.clamped;
  store::sessions::touch(w, session->session);
}

// When and from where it was last used. A token that neither rotates nor goes idle is written at most once a minute: nothing but
// the time shown to an administrator would change.
void record(const store::Writer& w, RefreshFacts& facts, const RefreshPresentation& p) {
  const auto& family = facts.family;
  // What lives in a session has no end of its own, unless an Action gave it one.
  auto ends = family;
  ends.idle_expires_at = family.online ? std::nullopt : idle_expiry(p.client, p.now);
  ends.expires_at = family.online ? family.expires_at : expiry(family, p);
  facts.clamped = shorten(ends, p.effects.refresh_token) || facts.clamped;
  const auto& idle_expires_at = ends.idle_expires_at;
  const auto& expires_at = ends.expires_at;
  const bool decides = facts.successor_id || idle_expires_at || family.idle_expires_at || expires_at != family.expires_at;
  if (!decides && family.last_ip == p.ip && p.now - family.last_exchanged_at < std::chrono::minutes(1)) return;
  rts::record_exchange(w, family.family_id,
                       {.token_counter = family.token_counter,
                        .rotating = family.rotating,
                        .expires_at = expires_at,
                        .idle_expires_at = idle_expires_at,
                        .ip = p.ip,
                        .user_agent = p.user_agent,
                        .asn = p.asn},
                       p.now);
}

}  // namespace

RefreshFacts present_refresh_token(const store::Writer& w, const RefreshPresentation& p) {
  RefreshFacts facts;
  const auto found = rts::find(w, p.handle.id);
  if (!found || !crypto::equal_in_constant_time(found->secret_hash, p.handle.secret_hash)) return facts;
  auto family = rts::find_family(w, found->token.family_id);
  // Another client's token is unknown to this one, and stays as it was.
  if (!family || family->client_id != p.client.client_id || family->online != p.online) return facts;
  facts.family = std::move(*family);
  facts.presented_counter = found->token.counter;
  // Before a replay is judged: whoever lacks the key gets nothing from a token, not even the end of its family.
  // A client that lost its secret has nothing to prove an online refresh token with that was not bound to a key.
  const bool unbound = facts.family.online && p.client.is_public() && facts.family.dpop_jkt.empty();
  if (unbound || (!facts.family.dpop_jkt.empty() && facts.family.dpop_jkt != p.jkt)) {
    facts.outcome = RefreshOutcome::wrong_key;
    return facts;
  }
  // The user before the ancestors, as in every transaction: deleting a user locks in that order too.
  // Deleting a user revokes what the user held, and has a text of its own (contract §1.5).
  facts.user = p.effects.changes_user() ? store::users::find_for_change(w, facts.family.user_id)
                                        : store::users::lock(w, facts.family.user_id);
  if (!facts.user) {
    facts.outcome = RefreshOutcome::user_gone;
    return facts;
  }
  facts.outcome = RefreshOutcome::over;
  if (!lock_live_family(w, facts, p)) return facts;

  // Under the family's lock the token's state is final: another rotation has committed or waits.
  const auto token = store::excludes_other_writers(w) ? found->token : rts::find(w, p.handle.id)->token;
  const bool first_use = token.state == model::OneTimeState::issued;
  const bool replay_in_leeway = !first_use && is_within_leeway(w, token, facts, p);
  if (!first_use && !replay_in_leeway) {
    const bool cascades = model::revocation_cascades(&p.client);
    rts::revoke_family(w, facts.family.family_id, cascades, p.now);
    facts.outcome = RefreshOutcome::reused;
    return facts;
  }

  if (facts.user->blocked) return facts.outcome = RefreshOutcome::user_blocked, facts;
  if (lacks_consent(w, p.client, {p.tenant, p.client.client_id, facts.family.user_id, facts.family.audience, facts.family.scope}))
    return facts.outcome = RefreshOutcome::consent_missing, facts;
  if (!organization_admits(w, {p.tenant, facts.family.organization_id, facts.family.user_id, facts.family.connection_id}))
    return facts.outcome = RefreshOutcome::organization_left, facts;
  facts.outcome = check_request(w, facts, p);
  if (facts.outcome != RefreshOutcome::exchanged) return facts;
  if (!p.for_session_transfer) apply_permissions(w, facts, p);

  if (replay_in_leeway) {
    facts.successor_id = token.successor_id;
  } else if (facts.session) {
    facts.clamped = extend(w, *facts.session, p);
  } else if (p.client.refresh_token.rotating || ceases_to_rotate(facts.family, p.client)) {
    rotate(w, token, facts, p);
  }
  record(w, facts, p);
  write_effects(w, facts, p);
  return facts;
}

}  // namespace segue::oauth
