// What links of mails share (docs/decisions/0026): the secret leaves the address at once, for a cookie that no script reads;
// looking changes nothing, because mail scanners follow links.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "audit/event.h"
#include "http/call.h"
#include "http/message.h"
#include "model/client.h"
#include "model/directory.h"
#include "tenancy/handles.h"

namespace segue::login {

struct MailLink {
  model::HandleKind kind;
  std::string_view path;
  std::string_view cookie;  // __Host-: no subdomain and no plain-HTTP page can plant it (RFC 6265bis §4.1.3.2)
};

// The same path without the secret.
http::Response hide_secret(const MailLink& link, const tenancy::TenantKeys& keys, const std::string& ticket);
struct HeldTicket {
  std::string text;  // as the browser holds it
  tenancy::PresentedHandle handle;
};
std::optional<HeldTicket> held_ticket(const MailLink& link, const tenancy::TenantKeys& keys, const http::Request& request);
std::string csrf_of(const MailLink& link, const tenancy::TenantKeys& keys, std::string_view ticket);

// Where whoever used the link is sent: result_url with what came of it.
std::string result_target(const std::string& result_url, std::string_view message, std::string_view email);

// Outside of transactions.
audit::Event row_of_link(const http::Call& call, const tenancy::Snapshot& tenant, const model::User* user,
                         const model::Client* client, std::string type);

}  // namespace segue::login
