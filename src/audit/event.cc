#include "audit/event.h"

#include <string>
#include <vector>

#include "audit/record_text.h"
#include "base/bytes.h"
#include "base/text.h"
#include "store/logs.h"

namespace segue::audit {
namespace {

constexpr std::size_t kLongestDescription = 1024;
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestScope = 2048;
constexpr std::size_t kLongestDetails = 8192;

// Members in the order they are added; every name is ours and needs no escaping.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) {}
  void raw(std::string_view name, std::string_view json) {
    name_of(name);
    out_ += json;
  }
  void text(std::string_view name, std::string_view value, std::size_t limit = kLongestName) {
    name_of(name);
    append_json_string(out_, cut(value, limit));
  }
  void text_if_any(std::string_view name, std::string_view value, std::size_t limit = kLongestName) {
    if (!value.empty()) text(name, value, limit);
  }

 private:
  void name_of(std::string_view name) {
    out_ += out_.empty() ? '{' : ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  std::string& out_;
};

void shorten(json::value& v, std::size_t limit) {
  if (auto* const text = v.if_string()) {
    const auto kept = cut(json::to_view(*text), limit).size();
    if (kept < text->size()) text->resize(kept);
  } else if (auto* const members = v.if_object()) {
    for (auto& member : *members) shorten(member.value(), limit);
  } else if (auto* const items = v.if_array()) {
    for (auto& item : *items) shorten(item, limit);
  }
}

// Details may hold what a caller sent (a scope, a client id), so they are bounded as a whole.
std::string text_of(const json::object& details) {
  if (details.empty()) return "{}";
  auto out = boost::json::serialize(details);
  if (out.size() > kLongestDetails) {
    json::value shorter(details);
    shorten(shorter, kLongestName);
    out = json::write(shorter);
  }
  if (out.size() > kLongestDetails) return R"({"truncated":true})";
  if (base::is_valid_utf8(out)) return out;
  std::string clean;
  append_utf8(clean, out);
  return clean;
}

// {name, version, env} of the Auth0-Client header, or nothing when it is not what an SDK sends.
std::string decoded_auth0_client(std::string_view header) {
  constexpr std::size_t kLongestHeader = 2048, kLongestPart = 64, kMostParts = 8;
  if (header.empty() || header.size() > kLongestHeader) return {};
  while (header.ends_with('=')) header.remove_suffix(1);
  auto decoded = base::from_base64url(header);
  if (!decoded) decoded = base::from_base64(header);
  if (!decoded) return {};
  const auto parsed = json::parse(*decoded);
  if (!parsed.ok() || !parsed->is_object()) return {};
  const auto& sent = parsed->get_object();
  const auto name = json::find_string(sent, "name");
  const auto version = json::find_string(sent, "version");
  if (!name || !version) return {};

  std::string out;
  Members members(out);
  members.text("name", *name, kLongestPart);
  members.text("version", *version, kLongestPart);
  if (const auto* const env = json::find_object(sent, "env")) {
    out += ",\"env\":{";
    // What is cut or mended can make two names one, and a record with a name twice cannot be read again.
    std::vector<std::string> written;
    for (const auto& part : *env) {
      if (!part.value().is_string() || written.size() == kMostParts) continue;
      std::string key;
      append_json_string(key, cut({part.key().data(), part.key().size()}, kLongestPart));
      if (base::contains(written, key)) continue;
      if (!written.empty()) out += ',';
      out += key;
      out += ':';
      append_json_string(out, cut(json::to_view(part.value().get_string()), kLongestPart));
      written.push_back(std::move(key));
    }
    out += '}';
  }
  return out + '}';
}

}  // namespace

std::string to_record(const Event& event, base::Instant now) {
  std::string out;
  out.reserve(1024);
  Members m(out);
  m.text("date", base::to_iso8601(now));
  m.text("type", event.type);
  m.text("description", event.description, kLongestDescription);
  m.text("connection", event.connection);
  m.text("connection_id", event.connection_id);
  m.text("client_id", event.client_id);
  m.text("client_name", event.client_name);
  m.text("ip", event.ip);
  m.text_if_any("client_ip", event.client_ip);
  m.text("user_agent", normalised_user_agent(event.user_agent));
  m.raw("details", text_of(event.details));
  m.text("hostname", event.hostname);
  m.text("user_id", event.user_id);
  m.text("user_name", event.user_name);
  m.text_if_any("organization_id", event.organization_id);
  m.text_if_any("audience", event.audience);
  m.text_if_any("scope", event.scope, kLongestScope);
  m.text_if_any("strategy", event.strategy);
  m.text_if_any("strategy_type", event.strategy_type);
  if (const auto client = decoded_auth0_client(event.auth0_client); !client.empty()) m.raw("auth0_client", client);
  m.raw("$event_schema", R"({"version":"1.0.0"})");
  m.raw("isMobile", is_mobile(event.user_agent) ? "true" : "false");
  m.text_if_any("transfer_id", event.transfer_id);
  out += '}';
  return out;
}

void append(const store::Writer& w, const Event& event, base::Instant now) {
  store::logs::append(w, event.type, event.transfer_id, to_record(event, now));
}

}  // namespace segue::audit
