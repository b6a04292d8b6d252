#include "login/mail_link.h"

#include "base/bytes.h"
#include "http/cookies.h"
#include "http/parameters.h"

namespace segue::login {

http::Response hide_secret(const MailLink& link, const tenancy::TenantKeys& keys, const std::string& ticket) {
  auto response = http::redirect_response(std::string(link.path));
  // Only what can be a ticket is put into a header.
  if (tenancy::parse_handle(keys, link.kind, ticket)) {
    http::set_cookie(
        response, {.name = std::string(link.cookie), .value = ticket, .expires = std::nullopt, .same_site = http::SameSite::lax});
  } else {
    http::expire_cookie(response, link.cookie);
  }
  return response;
}

std::optional<HeldTicket> held_ticket(const MailLink& link, const tenancy::TenantKeys& keys, const http::Request& request) {
  const auto cookies = http::cookie_values(request, link.cookie);
  if (cookies.size() != 1) return std::nullopt;
  auto handle = tenancy::parse_handle(keys, link.kind, cookies.front());
  if (!handle) return std::nullopt;
  return HeldTicket{cookies.front(), std::move(*handle)};
}

std::string csrf_of(const MailLink& link, const tenancy::TenantKeys& keys, std::string_view ticket) {
  return base::base64url(keys.derivation.mac("link_csrf|" + std::string(link.path) + "|" + std::string(ticket)));
}

std::string result_target(const std::string& result_url, std::string_view message, std::string_view email) {
  http::Parameters query;
  query.add("supportSignUp", "true");
  query.add("supportForgotPassword", "true");
  if (!email.empty()) query.add("email", std::string(email));
  query.add("success", "true");
  query.add("code", "success");
  query.add("message", std::string(message));
  return http::append_query(result_url, query);
}

audit::Event row_of_link(const http::Call& call, const tenancy::Snapshot& tenant, const model::User* user,
                         const model::Client* client, std::string type) {
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
    row.user_id = user->subject();
    row.user_name = user->email;
    if (const auto connection = tenant.connection(user->connection_id)) {
      row.connection = connection->name;
      row.connection_id = connection->connection_id;
      row.strategy = connection->strategy;
      row.strategy_type = "database";
    }
    row.details["email"] = user->email;
  }
  return row;
}

}  // namespace segue::login
