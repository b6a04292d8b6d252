#include "login/reset_page.h"

#include "base/text.h"
#include "connections/password_policy.h"
#include "http/cookies.h"
#include "interaction/pages.h"
#include "login/forms.h"
#include "login/routes.h"
#include "store/password_tickets.h"
#include "tenancy/handles.h"

namespace segue::login {
namespace {

namespace tickets = store::password_tickets;

// __Host-: no subdomain and no plain-HTTP page can plant it (RFC 6265bis §4.1.3.2).
constexpr std::string_view kTicketCookie = "__Host-segue_reset";
constexpr std::string_view kPath = "/lo/reset";

// A ticket that may still be used, and whose password it would change.
struct OpenTicket {
  std::string text;  // as the browser holds it
  tenancy::PresentedHandle handle;
  tickets::Ticket ticket;
  model::User user;
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
    // The secret leaves the address at once, for a cookie that no script reads and no other site is told of.
    if (const auto ticket = query.find("ticket")) {
      auto response = http::redirect_response(std::string(kPath));
      // Only what can be a ticket is put into a header.
      if (tenancy::parse_handle(tenant_of(call)->keys(), model::HandleKind::password_ticket, *ticket)) {
        http::set_cookie(
            response,
            {.name = std::string(kTicketCookie), .value = *ticket, .expires = std::nullopt, .same_site = http::SameSite::lax});
      } else {
        http::expire_cookie(response, kTicketCookie);
      }
      return response;
    }
    const auto open = TRY(open_ticket(call));
    return page(call, open, {});
  }

  base::Result<http::Response> submit(const http::Call& call) {
    const auto form = TRY(read_plain_form(call));
    auto open = open_ticket(call);
    if (!open.ok()) return fail(call, nullptr, open.error());
    TRY(require_csrf(form, csrf_of(call, open->text)));
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

  std::string csrf_of(const http::Call& call, std::string_view ticket) const {
    return base::base64url(tenant_of(call)->keys().derivation.mac("reset_csrf|" + std::string(ticket)));
  }

  base::Result<OpenTicket> open_ticket(const http::Call& call) const {
    const auto tenant = tenant_of(call);
    const auto cookies = http::cookie_values(call.request, kTicketCookie);
    if (cookies.size() != 1) return used_up();
    auto handle = tenancy::parse_handle(tenant->keys(), model::HandleKind::password_ticket, cookies.front());
    if (!handle) return used_up();
    const auto now = services_.clock.now();
    return services_.tenants.store().read(call.tenant, [&](const store::Reader& r) -> base::Result<OpenTicket> {
      auto found = tickets::find(r, handle->id);
      if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle->secret_hash)) return used_up();
      auto user = store::users::find(r, found->ticket.user_id);
      const bool stands = user && !user->blocked && !found->ticket.used_at && found->ticket.expires_at > now &&
                          user->password_epoch == found->ticket.password_epoch &&
                          base::ascii_lower(user->email) == found->ticket.email;
      auto connection = stands ? tenant->connection(user->connection_id, &r) : nullptr;
      if (!connection) return used_up();
      return OpenTicket{cookies.front(), std::move(*handle), std::move(found->ticket), std::move(*user), std::move(connection)};
    });
  }

  http::Response page(const http::Call& call, const OpenTicket& open, const std::string& alert, int status = 200) const {
    const auto tenant = tenant_of(call);
    return interaction::pages::reset_password_page(
        {.tenant_name = json::find_string(tenant->tenant().settings, "friendly_name").value_or(call.domain),
         .action = std::string(kPath),
         .csrf = csrf_of(call, open.text),
         .username = open.user.email,
         .rules = connections::judge_password(options_of(*open.connection), "").policy(),
         .alert = alert},
        status);
  }

  // The ticket is spent in the transaction that sets the password: of any number of attempts one finds it.
  base::Result<http::Response> change(const http::Call& call, const OpenTicket& open, const std::string& hash) {
    const auto tenant = tenant_of(call);
    const auto client = tenant->client(open.ticket.client_id);
    const auto now = services_.clock.now();
    const auto row = row_of(call, &open.user, client.get(), "scp");
    const auto changed = services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
      auto user = store::users::find_for_change(w, open.user.user_id);
      if (!user || user->blocked) return false;
      if (!tickets::consume(w, open.ticket.password_ticket_id, open.handle.secret_hash, *user, now)) return false;
      // The link came by that address.
      user->email_verified = true;
      user->updated_at = now;
      store::users::update(w, *user);
      connections::change_password(w, services_.triggers,
                                   {.call = call, .tenant = *tenant, .connection = *open.connection, .client = client.get()},
                                   *user, hash, now);
      audit::append(w, row, now);
      return true;
    });
    if (!changed) return fail(call, &open.user, used_up());
    auto response = interaction::pages::message_page(
        200, "Your password is changed", "You can sign in with your new password. Other devices are signed out.", call.request_id,
        {.href = client ? client->initiate_login_uri : std::string(), .label = "Sign in"});
    http::expire_cookie(response, kTicketCookie);
    return response;
  }

  base::Error fail(const http::Call& call, const model::User* user, base::Error error) {
    push_failure(call, user, "The link does not work any more");
    return error;
  }

  void push_failure(const http::Call& call, const model::User* user, std::string_view why) {
    auto row = row_of(call, user, nullptr, "fcp");
    row.description = why;
    services_.failures.push(call.tenant, std::move(row));
  }

  audit::Event row_of(const http::Call& call, const model::User* user, const model::Client* client, std::string type) const {
    audit::Event row;
    row.type = std::move(type);
    row.ip = call.caller_address;
    row.client_ip = call.request.peer_address;
    row.user_agent = call.user_agent();
    row.hostname = call.domain;
    if (client != nullptr) {
      row.client_id = client->client_id;
      row.client_name = client->name;
    }
    if (user != nullptr) {
      row.user_id = user->user_id;
      row.user_name = user->email;
      if (const auto connection = tenant_of(call)->connection(user->connection_id)) {
        row.connection = connection->name;
        row.connection_id = connection->connection_id;
        row.strategy = connection->strategy;
        row.strategy_type = "database";
      }
      row.details["email"] = user->email;
    }
    return row;
  }

  const ResetServices services_;
};

}  // namespace

void add_reset_routes(http::Router& router, const ResetServices& services) {
  const auto routes = std::make_shared<ResetRoutes>(services);
  router.add({.method = http::Method::get,
              .path = std::string(kPath),
              .face = reset_face,
              .handler = [routes](http::Call& call) { return routes->show(call); },
              .summary = "Where the link of a mail leads: asks for a new password"});
  router.add({.method = http::Method::post,
              .path = std::string(kPath),
              .face = reset_face,
              .handler = [routes](http::Call& call) { return routes->submit(call); },
              .lane = http::Lane::hashing,
              .body_limit = kFormLimit,
              .summary = "Sets the new password and spends the link"});
}

}  // namespace segue::login
