#include "login/verify_page.h"

#include "base/text.h"
#include "http/cookies.h"
#include "interaction/pages.h"
#include "login/forms.h"
#include "login/mail_link.h"
#include "login/routes.h"
#include "mail/email_verification.h"
#include "mail/templates/accounts.h"
#include "store/email_tickets.h"
#include "store/identities.h"
#include "store/users.h"

namespace segue::login {
namespace {

namespace email_tickets = store::email_tickets;

constexpr MailLink kVerifyLink{
    .kind = model::HandleKind::email_ticket, .path = "/lo/verify_email", .cookie = "__Host-segue_verify"};
constexpr auto kWelcomeIsWorth = std::chrono::days(5);

base::Error verify_used_up() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "expired",
          .description =
              "A link to confirm an e-mail address works once and for a limited time, and only while the address is the "
              "account's. Ask for a new one.",
          .status = 400};
}

http::Response verify_face(const base::Error& error, const http::Call& call) {
  if (error.code != "expired") return page_face(error, call);
  return interaction::pages::message_page(400, "This link does not work any more", error.description, call.request_id);
}

class VerifyRoutes {
 public:
  explicit VerifyRoutes(const VerifyServices& services) : services_(services) {}

  // Shows a button and verifies nothing: a scanner that follows links would confirm an address for whoever made the account.
  base::Result<http::Response> show(const http::Call& call) {
    const auto tenant = services_.tenants.snapshot(call.tenant);
    const auto query = TRY(unique_parameters(call.request.query));
    if (const auto ticket = query.find("ticket")) return hide_secret(kVerifyLink, tenant->keys(), *ticket);
    const auto open = TRY(open_ticket(call, *tenant));
    http::Parameters hidden;
    hidden.add("csrf", csrf_of(kVerifyLink, tenant->keys(), open.held.text));
    return interaction::pages::form_page({.heading = "Confirm your e-mail address",
                                          .lead = "Is this address yours?",
                                          .subject = open.user.email,
                                          .action = std::string(kVerifyLink.path),
                                          .hidden = std::move(hidden),
                                          .buttons = {{.label = "Yes, confirm it"}},
                                          .redirect_origin = open.ticket.result_url});
  }

  base::Result<http::Response> submit(const http::Call& call) {
    const auto tenant = services_.tenants.snapshot(call.tenant);
    const auto form = TRY(read_plain_form(call));
    auto open = open_ticket(call, *tenant);
    if (!open.ok()) return fail(call, nullptr, open.error());
    TRY(require_csrf(form, csrf_of(kVerifyLink, tenant->keys(), open->held.text)));
    return verify(call, *tenant, *open);
  }

 private:
  struct Open {
    HeldTicket held;
    email_tickets::Ticket ticket;
    model::User user;  // or an identity that is linked to one: the address is its own
  };

  base::Result<Open> open_ticket(const http::Call& call, const tenancy::Snapshot& tenant) const {
    auto held = held_ticket(kVerifyLink, tenant.keys(), call.request);
    if (!held) return verify_used_up();
    const auto now = services_.clock.now();
    return services_.tenants.store().read(call.tenant, [&](const store::Reader& r) -> base::Result<Open> {
      auto found = email_tickets::find(r, held->handle.id);
      if (!found || !crypto::equal_in_constant_time(found->secret_hash, held->handle.secret_hash)) return verify_used_up();
      auto user = store::identities::find(r, found->ticket.user_id);
      const auto subject = user ? store::identities::find_subject(r, *user) : std::nullopt;
      const bool stands = subject && !subject->blocked && !found->ticket.used_at && found->ticket.expires_at > now &&
                          base::ascii_lower(user->email) == found->ticket.email;
      if (!stands) return verify_used_up();
      return Open{std::move(*held), std::move(found->ticket), std::move(*user)};
    });
  }

  // The ticket is spent in the transaction that marks the address.
  base::Result<http::Response> verify(const http::Call& call, const tenancy::Snapshot& tenant, const Open& open) {
    const auto client = tenant.client(open.ticket.client_id);
    const auto welcome = welcome_mail(call, tenant, client.get(), open.user);
    const auto now = services_.clock.now();
    auto row = row_of_link(call, tenant, &open.user, client.get(), "sv");
    row.description = "Your email was verified. You can continue using the application.";
    row.details["title"] = "Email Verification";
    const auto verified = services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
      auto held = store::identities::find_for_change(w, open.user.user_id);
      if (!held || held->subject.blocked) return false;
      auto& user = held->identity;
      if (!email_tickets::consume(w, open.ticket.email_ticket_id, open.held.handle.secret_hash, user, now)) return false;
      const bool is_first = !user.email_verified;
      user.email_verified = true;
      user.updated_at = now;
      store::users::update(w, user);
      if (welcome && is_first) store::mails::insert(w, *welcome);
      audit::append(w, row, now);
      return true;
    });
    if (!verified) return fail(call, &open.user, verify_used_up());
    return answer(call, client.get(), open);
  }

  static http::Response answer(const http::Call& call, const model::Client* client, const Open& open) {
    constexpr std::string_view kDone = "Your email was verified. You can continue using the application.";
    auto response = open.ticket.result_url.empty()
                        ? interaction::pages::message_page(
                              200, "Your e-mail address is confirmed", kDone, call.request_id,
                              {.href = client != nullptr ? client->initiate_login_uri : std::string(), .label = "Sign in"})
                        : http::redirect_response(
                              result_target(open.ticket.result_url, kDone, open.ticket.tells_email ? open.user.email : ""));
    http::expire_cookie(response, kVerifyLink.cookie);
    return response;
  }

  // Before the transaction. Nothing where the tenant asks for none.
  std::optional<store::mails::Mail> welcome_mail(const http::Call& call, const tenancy::Snapshot& tenant,
                                                 const model::Client* client, const model::User& user) const {
    if (!mail::is_asked_for(tenant, mail::kWelcomeEmail)) return std::nullopt;
    const auto connection = tenant.connection(user.connection_id);
    auto message = mail::in_words_of_tenant(
        mail::templates::welcome(user.email, json::find_string(tenant.tenant().settings, "friendly_name").value_or(call.domain)),
        {.name = mail::kWelcomeEmail,
         .tenant = tenant,
         .domain = call.domain,
         .client = client,
         .connection = connection.get(),
         .user = &user});
    message.user_id = user.subject();
    return services_.mails.seal(call.tenant, message, kWelcomeIsWorth);
  }

  base::Error fail(const http::Call& call, const model::User* user, base::Error error) {
    auto row = row_of_link(call, *services_.tenants.snapshot(call.tenant), user, nullptr, "fv");
    row.description = "The link does not work any more";
    services_.failures.push(call.tenant, std::move(row));
    return error;
  }

  const VerifyServices services_;
};

}  // namespace

void add_verify_routes(http::Router& router, const VerifyServices& services) {
  const auto routes = std::make_shared<VerifyRoutes>(services);
  router.add({.method = http::Method::get,
              .path = std::string(kVerifyLink.path),
              .face = verify_face,
              .handler = [routes](http::Call& call) { return routes->show(call); },
              .summary = "Where the link of a mail leads: asks whether the address is the person's"});
  router.add({.method = http::Method::post,
              .path = std::string(kVerifyLink.path),
              .face = verify_face,
              .handler = [routes](http::Call& call) { return routes->submit(call); },
              .body_limit = kFormLimit,
              .summary = "Verifies the address and spends the link"});
}

}  // namespace segue::login
