// A tenant's own mail server (contract §9.12 emails): what its mails go by in place of the operator's.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "mail/sender.h"
#include "outbound/client.h"
#include "store/settings_documents.h"
#include "tenancy/key_file.h"

namespace segue::mail {

// One mailbox with or without a name: `Acme <no-reply@acme.example>`.
struct Mailbox {
  std::string name, address;
};
// Nothing when it is none, or holds what could begin a header.
std::optional<Mailbox> parse_mailbox(std::string_view text);

// Whether mails go by it. `document`: of the settings; null: there is none.
bool is_in_use(const json::object* document);
// "HOST:PORT"
std::string server_of(const json::object& document);
// Who is waited for when it takes no mails: with another server, user or password it is somebody else. Tells no password.
std::string receiver_of(const store::settings_documents::Document& document);

struct Provider {
  SmtpOptions server;
  std::optional<Mailbox> from;  // default_from_address
};
// What stands there as it is used: TLS by STARTTLS, from the start on port 465; no private address unless the operator allows it.
base::Result<Provider> read_provider(const store::settings_documents::Document& document, const tenancy::KeyFile& key_file,
                                     base::TenantId tenant, const outbound::Options& outbound);

}  // namespace segue::mail
