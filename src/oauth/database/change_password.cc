#include "oauth/database/change_password.h"

#include "base/text.h"
#include "mail/templates/accounts.h"
#include "mail/tenant_template.h"
#include "oauth/database/errors.h"
#include "oauth/database/request.h"
#include "oauth/origin.h"
#include "protection/request_throttle.h"
#include "store/identities.h"
#include "store/password_tickets.h"
#include "store/users.h"
#include "tenancy/handles.h"

namespace segue::oauth::database {
namespace {

namespace tickets = store::password_tickets;
using protection::kResetsOfAccount, protection::kResetsOfAddress, protection::Throttled;

constexpr std::size_t kLongestIdentifier = 254;

http::Response sent() {
  http::Response response;
  response.headers.set("content-type", "text/plain; charset=utf-8");
  response.headers.set("cache-control", "no-store");
  response.body = "We've just sent you an email to reset your password.";
  return response;
}

bool lets_people_change_passwords(const model::Connection& connection) {
  const auto* const options = options_of(connection);
  return options == nullptr || !json::find_bool(*options, "disable_self_service_change_password").value_or(false);
}

class NewPassword {
 public:
  NewPassword(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant)
      : services_(services),
        call_(call),
        tenant_(tenant),
        now_(services.clock.now()),
        lifetime_(mail::link_lifetime(tenant, mail::kResetEmail)) {}

  base::Result<http::Response> run(const http::Parameters& sent_parameters) {
    row_ = event_of(call_, "fcpr", nullptr);
    auto place = find_place(tenant_, sent_parameters);
    if (!place.ok()) return refuse(place.error());
    place_ = std::move(*place);
    row_.client_id = place_.client->client_id;
    row_.client_name = place_.client->name;
    if (!place_.connection) {
      row_.description = "No such connection";
      services_.failures.push(call_.tenant, row_);
      return no_connection();
    }
    row_.connection = place_.connection->name;
    row_.connection_id = place_.connection->connection_id;
    row_.strategy = place_.connection->strategy;
    row_.strategy_type = "database";

    identifier_ =
        base::ascii_lower(base::trim(sent_parameters.find("email").value_or(sent_parameters.find("username").value_or(""))));
    if (identifier_.empty()) return refuse(bad_request("invalid_request", "Missing required parameter: email"));
    if (identifier_.size() > kLongestIdentifier || !base::is_free_of_controls(identifier_))
      return refuse(bad_request("invalid_request", "email: this is no e-mail address"));
    row_.user_name = identifier_;
    row_.details["body"] =
        json::object{{"client_id", place_.client->client_id}, {"connection", place_.connection->name}, {"email", identifier_}};
    account_ = place_.connection->connection_id + "|" + identifier_;
    return decide();
  }

 private:
  enum class Outcome { mailed, address_throttled, account_throttled, no_user, blocked, closed };

  base::Error refuse(base::Error error) {
    row_.description = error.description;
    services_.failures.push(call_.tenant, row_);
    return error;
  }

  // Everything that takes time is done for everybody: who has no account is answered as slowly as who has one.
  base::Result<http::Response> decide() {
    auto& store = services_.tenants.store();
    const auto early = store.read(call_.tenant, [&](const store::Reader& r) {
      if (protection::is_address_throttled(r, kResetsOfAddress, call_.caller_address, now_)) return Outcome::address_throttled;
      return protection::is_throttled(r, kResetsOfAccount, account_, now_) ? Outcome::account_throttled : Outcome::mailed;
    });
    if (early == Outcome::address_throttled) return throttled();
    if (early != Outcome::mailed) return tell(early);

    const auto known = store.read(call_.tenant, [&](const store::Reader& r) {
      return store::users::find_by_identifier(r, place_.connection->connection_id, identifier_);
    });
    const auto handle =
        tenancy::make_handle(tenant_.keys(), services_.random, model::HandleKind::password_ticket, store.ids().next());
    const auto mail = services_.mails.seal(call_.tenant, message(known ? known->email : identifier_, known, handle), lifetime_);
    return tell(services_.tenants.write_on(tenant_, [&](const store::Writer& w) { return write(w, known, handle, mail); }));
  }

  mail::Message message(const std::string& to, const std::optional<model::User>& user, const tenancy::NewHandle& handle) const {
    // The domain is one of the tenant's, as registered: no header makes it up (design §8.9).
    const auto link = "https://" + call_.domain + "/lo/reset?ticket=" + base::percent_encode(handle.text.reveal());
    auto out = mail::in_words_of_tenant(
        mail::templates::password_reset(
            {.to = to,
             .tenant_name = json::find_string(tenant_.tenant().settings, "friendly_name").value_or(call_.domain),
             .link = link,
             .valid_for = lifetime_}),
        {.name = mail::kResetEmail,
         .tenant = tenant_,
         .domain = call_.domain,
         .client = place_.client.get(),
         .connection = place_.connection.get(),
         .user = user ? &*user : nullptr,
         .url = link});
    out.user_id = user ? user->subject() : "";
    out.client_id = place_.client->client_id;
    out.connection = place_.connection->name;
    return out;
  }

  Outcome write(const store::Writer& w, const std::optional<model::User>& known, const tenancy::NewHandle& handle,
                const store::mails::Mail& mail) const {
    if (protection::count_address(w, kResetsOfAddress, call_.caller_address, now_) == Throttled::yes)
      return Outcome::address_throttled;
    if (protection::count(w, kResetsOfAccount, account_, now_) == Throttled::yes) return Outcome::account_throttled;
    if (!lets_people_change_passwords(*place_.connection)) return Outcome::closed;
    // Of an identity that is linked to a user: the password is its own, and they may be blocked.
    const auto held = known ? store::identities::lock(w, known->user_id) : std::nullopt;
    // Another address than the mail was written for: who asks again gets theirs.
    if (!held || held->identity.email.empty() || held->identity.email != known->email) return Outcome::no_user;
    if (held->subject.blocked) return Outcome::blocked;
    const auto* const user = &held->identity;
    tickets::insert(w,
                    {.password_ticket_id = handle.id,
                     .user_id = user->user_id,
                     .email = user->email,
                     .password_epoch = user->password_epoch,
                     .client_id = place_.client->client_id,
                     .created_at = now_,
                     .expires_at = now_ + lifetime_},
                    handle.secret_hash);
    store::mails::insert(w, mail);
    auto row = row_;
    row.type = "scpr";
    set_user(row, *user, place_.connection.get());
    audit::append(w, row, now_);
    return Outcome::mailed;
  }

  base::Error throttled() {
    row_.description = "Too many requests for a new password from this address";
    services_.failures.push(call_.tenant, row_);
    return too_many_attempts();
  }

  base::Result<http::Response> tell(Outcome outcome) {
    switch (outcome) {
      case Outcome::mailed: return sent();
      case Outcome::address_throttled: return throttled();
      case Outcome::account_throttled: row_.description = "Too many requests for a new password of this account"; break;
      case Outcome::no_user: row_.description = "The user does not exist, or has no e-mail address."; break;
      case Outcome::blocked: row_.description = "user is blocked"; break;
      case Outcome::closed: row_.description = "The connection does not let people change their passwords."; break;
    }
    services_.failures.push(call_.tenant, row_);
    return sent();
  }

  const Services& services_;
  const http::Call& call_;
  const tenancy::Snapshot& tenant_;
  const base::Instant now_;
  const base::Duration lifetime_;  // of the link
  Place place_;
  std::string identifier_, account_;
  audit::Event row_;  // of a refusal
};

}  // namespace

base::Result<http::Response> request_new_password(const Services& services, const http::Call& call) {
  const auto request = TRY(read_request(call.request));
  return services.tenants.on_current(call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) {
    return NewPassword(services, call, *tenant).run(request.parameters);
  });
}

}  // namespace segue::oauth::database
