#include "login/reset_page.h"

#include "base/text.h"
#include "connections/password_policy.h"
#include "http/cookies.h"
#include "interaction/pages.h"
#include "login/forms.h"
#include "login/mail_link.h"
#include "login/routes.h"
#include "store/identities.h"
#include "store/password_tickets.h"

namespace segue::login {
namespace {

namespace tickets = store::password_tickets;

constexpr MailLink kResetLink{.kind = model::HandleKind::password_ticket, .path = "/lo/reset", .cookie = "__Host-segue_reset"};

// A ticket that may still be used, and whose password it would change.
struct OpenTicket {
  HeldTicket held;
  tickets::Ticket ticket;
  model::User user;  // or an identity that is linked to one: the password is its own
  std::shared_ptr<const model::Connection> connection;
};

base::Error used_up() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "expired",
          .description =
              "A link to set a new password works once and for a limited time, and only until the password or the "
              "e-mail address is another. Ask for a new one.",
          .status = 400};
}

http::Response reset_face(const base::Error& error, const http::Call& call) {
  if (error.code != "expired") return page_face(error, call);
  return interaction::pages::message_page(400, "This link does not work any more", error.description, call.request_id);
}

class ResetRoutes {
 public:
  explicit ResetRoutes(const ResetServices& services) : services_(services) {}

  base::Result<http::Response> show(const http::Call& call) {
    const auto query = TRY(unique_parameters(call.request.query));
    if (const auto ticket = query.find("ticket")) return hide_secret(kResetLink, tenant_of(call)->keys(), *ticket);
    const auto open = TRY(open_ticket(call));
    return page(call, open, {});
  }

  base::Result<http::Response> submit(const http::Call& call) {
    const auto form = TRY(read_plain_form(call));
    auto open = open_ticket(call);
    if (!open.ok()) return fail(call, nullptr, open.error());
    TRY(require_csrf(form, csrf(call, *open)));
    const auto password = form.find("new_password").value_or("");
    if (!crypto::Secret(password).equals_in_constant_time(form.find("confirm_password").value_or("")))
      return page(call, *open, "The two passwords are not the same.", 400);
    const auto verdict = connections::judge_password(options_of(*open->connection), password);
    if (!verdict.verified) {
      push_failure(call, &open->user, "Password is too weak");
      return page(call, *open, "This password is too weak. " + verdict.missing() + ".", 400);
    }
    return change(call, *open, services_.password_login.hash(crypto::Secret(password)));
  }

 private:
  std::shared_ptr<const tenancy::Snapshot> tenant_of(const http::Call& call) const {
    return services_.tenants.snapshot(call.tenant);
  }

  std::string csrf(const http::Call& call, const OpenTicket& open) const {
    return csrf_of(kResetLink, tenant_of(call)->keys(), open.held.text);
  }

  base::Result<OpenTicket> open_ticket(const http::Call& call) const {
    const auto tenant = tenant_of(call);
    auto held = held_ticket(kResetLink, tenant->keys(), call.request);
    if (!held) return used_up();
    const auto now = services_.clock.now();
    return services_.tenants.store().read(call.tenant, [&](const store::Reader& r) -> base::Result<OpenTicket> {
      auto found = tickets::find(r, held->handle.id);
      if (!found || !crypto::equal_in_constant_time(found->secret_hash, held->handle.secret_hash)) return used_up();
      auto user = store::identities::find(r, found->ticket.user_id);
      const auto subject = user ? store::identities::find_subject(r, *user) : std::nullopt;
      const bool stands = subject && !subject->blocked && !found->ticket.used_at && found->ticket.expires_at > now &&
                          user->password_epoch == found->ticket.password_epoch &&
                          base::ascii_lower(user->email) == found->ticket.email;
      auto connection = stands ? tenant->connection(user->connection_id, &r) : nullptr;
      if (!connection) return used_up();
      return OpenTicket{std::move(*held), std::move(found->ticket), std::move(*user), std::move(connection)};
    });
  }

  http::Response page(const http::Call& call, const OpenTicket& open, const std::string& alert, int status = 200) const {
    const auto tenant = tenant_of(call);
    return interaction::pages::reset_password_page(
        {.tenant_name = json::find_string(tenant->tenant().settings, "friendly_name").value_or(call.domain),
         .action = std::string(kResetLink.path),
         .csrf = csrf(call, open),
         .username = open.user.email,
         .rules = connections::judge_password(options_of(*open.connection), "").policy(),
         .alert = alert,
         .redirect_origin = open.ticket.result_url},
        status);
  }

  // The ticket is spent in the transaction that sets the password: of any number of attempts one finds it.
  base::Result<http::Response> change(const http::Call& call, const OpenTicket& open, const std::string& hash) {
    const auto tenant = tenant_of(call);
    const auto client = tenant->client(open.ticket.client_id);
    const auto now = services_.clock.now();
    const auto row = row_of_link(call, *tenant, &open.user, client.get(), "scp");
    const auto changed = services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
      auto held = store::identities::find_for_change(w, open.user.user_id);
      if (!held || held->subject.blocked) return false;
      auto& user = held->identity;
      if (!tickets::consume(w, open.ticket.password_ticket_id, open.held.handle.secret_hash, user, now)) return false;
      user.email_verified = user.email_verified || open.ticket.verifies_email;
      user.updated_at = now;
      store::users::update(w, user);
      connections::change_password(w, services_.triggers,
                                   {.call = call, .tenant = *tenant, .connection = *open.connection, .client = client.get()},
                                   user, hash, now);
      audit::append(w, row, now);
      return true;
    });
    if (!changed) return fail(call, &open.user, used_up());
    constexpr std::string_view kDone = "You can now login to the application with the new password.";
    auto response =
        open.ticket.result_url.empty()
            ? interaction::pages::message_page(
                  200, "Your password is changed", "You can sign in with your new password. Other devices are signed out.",
                  call.request_id, {.href = client ? client->initiate_login_uri : std::string(), .label = "Sign in"})
            : http::redirect_response(
                  result_target(open.ticket.result_url, kDone, open.ticket.tells_email ? open.user.email : ""));
    http::expire_cookie(response, kResetLink.cookie);
    return response;
  }

  base::Error fail(const http::Call& call, const model::User* user, base::Error error) {
    push_failure(call, user, "The link does not work any more");
    return error;
  }

  void push_failure(const http::Call& call, const model::User* user, std::string_view why) {
    auto row = row_of_link(call, *tenant_of(call), user, nullptr, "fcp");
    row.description = why;
    services_.failures.push(call.tenant, std::move(row));
  }

  const ResetServices services_;
};

}  // namespace

void add_reset_routes(http::Router& router, const ResetServices& services) {
  const auto routes = std::make_shared<ResetRoutes>(services);
  router.add({.method = http::Method::get,
              .path = std::string(kResetLink.path),
              .face = reset_face,
              .handler = [routes](http::Call& call) { return routes->show(call); },
              .summary = "Where the link of a mail leads: asks for a new password"});
  router.add({.method = http::Method::post,
              .path = std::string(kResetLink.path),
              .face = reset_face,
              .handler = [routes](http::Call& call) { return routes->submit(call); },
              .lane = http::Lane::hashing,
              .body_limit = kFormLimit,
              .summary = "Sets the new password and spends the link"});
}

}  // namespace segue::login
