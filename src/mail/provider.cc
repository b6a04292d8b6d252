#include "mail/provider.h"

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "tenancy/email_provider.h"

namespace segue::mail {
namespace {

constexpr std::int64_t kSubmission = 587;            // RFC 6409 §3.1
constexpr std::int64_t kSubmissionOverTls = 465;     // RFC 8314 §3.3
constexpr std::chrono::milliseconds kLimit{15'000};  // half of the operator's: others wait behind it

}  // namespace

std::optional<Mailbox> parse_mailbox(std::string_view text) {
  text = base::trim(text);
  Mailbox out{.name = {}, .address = std::string(text)};
  if (text.ends_with('>')) {
    const auto open = text.rfind('<');
    if (open == std::string_view::npos) return std::nullopt;
    out.address = text.substr(open + 1, text.size() - open - 2);
    auto name = base::trim(text.substr(0, open));
    if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    out.name = name;
  }
  if (!outbound::is_mailbox(out.address) || !base::is_free_of_controls(out.name)) return std::nullopt;
  return out;
}

bool is_in_use(const json::object* document) {
  return document != nullptr && json::find_string(*document, "name") == "smtp" &&
         json::find_bool(*document, "enabled").value_or(true);
}

std::string server_of(const json::object& document) {
  const auto credentials = json::object_or_empty(document, "credentials");
  const auto host = json::find_string(credentials, "smtp_host").value_or("");
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" +
         std::to_string(json::find_integer(credentials, "smtp_port").value_or(kSubmission));
}

std::string receiver_of(const store::settings_documents::Document& document) {
  const auto credentials = json::write(json::object_or_empty(document.document, "credentials"));
  return server_of(document.document) + " " + base::base64url(crypto::sha256(credentials + "\n" + document.sealed));
}

base::Result<Provider> read_provider(const store::settings_documents::Document& document, const tenancy::KeyFile& key_file,
                                     base::TenantId tenant, const outbound::Options& outbound) {
  const auto credentials = json::object_or_empty(document.document, "credentials");
  const bool tls = json::find_integer(credentials, "smtp_port").value_or(kSubmission) == kSubmissionOverTls;
  Provider out;
  out.server.url = (tls ? "smtps://" : "smtp://") + server_of(document.document);
  TRY(outbound::check_smtp_url(out.server.url));
  out.server.username = json::find_string(credentials, "smtp_user").value_or("");
  out.server.password = TRY(tenancy::open_email_password(key_file, tenant, document.sealed));
  out.server.ca_file = outbound.ca_file;
  out.server.time_limit = kLimit;
  out.server.public_only = !outbound.allow_private;
  out.server.names = outbound.names;
  out.from = parse_mailbox(json::find_string(document.document, "default_from_address").value_or(""));
  return out;
}

}  // namespace segue::mail
