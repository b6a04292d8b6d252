#include "oauth/authorize/hosted_sign_up.h"

#include "base/text.h"
#include "connections/identifiers.h"
#include "connections/password_policy.h"
#include "oauth/authorize/invitation.h"
#include "oauth/authorize/sign_up_offer.h"
#include "oauth/authorize/stored_request.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

using database::SignUpRefusal;

constexpr std::string_view kSignUpPage = "signup";

base::Error sign_ups_closed() {
  return {.kind = base::ErrorKind::forbidden,
          .code = "public_signup_disabled",
          .description = "New accounts cannot be made here. Ask the administrator for one, or sign in with yours.",
          .status = 403};
}

base::Error for_another(const std::string& email) {
  return access_denied("The invitation is for " + email + ": sign up with this address.");
}

database::DatabaseRequest request_of(const database::Place& place, const interaction::NewPerson& person) {
  database::DatabaseRequest out;
  out.parameters.add("client_id", place.client->client_id);
  out.parameters.add("connection", place.connection->name);
  out.parameters.add("email", person.email);
  if (!person.username.empty()) out.parameters.add("username", person.username);
  out.parameters.add("password", std::string(person.password.reveal()));
  return out;
}

// In words for the person, and no more of others' accounts than the API tells (contract §5.5).
std::string alert_of(const SignUpRefusal& refusal) {
  const auto& error = refusal.error;
  switch (refusal.why) {
    case SignUpRefusal::Why::weak_password: return "This password is too weak. " + refusal.verdict->missing() + ".";
    case SignUpRefusal::Why::taken:
      if (error.code == "user_exists") return "There is an account with this email address. Sign in with it.";
      if (error.code == "username_exists") return "This username is taken. Choose another one.";
      return "No account could be made with these details. If you have one, sign in with it.";
    default: return error.description;
  }
}

base::Result<interaction::SignUpAnswer> answer_of(const SignUpRefusal& refusal) {
  switch (refusal.why) {
    case SignUpRefusal::Why::closed: return sign_ups_closed();
    case SignUpRefusal::Why::not_invited:
    case SignUpRefusal::Why::failed:
    case SignUpRefusal::Why::no_connection: return refusal.error;
    case SignUpRefusal::Why::throttled: return interaction::SignUpAnswer{.alert = alert_of(refusal), .status = 429};
    default: return interaction::SignUpAnswer{.alert = alert_of(refusal)};
  }
}

}  // namespace

base::Result<interaction::PendingSignUp> HostedSignUp::pending_sign_up(const http::Call& call, std::string_view state) {
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto stored = TRY(open_stored(services_, *tenant, call, state, "", services_.clock.now()));
  interaction::PendingSignUp out{.request = TRY(sign_in_.pending(call, state))};
  const auto& connection = *out.request.connection;
  out.asks_username = connections::requires_username(connection);
  out.password_rules = connections::judge_password(options_of(connection), "").policy();
  out.csrf = page_signature(*tenant, stored.transaction, kSignUpPage);
  return out;
}

base::Result<interaction::SignUpAnswer> HostedSignUp::sign_up(const http::Call& call, const interaction::PendingSignUp& pending,
                                                              const interaction::NewPerson& person) {
  const auto go_on = [&](const model::User& user) -> base::Result<interaction::SignUpAnswer> {
    // The session names the connection of the page, and the user is one of it.
    if (user.connection_id != pending.request.connection->connection_id) return expired_request();
    return interaction::SignUpAnswer{.response = TRY(sign_in_.complete(call, pending.request, user))};
  };
  // Back from the lane where Actions run: the account is made.
  if (const auto* const made = std::any_cast<model::User>(&call.request.carried)) return go_on(*made);

  const auto* const before = std::any_cast<database::SignUpProgress>(&call.request.carried);
  auto progress = before == nullptr ? database::SignUpProgress{} : *before;
  const auto opened = TRY(services_.tenants.on_current(call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) {
    return open(call, tenant, pending, person, progress);
  }));
  if (opened.goes_on) return interaction::SignUpAnswer{.response = http::continue_on(*opened.goes_on, progress)};
  if (opened.refusal) return answer_of(*opened.refusal);
  return go_on(opened.account->user);
}

base::Result<database::SignUpOutcome> HostedSignUp::open(const http::Call& call,
                                                         const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                                         const interaction::PendingSignUp& pending,
                                                         const interaction::NewPerson& person,
                                                         database::SignUpProgress& progress) {
  const auto now = services_.clock.now();
  const auto stored = TRY(open_stored(services_, *tenant, call, pending.request.state, "", now));
  const auto& request = stored.request;
  const auto validated = validated_again(*tenant, request);
  if (!validated) return expired_request();
  const auto offer = sign_up_offer(services_, *tenant, *validated, now);
  // What the page showed, and the sign-in will go on with.
  if (!offer.connection || offer.connection->connection_id != pending.request.connection->connection_id) return expired_request();

  const auto not_for = [&](base::Error error) -> database::SignUpOutcome {
    services_.failures.push(
        call.tenant, failed_invitation(call, *validated->client, {.user_id = {}, .email = person.email}, request.organization));
    return {.refusal = SignUpRefusal{SignUpRefusal::Why::not_invited, std::move(error)}};
  };
  if (offer.is_over) return not_for(not_invited());
  if (!offer.invited_email.empty() && base::ascii_lower(base::trim(person.email)) != offer.invited_email)
    return not_for(for_another(offer.invited_email));

  const database::Place place{.client = validated->client, .connection = offer.connection};
  const auto sent = request_of(place, person);
  database::SignUpAttempt attempt{
      .call = call, .tenant = *tenant, .place = place, .sent = sent, .is_open = offer.is_open, .request = &request};
  if (!offer.invited_email.empty()) {
    attempt.is_still_invited = [&](const store::Writer& w) {
      return invites(w, *tenant, request, offer.invited_email, place.connection->connection_id, now);
    };
  }
  auto opened = database::open_account(services_, triggers_, attempt, progress);
  if (opened.refusal && opened.refusal->why == SignUpRefusal::Why::not_invited) return not_for(not_invited());
  return opened;
}

}  // namespace segue::oauth
