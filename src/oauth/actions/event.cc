#include "oauth/actions/event.h"

#include "base/text.h"
#include "connections/identities.h"
#include "oauth/shown_parameters.h"

namespace segue::oauth::actions_event {
namespace {

constexpr std::string_view kPageLanguage = "en";  // of this server's own pages

void put(json::object& out, std::string_view name, const std::string& value) {
  if (!value.empty()) out[name] = value;
}

void put(json::object& out, std::string_view name, const std::optional<base::Instant>& at) {
  if (at) out[name] = base::to_iso8601(*at);
}

void put_asn(json::object& out, std::string_view name, const std::optional<std::int64_t>& asn) {
  if (asn) out[name] = std::to_string(*asn);
}

json::object device(const model::RequestOrigin& initial, const model::RequestOrigin& last) {
  json::object out;
  put_asn(out, "initial_asn", initial.asn);
  put(out, "initial_ip", initial.ip);
  put(out, "initial_user_agent", initial.user_agent);
  put_asn(out, "last_asn", last.asn);
  put(out, "last_ip", last.ip);
  put(out, "last_user_agent", last.user_agent);
  return out;
}

json::object session(const model::Session& s, const Facts& facts) {
  json::array clients;
  for (const auto& client_id : facts.session_clients) clients.push_back(json::object{{"client_id", client_id}});
  json::object out{{"id", s.sid},
                   {"user_id", s.user_id},
                   {"created_at", base::to_iso8601(s.created_at)},
                   {"updated_at", base::to_iso8601(s.last_interacted_at)},
                   {"authenticated_at", base::to_iso8601(s.authenticated_at)},
                   {"last_interacted_at", base::to_iso8601(s.last_interacted_at)},
                   {"expires_at", base::to_iso8601(s.expires_at)},
                   {"idle_expires_at", base::to_iso8601(s.idle_expires_at)},
                   {"clients", std::move(clients)},
                   {"cookie", {{"mode", s.persistent ? "persistent" : "non-persistent"}}},
                   {"device", device(s.initial, s.last)},
                   {"metadata", facts.session_metadata}};
  if (const auto& parent = facts.session_parent)
    out["session_transfer"] = {{"parent_refresh_token", {{"id", parent->public_id}, {"metadata", parent->metadata}}}};
  return out;
}

json::object refresh_token(const model::RefreshTokenFamily& f, const SignIn& s, const Facts& facts) {
  json::object api{{"audience", f.audience}, {"scopes", f.scope}};
  json::object out{{"id", f.public_id},
                   {"client_id", f.client_id},
                   {"user_id", f.user_id},
                   {"created_at", base::to_iso8601(f.created_at)},
                   {"last_exchanged_at", base::to_iso8601(f.last_exchanged_at)},
                   {"rotating", f.rotating},
                   {"access", f.online ? "online" : "offline"},
                   {"resource_servers", json::array{std::move(api)}},
                   {"device", device({.ip = f.initial_ip, .asn = f.initial_asn, .user_agent = f.initial_user_agent},
                                     {.ip = f.last_ip, .asn = f.last_asn, .user_agent = f.last_user_agent})},
                   {"metadata", facts.refresh_token_metadata}};
  put(out, "expires_at", f.expires_at);
  put(out, "idle_expires_at", f.idle_expires_at);
  if (s.session != nullptr) out["session_id"] = s.session->sid;
  if (const auto& parent = facts.refresh_token_parent)
    out["session_transfer"] = {{"parent_refresh_token", {{"id", parent->public_id}}}};
  return out;
}

// contract §1.15
json::object session_transfer_token(const model::SessionTransferToken& t) {
  json::object request{{"ip", t.origin.ip}, {"geoip", t.origin.geoip}};
  put_asn(request, "asn", t.origin.asn);
  put(request, "user_agent", t.origin.user_agent);
  return {{"client_id", t.client_id}, {"scope", json::to_array(base::split(t.scope, ' '))}, {"request", std::move(request)}};
}

std::vector<std::string> prompts(const AuthorizationRequest& r) {
  std::vector<std::string> out;
  if (r.prompt_none) out.emplace_back("none");
  if (r.prompt_login) out.emplace_back("login");
  if (r.prompt_consent) out.emplace_back("consent");
  return out;
}

// The parameters of /authorize, also where the request that runs the Action is that of a page, or names what was pushed.
json::object query(const AuthorizationRequest& r) {
  auto out = r.other;
  // Of another protocol: its own parameters, as its feature shows them.
  if (r.is_foreign()) return out;
  out["client_id"] = r.client_id;
  put(out, "response_type", to_text(r.response_type));
  out["redirect_uri"] = r.redirect_uri;
  put(out, "scope", r.scope);
  put(out, "audience", r.audience);
  put(out, "state", r.state);
  put(out, "nonce", r.nonce);
  put(out, "login_hint", r.login_hint);
  put(out, "organization", r.organization);
  put(out, "connection", r.connection);
  put(out, "prompt", base::join(prompts(r), " "));
  put(out, "dpop_jkt", r.dpop_jkt);
  put(out, "code_challenge", r.code_challenge);
  if (!r.code_challenge.empty()) out["code_challenge_method"] = "S256";
  if (r.max_age) out["max_age"] = std::to_string(*r.max_age);
  if (r.response_mode != default_response_mode(r.response_type)) out["response_mode"] = to_text(r.response_mode);
  return out;
}

// What another site sent along is for the Action that sent the person there: all of it.
json::object all(const http::Parameters& parameters) {
  json::object out;
  for (const auto& [name, value] : parameters.pairs()) out[name] = value;
  return out;
}

void put_request(json::object& out, const AuthorizationRequest& r) {
  const auto words = [&](std::string_view name) {
    return json::to_array(base::split(json::find_string(r.other, name).value_or(""), ' '));
  };
  put(out, "login_hint", r.login_hint);
  put(out, "redirect_uri", r.redirect_uri);
  put(out, "state", r.state);
  put(out, "correlation_id", base::shortened(json::find_string(r.other, "correlation_id").value_or(""), 128));
  out["acr_values"] = words("acr_values");
  out["ui_locales"] = words("ui_locales");
  out["prompt"] = json::to_array(prompts(r));
  if (r.is_foreign()) return;
  out["response_mode"] = to_text(r.response_mode);
  out["response_type"] = json::to_array(base::split(to_text(r.response_type), ' '));
}

json::object transaction(const SignIn& s, const ActionsWay& way) {
  json::object out{{"protocol", s.protocol},      {"requested_scopes", json::to_array(base::split(s.scope, ' '))},
                   {"acr_values", json::array{}}, {"ui_locales", json::array{}},
                   {"locale", kPageLanguage},     {"metadata", way.transaction_metadata}};
  put(out, "id", way.transaction_id);
  if (s.request != nullptr) put_request(out, *s.request);
  return out;
}

}  // namespace

json::object transaction(const AuthorizationRequest& request) {
  json::object out{{"protocol", request.protocol()},
                   {"requested_scopes", json::to_array(base::split(request.scope, ' '))},
                   {"locale", kPageLanguage}};
  put_request(out, request);
  return out;
}

json::object request(const http::Call& call, const model::RequestOrigin& origin) {
  json::object out{{"ip", origin.ip},         {"geoip", origin.geoip},
                   {"hostname", call.domain}, {"method", http::to_text(call.request.method)},
                   {"body", json::object{}},  {"query", json::object{}}};
  put_asn(out, "asn", origin.asn);
  put(out, "user_agent", origin.user_agent);
  put(out, "language", base::shortened(call.request.headers.find("accept-language").value_or(""), 256));
  return out;
}

json::object client(const model::Client& client) {
  json::object out{{"client_id", client.client_id},
                   {"name", client.name},
                   {"metadata", json::object_or_empty(client.document, "client_metadata")}};
  json::array policies;
  for (const auto& policy : client.refresh_token.policies)
    policies.push_back(json::object{{"audience", policy.audience}, {"scope", json::to_array(policy.scopes)}});
  if (!policies.empty()) out["refresh_token"] = {{"policies", std::move(policies)}};
  return out;
}

json::object connection(const model::Connection& c) {
  return {{"id", c.connection_id},
          {"name", c.name},
          {"strategy", c.strategy},
          {"metadata", json::object_or_empty(c.document, "metadata")}};
}

json::object organization(const model::Organization& o) {
  return {{"id", o.organization_id},
          {"name", o.name},
          {"display_name", json::find_string(o.document, "display_name").value_or(o.name)},
          {"metadata", json::object_or_empty(o.document, "metadata")}};
}

json::object tenant(const tenancy::Snapshot& tenant) { return {{"id", tenant.tenant().name}}; }

json::object account(const model::User& u) {
  auto out = u.profile;
  out["user_id"] = u.user_id;
  put(out, "email", u.email);
  out["email_verified"] = u.email_verified;
  put(out, "username", u.username);
  out["created_at"] = base::to_iso8601(u.created_at);
  out["updated_at"] = base::to_iso8601(u.updated_at);
  put(out, "last_password_reset", u.last_password_reset);
  out["user_metadata"] = json::object_or_empty(u.profile, "user_metadata");
  out["app_metadata"] = json::object_or_empty(u.profile, "app_metadata");
  out.erase("blocked");
  return out;
}

json::object user(const tenancy::Snapshot& tenant, const model::User& u) {
  auto out = account(u);
  out["multifactor"] = json::array{};
  out["enrolledFactors"] = json::array{};
  auto identities = connections::identities_of(tenant, u);
  // Copied first: a new member may move those that are there.
  for (auto& identity : identities) {
    auto user_id = identity.at("user_id");
    identity.get_object()["userId"] = std::move(user_id);
  }
  out["identities"] = std::move(identities);
  return out;
}

json::object post_login(const SignIn& s, const Facts& facts, const ActionsWay& way) {
  auto asked = request(s.call, s.origin);
  if (s.back == nullptr && s.request != nullptr) asked["query"] = query(*s.request);
  if (s.back != nullptr) asked["query"] = all(s.back->query);
  if (s.back != nullptr) asked["body"] = all(s.back->body);
  if (s.parameters != nullptr) asked["body"] = shown(*s.parameters);
  json::array methods;
  for (const auto& method : s.methods)
    methods.push_back(json::object{{"name", method.name}, {"timestamp", base::to_iso8601(method.at)}});
  json::array roles;
  for (const auto& role : facts.roles) roles.push_back(json::value(role.name));
  json::object out{{"authentication", {{"methods", std::move(methods)}}},
                   {"authorization", {{"roles", std::move(roles)}}},
                   {"client", client(*s.client)},
                   {"request", std::move(asked)},
                   // The sign-in under way counts; a refresh is none.
                   {"stats", {{"logins_count", s.user->logins_count + (s.family == nullptr ? 1 : 0)}}},
                   {"tenant", tenant(s.tenant)},
                   {"transaction", transaction(s, way)},
                   {"user", user(s.tenant, *s.user)}};
  if (const auto from = s.tenant.connection(s.connection_id)) out["connection"] = connection(*from);
  if (const auto in = s.tenant.organization(s.organization_id)) out["organization"] = organization(*in);
  // contract §8.4: a domain beside the tenant's own.
  if (s.call.domain != s.tenant.tenant().canonical_domain())
    out["custom_domain"] = {{"domain", s.call.domain}, {"domain_metadata", json::object{}}};
  if (!s.audience.empty()) out["resource_server"] = {{"identifier", s.audience}};
  if (s.session != nullptr) out["session"] = session(*s.session, facts);
  if (s.family != nullptr) out["refresh_token"] = refresh_token(*s.family, s, facts);
  if (s.session_transfer_token != nullptr) out["session_transfer_token"] = session_transfer_token(*s.session_transfer_token);
  return out;
}

}  // namespace segue::oauth::actions_event
