#include "oauth/actions/action_pipeline.h"

#include "base/bytes.h"
#include "crypto/digest.h"
#include "oauth/actions/actions_way.h"
#include "oauth/actions/commands.h"
#include "oauth/actions/event.h"
#include "oauth/actions/role_answers.h"
#include "oauth/origin.h"
#include "store/identities.h"
#include "store/refresh_tokens.h"
#include "store/role_members.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

namespace rts = store::refresh_tokens;

std::optional<actions_event::ParentToken> parent_of(const store::Reader& r, const model::Ancestry& ancestry) {
  if (ancestry.parent_family_id == base::RowId{}) return std::nullopt;
  const auto family = rts::find_family(r, ancestry.parent_family_id);
  if (!family) return std::nullopt;
  return actions_event::ParentToken{family->public_id, rts::metadata(r, family->family_id)};
}

constexpr int kMostRoles = 1000;

actions_event::Facts read_facts(const store::Reader& r, const SignIn& s) {
  actions_event::Facts out;
  if (s.session != nullptr) {
    out.session_metadata = store::sessions::metadata(r, s.session->session_id);
    out.session_clients = store::sessions::list_clients(r, s.session->session_id);
    out.session_parent = parent_of(r, s.session->ancestry);
  }
  if (s.family != nullptr) {
    out.refresh_token_metadata = rts::metadata(r, s.family->family_id);
    out.refresh_token_parent = parent_of(r, s.family->ancestry);
  }
  out.roles = store::role_members::roles_of(r, {.user_id = s.user->user_id, .organization_id = s.organization_id},
                                            {.page = 0, .per_page = kMostRoles});
  return out;
}

audit::Event row_of(const SignIn& s) {
  auto row = event_of(s.call, "", s.client.get());
  row.ip = s.origin.ip;
  set_user(row, *s.user, s.tenant.connection(s.connection_id).get());
  row.organization_id = s.organization_id;
  if (s.session_transfer_token != nullptr) row.transfer_id = s.session_transfer_token->transfer_id;
  if (s.family != nullptr) row.transfer_id = s.family->ancestry.transfer_id;
  return row;
}

// contract §8.5: an Action that has just linked the user to another lets the sign-in go on as that one. Nothing: they are not.
std::optional<model::User> primary_of(const SignIn& s, const std::string& user_id) {
  if (!s.by_password) return std::nullopt;
  return s.tenant.store().read(s.tenant.tenant().id, [&](const store::Reader& r) -> std::optional<model::User> {
    // The user first: a password that changes from here on is a new epoch of theirs, and the sign-in asks for it when it commits.
    auto user = store::users::find(r, user_id);
    const auto identity = store::identities::find(r, s.user->user_id);
    const bool stands =
        user && identity && identity->linked_to == user_id &&
        crypto::equal_in_constant_time(base::as_bytes(identity->password_hash), base::as_bytes(s.user->password_hash));
    return stands ? std::move(user) : std::nullopt;
  });
}

constexpr std::string_view kNoPrimary =
    "api.authentication.setPrimaryUser: whoever signs in must have done so with a password, and must be linked to that user";

bool cascades(const store::Writer& w, const tenancy::Snapshot& tenant, std::string_view client_id) {
  return model::revocation_cascades(tenant.client(client_id, &w).get());
}

// The one thing that a refusal leaves: what the Action revoked (contract §8.5). The user first, as everywhere.
void revoke(const SignIn& s, const PostLoginOutcome& outcome, base::Instant now) {
  if (!outcome.revokes_session && !outcome.revokes_refresh_token) return;
  s.tenant.store().write(s.tenant.tenant().id, [&](const store::Writer& w) {
    if (!store::users::find_for_change(w, s.user->user_id)) return false;
    // An online refresh token ends with its session, and its session with it (contract §4.7).
    const bool online = s.family != nullptr && s.family->online;
    if (s.session != nullptr && (outcome.revokes_session || online)) {
      store::sessions::revoke(w, s.session->session_id, now);
      if (outcome.revokes_session && !outcome.keeps_refresh_tokens) {
        for (const auto& client_id : rts::list_clients_of_user(w, s.user->user_id))
          rts::revoke_families_in(w, s.user->user_id, client_id, s.session->session_id, cascades(w, s.tenant, client_id), now);
      }
    }
    if (s.family != nullptr && (outcome.revokes_refresh_token || !outcome.keeps_refresh_tokens) &&
        rts::revoke_family(w, s.family->family_id, cascades(w, s.tenant, s.family->client_id), now)) {
      auto row = row_of(s);
      row.type = "srrt";
      row.description = outcome.refusal->description;
      row.audience = s.family->audience;
      row.details = revoked_details(*s.family, s.session != nullptr ? s.session->sid : std::string());
      audit::append(w, row, now);
    }
    return true;
  });
}

}  // namespace

SignInResult ActionPipeline::run(const SignIn& s) {
  const auto facts = s.tenant.store().read(s.tenant.tenant().id, [&](const store::Reader& r) { return read_facts(r, s); });
  auto way = s.back != nullptr ? way_after(*s.tenant.bindings(kPostLogin), s.back->suspended)
                               : ActionsWay{.bound = *s.tenant.bindings(kPostLogin)};
  if (way.transaction_id.empty()) way.transaction_id = s.call.request_id;
  const bool can_redirect = s.request != nullptr && !s.silent;
  const auto ran = triggers_.run(s.tenant, way.bound,
                                 {.trigger = kPostLogin,
                                  .event = actions_event::post_login(s, facts, way),
                                  .row = row_of(s),
                                  .can_redirect = can_redirect,
                                  .continues = way.continues,
                                  .answer = answers_about(facts.roles)});
  SignInResult out;
  if (s.back != nullptr) out.effects = s.back->effects;
  if (ran.failure) {
    out.refusal = ran.failure;
  } else {
    const auto now = clock_.now();
    auto outcome = post_login_outcome(ran.results, {.before = out.effects,
                                                    .transaction_metadata = way.transaction_metadata,
                                                    .continues = way.continues,
                                                    .session_metadata = facts.session_metadata,
                                                    .refresh_token_metadata = facts.refresh_token_metadata,
                                                    .has_session = s.session != nullptr,
                                                    .exchanges_refresh_token = s.family != nullptr,
                                                    .can_redirect = can_redirect,
                                                    .makes_saml_response = s.request != nullptr && s.request->is_foreign(),
                                                    .now = now});
    // Linked before, they are that user already.
    if (outcome.primary_user_id && *outcome.primary_user_id != s.user->user_id && !outcome.refusal) {
      out.primary = primary_of(s, *outcome.primary_user_id);
      if (!out.primary) outcome.refusal = SignInRefusal{"access_denied", std::string(kNoPrimary)};
    }
    if (outcome.refusal) {
      revoke(s, outcome, now);
      out.refusal = std::move(outcome.refusal);
    } else {
      out.effects = std::move(outcome.effects);
      if (outcome.redirect_url) {
        out.redirect = SignInRedirect{std::move(*outcome.redirect_url),
                                      suspended(way, ran.results.size(), std::move(outcome.transaction_metadata))};
      }
    }
  }
  if (!ran.execution_id.empty()) out.effects.executions.push_back(ran.execution_id);
  return out;
}

}  // namespace segue::oauth
