#include "oauth/authorize/continue_sign_in.h"

#include "oauth/authorize/existing_session.h"
#include "oauth/authorize/foreign_sign_in.h"
#include "oauth/authorize/invitation.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/permissions.h"
#include "sessions/live_session.h"
#include "store/authorize_transactions.h"
#include "store/grants.h"
#include "store/organization_members.h"
#include "store/refresh_tokens.h"
#include "store/session_transfer_tokens.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

OrganizationUse organization_of(const SignInContext& c, std::string_view user_id, std::string_view connection_id) {
  return {.tenant = c.tenant,
          .organization_id = c.validated.request.organization,
          .user_id = user_id,
          .connection_id = connection_id};
}

// The token's ancestors and settings, once more: they were good when it was spent.
bool transfer_holds(const store::Writer& w, const SignInContext& c, StandingSignIn& standing) {
  const auto& token = *standing.token;
  const auto creator = c.tenant.client(token.client_id, &w);
  if (!creator || !creator->session_transfer || !creator->session_transfer->can_create_session_transfer_token) return false;
  if (!c.tenant.connection_serves(token.connection_id, c.validated.client->client_id, &w)) return false;
  const auto grant = store::grants::lock_standing(w, token.grant_id);
  const auto family = store::refresh_tokens::lock_standing(w, token.family_id, c.now);
  if (!grant || grant->revoked || !family || family->revoked || family->expired) return false;
  standing.basis.transfer_expires_at = family->expires_at;
  if (!organization_admits(w, organization_of(c, token.user_id, token.connection_id))) return false;
  // Another user's session, begun meanwhile, is neither joined nor ended.
  return !standing.basis.existing || standing.basis.existing->user_id == token.user_id;
}

bool still_holds(const store::Writer& w, const SignInContext& c, const SignInEvidence& evidence, StandingSignIn& standing) {
  auto& basis = standing.basis;
  switch (evidence.how) {
    case SignInEvidence::How::password:
      basis.password = true;
      basis.connection_id = evidence.connection_id;
      basis.password_at = evidence.at;
      return c.tenant.connection_serves(evidence.connection_id, c.validated.client->client_id, &w);
    case SignInEvidence::How::session:
      if (!basis.existing || basis.existing->session_id != evidence.session_id) return false;
      basis.session = &*basis.existing;
      return session_suffices(w, c.tenant, c.validated, *basis.existing, evidence.at);
    case SignInEvidence::How::transfer: {
      auto found = store::session_transfer_tokens::find(w, evidence.session_transfer_token_id);
      if (!found || found->token.user_id != evidence.user_id) return false;
      // An administrator ended the handoff while the person was asked.
      if (found->token.state == model::OneTimeState::revoked) return false;
      standing.token = std::move(found->token);
      basis.transfer = &*standing.token;
      basis.transfer_compared = &evidence.transfer_compared;
      return transfer_holds(w, c, standing);
    }
  }
  return false;
}

}  // namespace

ContinuedSignIn::Ending recheck(const store::Writer& w, const InterruptedSignIn& i, StandingSignIn& standing) {
  using Ending = ContinuedSignIn::Ending;
  const auto& c = i.context;
  // The user before the ancestors, as in every transaction; for change at once where it will be changed.
  const bool is_invited = c.validated.request.invitation_row_id != base::RowId{};
  if ((is_invited || i.evidence.effects.changes_user()) && !store::users::find_for_change(w, i.evidence.user_id))
    return Ending::over;
  const auto user = store::users::lock_standing(w, i.evidence.user_id);
  // A password that changed since the person was identified proves nothing any more.
  if (!user || user->password_epoch != i.evidence.password_epoch) return Ending::over;
  if (user->blocked) return Ending::blocked;

  if (i.cookie) standing.basis.existing = sessions::lock_usable(w, c.tenant.tenant(), *i.cookie, c.now);
  if (!check_organization(c.tenant, *c.validated.client, c.validated.request.organization, &w).ok()) return Ending::over;
  if (!still_holds(w, c, i.evidence, standing)) return Ending::over;
  standing.user = store::users::find(w, i.evidence.user_id);
  if (!standing.user) return Ending::over;
  if (!admits(w, c, *standing.user)) return Ending::another_person;
  if (is_invited) {
    standing.invitation = open_invitation(w, c, *standing.user, i.evidence);
    return standing.invitation ? Ending::opened : Ending::not_invited;
  }
  if (standing.basis.password) {
    const auto use = organization_of(c, i.evidence.user_id, i.evidence.connection_id);
    if (!organization_admits(w, use)) {
      standing.joins_organization = joins_on_login(w, use);
      if (!standing.joins_organization) return Ending::not_a_member;
    }
  }
  return Ending::opened;
}

ContinuedSignIn continue_sign_in(const store::Writer& w, const InterruptedSignIn& i) {
  using Ending = ContinuedSignIn::Ending;
  namespace transactions = store::authorize_transactions;
  const auto& effects = i.evidence.effects;
  ContinuedSignIn out;
  StandingSignIn standing;
  out.ending = recheck(w, i, standing);
  if (out.ending != Ending::opened) return out;
  out.user = std::move(standing.user);
  // What an Action adds is an API's scope like any other: only who has it as a permission gets it.
  const auto resource = permitted(w, i.context.tenant, *i.context.validated.client, with_scopes(i.context.resource, effects),
                                  i.evidence.user_id, i.context.validated.request.organization);
  const auto c = i.context.on(resource);

  out.step = next_step(w, {.tenant = c.tenant, .validated = c.validated, .resource = c.resource, .evidence = i.evidence});
  if (out.step != nullptr) {
    const auto evidence = to_text(i.evidence);
    const bool moved = c.validated.request.prompt_none
                           ? transactions::finish(w, i.transaction_id, c.now)
                           : transactions::await(w, i.transaction_id, {i.at, out.step->name, evidence}, c.now);
    out.ending = moved ? Ending::waits : Ending::finished_before;
    return out;
  }
  if (!transactions::finish(w, i.transaction_id, c.now)) return out.ending = Ending::finished_before, std::move(out);
  if (standing.invitation) accept_invitation(w, c, *standing.invitation, *out.user);
  if (standing.joins_organization)
    join_organization(w, c.call, c.validated.client.get(), c.validated.request.organization, *out.user, c.now);
  out.opened = open_session(w, c, standing.basis, *out.user, effects);
  return out;
}

}  // namespace segue::oauth
