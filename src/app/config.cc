#include "app/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <variant>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/text.h"
#include "outbound/smtp.h"

namespace segue::app {
namespace {

using Text = std::string Config::*;
using Integer = std::int64_t Config::*;
using Boolean = bool Config::*;
using List = std::vector<std::string> Config::*;

enum class Reload { on_restart, on_hangup };

struct Setting {
  std::string_view key;
  std::variant<Text, Integer, Boolean, List> member;
  Reload reload;
  std::string_view doc;
  std::int64_t minimum = 0, maximum = std::numeric_limits<std::int64_t>::max();  // integers
  std::vector<std::string_view> one_of = {};                                     // texts
};

const std::vector<Setting>& settings() {
  using enum Reload;
  static const std::vector<Setting> all = {
      {"http.listen", &Config::http_listen, on_restart,
       "ADDRESS:PORT to serve HTTPS on; `--listen` wins. Empty: every IPv4 address, on the port of the first tenant's domain "
       "(443 when it "
       "names none)."},
      {"http.trusted_proxies", &Config::trusted_proxies, on_hangup,
       "Networks (CIDR) of your reverse proxies. Only from them is the forwarding header believed."},
      {"http.forwarded_header",
       &Config::forwarded_header,
       on_hangup,
       "The forwarding header that your proxies write.",
       0,
       0,
       {"X-Forwarded-For", "Forwarded"}},
      {"http.proxy_protocol", &Config::proxy_protocol, on_restart,
       "Every connection begins with a PROXY protocol header of version 2, before TLS. Only `http.trusted_proxies` may connect "
       "then; "
       "the address in the header counts as the peer's."},
      {"http.tls_certificate", &Config::tls_certificate, on_hangup,
       "PEM file with the certificate chain. Empty: DIR/tls-certificate.pem, which `segue init` made. A changed file is read at "
       "SIGHUP."},
      {"http.tls_key", &Config::tls_key, on_hangup, "PEM file with the private key of that certificate. Empty: DIR/tls-key.pem."},
      {"http.max_header_bytes", &Config::max_header_bytes, on_restart, "Limit of a request's head.", 4096, 1 << 20},
      {"http.max_connections", &Config::max_connections, on_restart, "Connections beyond this number are closed at once.", 16,
       10'000'000},
      {"http.idle_seconds", &Config::idle_seconds, on_restart, "How long a connection may stay open between two requests.", 1,
       3600},
      {"http.io_threads", &Config::io_threads, on_restart, "Threads that read and write sockets. 0: one per core.", 0, 64},
      {"operator.listen", &Config::operator_listen, on_restart,
       "ADDRESS:PORT of the operator port: GET /health and GET /metrics over plain HTTP. Empty: none. When the default port is "
       "taken, the "
       "system chooses another one, which the start-up log names; a port that is set here and taken is an error."},
      {"geoip.city", &Config::geoip_city, on_hangup, "MaxMind DB file with places. A changed file is read within a second."},
      {"geoip.asn", &Config::geoip_asn, on_hangup,
       "MaxMind DB file with autonomous systems. Without it, device binding by `asn` refuses every session transfer token."},
      {"outbound.allow_private", &Config::outbound_allow_private, on_restart,
       "Lets calls that the server makes for others reach loopback, private and link-local addresses."},
      {"outbound.ca_file", &Config::outbound_ca_file, on_restart,
       "PEM file with authorities to trust in such calls, besides the system's."},
      {"log.level",
       &Config::log_level,
       on_hangup,
       "The least level that is written to standard error.",
       0,
       0,
       {"debug", "info", "warn", "error"}},
      {"log.stream", &Config::log_stream, on_restart,
       "Where every tenant's log goes as lines of JSON, for those who collect it with an agent: `stdout`, or the path of a file. "
       "Empty: nowhere. Begins with what is logged from then on; of several nodes, one writes each row."},
      {"log.stream_mib", &Config::log_stream_mib, on_restart,
       "Size from which that file is renamed to FILE.1, FILE.1 to FILE.2 and so on.", 1, 1 << 20},
      {"log.stream_files", &Config::log_stream_files, on_restart, "How many renamed files are kept.", 0, 1000},
      {"log.retention_days", &Config::log_retention_days, on_restart, "How long tenant log rows are kept.", 1, 3650},
      {"mail.smtp_url", &Config::mail_smtp_url, on_restart,
       "Your mail server: `smtps://HOST:465`, or `smtp://HOST:587`, where STARTTLS is required unless HOST is this machine "
       "itself. "
       "Empty: mails are written to DIR/mail, a file each."},
      {"mail.from", &Config::mail_from, on_restart, "The address that mails come from. Needed with `mail.smtp_url`."},
      {"mail.username", &Config::mail_username, on_restart, "User name at the mail server. Empty: none is given."},
      {"mail.password_file", &Config::mail_password_file, on_restart, "File with the password that belongs to it, in one line."},
      {"actions.node", &Config::actions_node, on_restart,
       "Node.js (22.21 or later) that runs Actions. Empty: the one that the scripts of this source tree fetched, else `node` in "
       "PATH."},
      {"actions.npm", &Config::actions_npm, on_restart,
       "npm that installs the dependencies of Actions: a path, or a name in /usr/bin."},
      {"actions.npm_registry", &Config::actions_npm_registry, on_restart,
       "Registry of the dependencies of Actions. Empty: the one that npm knows."},
      {"actions.allow_unsandboxed", &Config::actions_allow_unsandboxed, on_restart,
       "Lets Actions run with the rights of the server where bubblewrap cannot confine them. Only for code that you would run as "
       "the server yourself."},
      {"actions.allow_network", &Config::actions_allow_network, on_restart,
       "Lets Actions call out, through a proxy that obeys `outbound.allow_private`."},
      {"actions.processes", &Config::actions_processes, on_restart, "Most processes that run Actions.", 1, 256},
      {"actions.processes_per_tenant", &Config::actions_processes_per_tenant, on_restart,
       "Most of them for one tenant: as many of its Actions run at once.", 1, 256},
      {"actions.memory_mb", &Config::actions_memory_mb, on_restart, "JavaScript memory of one process of Actions.", 32, 4096},
      {"actions.time_limit", &Config::actions_time_limit, on_restart, "Seconds that the Actions of one trigger may take.", 1,
       300},
      {"passwords.memory_kib", &Config::password_memory_kib, on_restart, "Memory of one argon2id hash.", 8, 4 * 1024 * 1024},
      {"passwords.operations", &Config::password_operations, on_restart, "Passes of one argon2id hash.", 1, 100},
      {"lanes.quick_threads", &Config::quick_threads, on_restart,
       "Threads of requests that may wait. They mostly do, so this is far above the number of cores; on SQLite the hot routes "
       "wait without one.",
       1, 1024},
      {"lanes.hashing_threads", &Config::hashing_threads, on_restart,
       "Most passwords that are checked side by side. 0: one core less than there are.", 0, 256},
      {"protection.failures_per_account", &Config::failures_per_account, on_restart,
       "Wrong passwords in an hour after which an account is blocked for the address that tried.", 1, 1'000'000},
      {"protection.failures_per_address", &Config::failures_per_address, on_restart,
       "Wrong passwords in a day, over all accounts, after which an address is blocked.", 1, 1'000'000},
      {"management.requests_per_second", &Config::management_requests_per_second, on_restart,
       "Limit of Management API requests per tenant and node; bursts of as many are let through.", 1, 1'000'000},
  };
  return all;
}

const Setting* find_setting(std::string_view key) {
  for (const auto& setting : settings()) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

std::string environment_name(std::string_view key) {
  std::string out = "SEGUE_";
  for (const char c : key) out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

struct Value {
  std::variant<std::string, std::int64_t, bool, std::vector<std::string>> v;
};

base::Outcome assign(Config& config, const Setting& setting, Value value, const std::string& source) {
  const auto wrong = [&](std::string_view wanted) {
    return operator_error(fmt::format("{}: {} must be {}", source, setting.key, wanted));
  };
  if (const auto* text = std::get_if<Text>(&setting.member)) {
    const auto* given = std::get_if<std::string>(&value.v);
    if (!given) return wrong("a text");
    if (!setting.one_of.empty() && std::find(setting.one_of.begin(), setting.one_of.end(), *given) == setting.one_of.end()) {
      return wrong(fmt::format("one of {}", fmt::join(setting.one_of, ", ")));
    }
    config.** text = *given;
  } else if (const auto* integer = std::get_if<Integer>(&setting.member)) {
    const auto* given = std::get_if<std::int64_t>(&value.v);
    if (!given || *given < setting.minimum || *given > setting.maximum) {
      return wrong(fmt::format("an integer from {} to {}", setting.minimum, setting.maximum));
    }
    config.** integer = *given;
  } else if (const auto* boolean = std::get_if<Boolean>(&setting.member)) {
    const auto* given = std::get_if<bool>(&value.v);
    if (!given) return wrong("true or false");
    config.** boolean = *given;
  } else {
    const auto* given = std::get_if<std::vector<std::string>>(&value.v);
    if (!given) return wrong("a list of texts");
    config.*std::get<List>(setting.member) = *given;
  }
  config.given.emplace_back(setting.key);
  return base::Unit{};
}

// A TOML node as a Value; nothing for a type that no setting has.
std::optional<Value> value_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return Value{*text};
  if (const auto integer = node.value_exact<std::int64_t>()) return Value{*integer};
  if (const auto boolean = node.value_exact<bool>()) return Value{*boolean};
  if (const auto* array = node.as_array()) {
    std::vector<std::string> items;
    for (const auto& item : *array) {
      const auto text = item.value_exact<std::string>();
      if (!text) return std::nullopt;
      items.push_back(*text);
    }
    return Value{std::move(items)};
  }
  return std::nullopt;
}

base::Outcome unknown_key(const std::string& source, std::string_view key) {
  return operator_error(fmt::format("{}: there is no setting {}; `segue describe config` lists them", source, key));
}

base::Outcome read_section(Config& config, const toml::table& table, const std::string& prefix, const std::string& source) {
  for (const auto& [name, node] : table) {
    const auto key = prefix + std::string(name.str());
    const auto place = fmt::format("{} line {}", source, node.source().begin.line);
    if (const auto* section = node.as_table(); section && prefix.empty()) {
      TRY(read_section(config, *section, key + ".", source));
      continue;
    }
    const auto* setting = find_setting(key);
    if (setting == nullptr) return unknown_key(place, key);
    auto value = value_of(node);
    if (!value) return operator_error(fmt::format("{}: {} has a value of the wrong type", place, key));
    TRY(assign(config, *setting, std::move(*value), place));
  }
  return base::Unit{};
}

// The text of a variable as the setting's type; a list is separated by commas.
Value value_from_text(const Setting& setting, const std::string& text) {
  if (std::holds_alternative<Integer>(setting.member)) {
    const auto integer = base::parse_integer(text);
    return integer ? Value{*integer} : Value{text};
  }
  if (std::holds_alternative<Boolean>(setting.member)) {
    return text == "true" ? Value{true} : text == "false" ? Value{false} : Value{text};
  }
  if (std::holds_alternative<List>(setting.member)) {
    std::vector<std::string> items;
    for (const auto& item : base::split(text, ',')) items.emplace_back(base::trim(item));
    return Value{std::move(items)};
  }
  return Value{text};
}

// A variable in one of our sections that names no setting is a spelling mistake; other SEGUE_ variables belong to scripts.
base::Outcome refuse_unknown_variables(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    for (const auto& setting : settings()) {
      const auto section = environment_name(setting.key.substr(0, setting.key.find('.') + 1));
      if (!name.starts_with(section)) continue;
      const bool known =
          std::any_of(settings().begin(), settings().end(), [&](const Setting& s) { return environment_name(s.key) == name; });
      if (!known) return unknown_key("environment", name);
    }
  }
  return base::Unit{};
}

base::Outcome read_environment(Config& config, const Environment& environment, const std::vector<std::string>& names) {
  TRY(refuse_unknown_variables(names));
  for (const auto& setting : settings()) {
    const auto name = environment_name(setting.key);
    const auto text = environment ? environment(name) : std::nullopt;
    if (text) TRY(assign(config, setting, value_from_text(setting, *text), "environment variable " + name));
  }
  return base::Unit{};
}

// A setting of mail that does not go together with the others would only be noticed when a mail is missed.
base::Outcome check_mail(const Config& config) {
  if (!config.mail_from.empty() && !outbound::is_mailbox(config.mail_from))
    return operator_error("mail.from: \"" + config.mail_from + "\" is no e-mail address");
  if (config.mail_smtp_url.empty()) {
    if (!config.mail_username.empty() || !config.mail_password_file.empty())
      return operator_error("mail.username and mail.password_file say nothing without mail.smtp_url");
    return base::Unit{};
  }
  if (const auto url = outbound::check_smtp_url(config.mail_smtp_url); !url.ok())
    return operator_error("mail.smtp_url: " + url.error().description);
  if (config.mail_from.empty()) return operator_error("mail.from: set the address that mails come from");
  if (config.mail_username.empty() != config.mail_password_file.empty())
    return operator_error("mail.username and mail.password_file belong together: set both or none");
  return base::Unit{};
}

base::Outcome check(const Config& config) {
  TRY(check_mail(config));
  for (const auto& network : config.trusted_proxies) {
    if (!http::Network::parse(network).ok()) {
      return operator_error("http.trusted_proxies: \"" + network + "\" is no network such as 10.0.0.0/8 or ::1");
    }
  }
  if (config.proxy_protocol && config.trusted_proxies.empty()) {
    return operator_error("http.proxy_protocol = true closes every connection as long as http.trusted_proxies names no proxy");
  }
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return operator_error("http.tls_certificate and http.tls_key belong together: set both or none");
  }
  if (!config.log_stream.empty() && config.log_stream != "stdout" && !config.log_stream.starts_with('/'))
    return operator_error("log.stream: \"" + config.log_stream + "\" is neither stdout nor a path that begins with /");
  if (!config.http_listen.empty()) TRY(parse_listen_address(config.http_listen, "http.listen"));
  if (!config.operator_listen.empty()) TRY(parse_listen_address(config.operator_listen, "operator.listen"));
  return base::Unit{};
}

base::Result<Config> read_table(const toml::table& table, const std::string& source, const Environment& environment,
                                const std::vector<std::string>& names) {
  Config config;
  TRY(read_section(config, table, "", source));
  TRY(read_environment(config, environment, names));
  TRY(check(config));
  return config;
}

base::Error syntax_error(const std::string& source, const toml::parse_error& error) {
  return operator_error(fmt::format("{} line {}: {}", source, error.source().begin.line, error.description()));
}

std::string type_name(const Setting& setting) {
  constexpr std::string_view kNames[] = {"text", "integer", "boolean", "list of texts"};
  return std::string(kNames[setting.member.index()]);
}

std::string default_text(const Setting& setting) {
  const Config defaults;
  if (const auto* text = std::get_if<Text>(&setting.member)) return "\"" + defaults.**text + "\"";
  if (const auto* integer = std::get_if<Integer>(&setting.member)) return std::to_string(defaults.**integer);
  if (const auto* boolean = std::get_if<Boolean>(&setting.member)) return defaults.**boolean ? "true" : "false";
  return "[]";
}

}  // namespace

base::Error operator_error(std::string description) {
  return {.kind = base::ErrorKind::invalid_input, .code = "operator", .description = std::move(description)};
}

bool Config::gives(std::string_view key) const { return base::contains(given, key); }

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::vector<std::string> environment_names() {
  std::vector<std::string> out;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    out.emplace_back(text.substr(0, text.find('=')));
  }
  return out;
}

base::Result<Config> parse_config(std::string_view text, const Environment& environment, const std::vector<std::string>& names) {
  const auto parsed = toml::parse(text);
  if (!parsed) return syntax_error("config", parsed.error());
  return read_table(parsed.table(), "config", environment, names);
}

base::Result<Config> read_config(const std::string& file, const Environment& environment, const std::vector<std::string>& names) {
  if (file.empty()) return read_table({}, "", environment, names);
  const auto parsed = toml::parse_file(file);
  if (!parsed) return syntax_error(file, parsed.error());
  return read_table(parsed.table(), file, environment, names);
}

std::string describe_config() {
  std::string out =
      "# Configuration\n\n"
      "Printed by `segue describe config`. The file of `segue serve --config FILE` is TOML: `a.b` stands in section `[a]` as "
      "`b`. Every key is "
      "also an environment variable, which wins over the file; a list is then separated by commas. SIGHUP reads the file and the "
      "variables of the "
      "process again and applies the keys marked *reload*.\n\n"
      "| key | environment | type | default | |\n|---|---|---|---|---|\n";
  for (const auto& setting : settings()) {
    std::string choices;
    if (!setting.one_of.empty()) choices = fmt::format(" One of {}.", fmt::join(setting.one_of, ", "));
    if (std::holds_alternative<Integer>(setting.member))
      choices = fmt::format(" From {} to {}.", setting.minimum, setting.maximum);
    out += fmt::format("| `{}` | `{}` | {} | `{}` | {}{}{} |\n", setting.key, environment_name(setting.key), type_name(setting),
                       default_text(setting), setting.doc, choices, setting.reload == Reload::on_hangup ? " *reload*" : "");
  }
  return out;
}

std::vector<std::string> apply_reload(Config& running, const Config& wanted) {
  std::vector<std::string> need_restart;
  for (const auto& setting : settings()) {
    std::visit(
        [&](auto member) {
          if (running.*member == wanted.*member) return;
          if (setting.reload == Reload::on_hangup) {
            running.*member = wanted.*member;
          } else {
            need_restart.emplace_back(setting.key);
          }
        },
        setting.member);
  }
  return need_restart;
}

http::ForwardingRules forwarding_rules(const Config& config) {
  http::ForwardingRules rules;
  for (const auto& text : config.trusted_proxies) {
    if (auto network = http::Network::parse(text); network.ok()) rules.trusted_proxies.push_back(*network);
  }
  rules.header = base::ascii_lower(config.forwarded_header);
  return rules;
}

base::Result<ListenAddress> parse_listen_address(std::string_view text, std::string_view name) {
  const auto colon = text.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : base::parse_integer(text.substr(colon + 1));
  auto address = colon == std::string_view::npos ? text : text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (address.empty()) address = "0.0.0.0";
  if (address == "localhost") address = "127.0.0.1";
  if (!port || *port > 65535 || !http::canonical_address(address)) {
    return operator_error(fmt::format("{} must be ADDRESS:PORT, such as 127.0.0.1:8443 or [::]:443; it was \"{}\"", name, text));
  }
  return ListenAddress{std::string(address), static_cast<unsigned short>(*port)};
}

}  // namespace segue::app
