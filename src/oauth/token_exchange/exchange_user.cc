#include "oauth/token_exchange/exchange_user.h"

#include "oauth/errors.h"
#include "store/identities.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

// contract §9.9: an application signs in by the connections that are enabled for it, whoever names the user.
base::Outcome check_connection(const TokenRequest& request, const model::Connection& connection) {
  if (request.tenant->connection_serves(connection.connection_id, request.client->client_id)) return base::Unit{};
  return invalid_request("The connection " + connection.name +
                         " is not enabled for this client. Enable it with PATCH /api/v2/connections/{id}/clients.");
}

std::optional<model::User> look_up(const TokenRequest& request, const std::string& user_id) {
  const auto& tenant = *request.tenant;
  return tenant.store().read(tenant.tenant().id, [&](const store::Reader& r) { return store::users::find(r, user_id); });
}

// The identity of this user_id, and whom it signs in: itself, or the user that it is linked to.
std::optional<store::identities::Held> look_up_identity(const TokenRequest& request, const std::string& user_id) {
  const auto& tenant = *request.tenant;
  return tenant.store().read(tenant.tenant().id, [&](const store::Reader& r) -> std::optional<store::identities::Held> {
    auto identity = store::identities::find(r, user_id);
    auto subject = identity ? store::identities::find_subject(r, *identity) : std::nullopt;
    if (!subject) return std::nullopt;
    return store::identities::Held{std::move(*identity), std::move(*subject)};
  });
}

base::Result<ExchangeUser> named_by_id(const TokenRequest& request, const std::string& user_id) {
  auto user = look_up(request, user_id);
  if (!user) return error_of(ExchangeStanding::gone, {});
  ExchangeUser out{.user = std::move(*user), .connection = {}, .asserted = {}};
  out.connection = request.tenant->connection(out.user.connection_id);
  if (!out.connection) return error_of(ExchangeStanding::gone, {});
  return out;
}

base::Result<ExchangeUser> named_by_connection(const TokenRequest& request, const UserByConnection& named) {
  ExchangeUser out{.user = {}, .connection = {}, .asserted = {}, .creates = named.creates, .replaces = named.replaces};
  out.connection = request.tenant->connection_named(named.connection);
  if (!out.connection || out.connection->strategy != "auth0")
    return invalid_request("api.authentication.setUserByConnection: the connection is no database connection of this tenant.");
  out.asserted = TRY(connections::read_asserted_user(*out.connection, named.attributes));
  auto stored = look_up_identity(request, out.asserted->user_id);
  if (stored) {
    const auto& identity = stored->identity;
    out.user = std::move(stored->subject);
    if (identity.connection_id != out.connection->connection_id) return error_of(ExchangeStanding::elsewhere, {});
    if (!identity.linked_to.empty()) {
      out.identity_id = identity.user_id;
    } else if (out.replaces) {
      connections::replace_attributes(out.user, *out.asserted, request.now);
    }
  } else if (out.creates) {
    out.user = TRY(connections::new_asserted_user(*out.connection, *out.asserted, request.now));
  } else {
    return error_of(ExchangeStanding::gone, {});
  }
  return out;
}

// Whether they may act in the organization, by membership or by one that the sign-in gives.
bool may_act(const store::Reader& r, const ExchangeStorage& s, std::string_view user_id, bool& joins) {
  const OrganizationUse use{*s.request.tenant, s.organization_id, user_id, s.wanted.connection->connection_id};
  if (organization_admits(r, use)) return true;
  return joins = joins_on_login(r, use);
}

bool changes(const ExchangeStorage& s) { return s.wanted.replaces || s.effects.changes_user(); }

// False: somebody has the user_id, the e-mail address or the user name. Nothing is written then.
bool create(const store::Writer& w, const ExchangeStorage& s, StoredExchangeUser& out) {
  auto user = connections::new_asserted_user(*s.wanted.connection, *s.wanted.asserted, s.request.now).value();
  change_metadata(user, s.effects);
  if (store::users::insert(w, user) != store::users::Written::done) return false;
  // As every later transaction reads it.
  out.user = store::users::find(w, user.user_id).value();
  out.standing = ExchangeStanding::good;
  return true;
}

// The attributes are the identity's that was named, the metadata is the user's.
void change(const store::Writer& w, const ExchangeStorage& s, model::User& identity, StoredExchangeUser& out) {
  auto& user = out.user;
  const bool is_linked = !identity.linked_to.empty();
  const auto attributes = s.wanted.replaces
                              ? connections::replace_attributes(is_linked ? identity : user, *s.wanted.asserted, s.request.now)
                              : connections::AssertedChange::none;
  const bool metadata = change_metadata(user, s.effects);
  if (attributes == connections::AssertedChange::none && !metadata) return;
  user.updated_at = s.request.now;
  if ((is_linked && store::users::update(w, identity) == store::users::Written::taken) ||
      store::users::update(w, user) == store::users::Written::taken) {
    out.standing = ExchangeStanding::identifier_taken;
  } else if (attributes == connections::AssertedChange::identifier) {
    store::users::end_sessions(w, user.user_id, s.request.now);
  }
}

// The user, locked, and the identity that was named.
std::optional<store::identities::Held> hold(const store::Writer& w, const ExchangeStorage& s) {
  const auto &user_id = s.wanted.user.user_id, &identity_id = s.wanted.identity_id;
  if (identity_id.empty()) {
    auto user = changes(s) ? store::users::find_for_change(w, user_id) : store::users::lock(w, user_id);
    if (!user) return std::nullopt;
    return store::identities::Held{.identity = *user, .subject = std::move(*user)};
  }
  auto held = changes(s) ? store::identities::find_for_change(w, identity_id) : store::identities::lock(w, identity_id);
  // Linked to another, or to none, it is not whom post-login has let pass.
  if (held && held->subject.user_id != user_id) return std::nullopt;
  return held;
}

// True: the user is there, and what is to be said of them is said.
bool use_stored(const store::Writer& w, const ExchangeStorage& s, StoredExchangeUser& out) {
  const auto& user_id = s.wanted.user.user_id;
  auto held = hold(w, s);
  if (!held) return false;
  out.user = std::move(held->subject);
  if (held->identity.connection_id != s.wanted.connection->connection_id) {
    out.standing = ExchangeStanding::elsewhere;
  } else if (out.user.blocked) {
    out.standing = ExchangeStanding::blocked;
  } else if (!may_act(w, s, user_id, out.joins_organization)) {
    out.standing = ExchangeStanding::not_a_member;
  } else {
    out.standing = ExchangeStanding::good;
    if (changes(s)) change(w, s, held->identity, out);
  }
  return true;
}

}  // namespace

base::Result<ExchangeUser> find_exchange_user(const TokenRequest& request, const ExchangeDecision& decision) {
  auto out =
      TRY(decision.user_id ? named_by_id(request, *decision.user_id) : named_by_connection(request, *decision.by_connection));
  TRY(check_connection(request, *out.connection));
  if (out.user.blocked) return user_blocked();
  change_metadata(out.user, decision.effects);
  return out;
}

StoredExchangeUser store_exchange_user(const store::Writer& w, const ExchangeStorage& s) {
  StoredExchangeUser out;
  if (use_stored(w, s, out) || !s.wanted.creates || !s.wanted.identity_id.empty()) return out;
  if (!may_act(w, s, s.wanted.user.user_id, out.joins_organization)) {
    out.standing = ExchangeStanding::not_a_member;
    return out;
  }
  if (create(w, s, out)) return out;
  // Another exchange created the user since the look, and has committed; or an identifier is somebody else's.
  if (!use_stored(w, s, out)) out.standing = ExchangeStanding::identifier_taken;
  return out;
}

base::Error error_of(ExchangeStanding standing, std::string_view organization_id) {
  switch (standing) {
    case ExchangeStanding::gone: return invalid_request("The Action of this token exchange named a user who does not exist.");
    case ExchangeStanding::elsewhere:
      return invalid_request("The user_id that the Action of this token exchange named is a user's of another connection.");
    case ExchangeStanding::blocked: return user_blocked();
    case ExchangeStanding::not_a_member: return not_in_organization(organization_id);
    case ExchangeStanding::identifier_taken:
      return invalid_request(
          "The e-mail address or the user name that the Action of this token exchange gave is another user's of the connection.");
    case ExchangeStanding::good: break;
  }
  throw base::Bug("a good user is no error");
}

}  // namespace segue::oauth
