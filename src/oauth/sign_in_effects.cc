#include "oauth/sign_in_effects.h"

#include <algorithm>

#include "base/text.h"
#include "oauth/sign_in_pipeline.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

void put(json::object& out, std::string_view name, const json::object& value) {
  if (!value.empty()) out[name] = value;
}

void put(json::object& out, std::string_view name, const std::vector<std::string>& values) {
  if (!values.empty()) out[name] = json::to_array(values);
}

json::object to_json(const RecordEffects& e) {
  json::object out;
  if (e.expires_at) out["expires_at"] = base::to_micros(*e.expires_at);
  if (e.idle_expires_at) out["idle_expires_at"] = base::to_micros(*e.idle_expires_at);
  if (e.metadata) out["metadata"] = *e.metadata;
  return out;
}

RecordEffects record_effects_from(const json::object& o) {
  const auto time = [&](std::string_view name) -> std::optional<base::Instant> {
    const auto micros = json::find_integer(o, name);
    return micros ? std::optional(base::from_micros(*micros)) : std::nullopt;
  };
  RecordEffects out{.expires_at = time("expires_at"), .idle_expires_at = time("idle_expires_at"), .metadata = {}};
  if (const auto* const metadata = json::find_object(o, "metadata")) out.metadata = *metadata;
  return out;
}

bool outlives(std::string_view scope) { return scope == "offline_access" || scope == "online_access"; }

bool change_members(json::object& profile, std::string_view name, const json::object& changes) {
  if (changes.empty()) return false;
  auto metadata = json::object_or_empty(profile, name);
  for (const auto& change : changes) {
    if (change.value().is_null()) {
      metadata.erase(change.key());
    } else {
      metadata[change.key()] = change.value();
    }
  }
  profile[name] = std::move(metadata);
  return true;
}

}  // namespace

base::Error error_of(const SignInRefusal& refusal) {
  return {.kind = refusal.status == 503 ? base::ErrorKind::unavailable : base::ErrorKind::forbidden,
          .code = refusal.error,
          .description = refusal.description,
          .status = refusal.status};
}

std::string to_text(const SignInEffects& e) {
  json::object out;
  put(out, "access_token_claims", e.access_token_claims);
  put(out, "id_token_claims", e.id_token_claims);
  put(out, "added_scopes", e.added_scopes);
  put(out, "removed_scopes", e.removed_scopes);
  put(out, "user_metadata", e.user_metadata);
  put(out, "app_metadata", e.app_metadata);
  put(out, "session", to_json(e.session));
  put(out, "refresh_token", to_json(e.refresh_token));
  put(out, "saml_response", e.saml_response);
  put(out, "executions", e.executions);
  if (!e.methods.empty()) out["methods"] = model::to_text(e.methods);
  if (e.persistent) out["persistent"] = *e.persistent;
  return out.empty() ? std::string() : json::write(out);
}

SignInEffects sign_in_effects_from(std::string_view text) {
  SignInEffects out;
  if (text.empty()) return out;
  const auto document = json::parse(text);
  if (!document.ok() || !document->is_object()) throw base::Bug("the stored effects of a sign-in cannot be read");
  const auto& o = document->get_object();
  out.access_token_claims = json::object_or_empty(o, "access_token_claims");
  out.id_token_claims = json::object_or_empty(o, "id_token_claims");
  out.added_scopes = json::find_strings(o, "added_scopes");
  out.removed_scopes = json::find_strings(o, "removed_scopes");
  out.user_metadata = json::object_or_empty(o, "user_metadata");
  out.app_metadata = json::object_or_empty(o, "app_metadata");
  out.session = record_effects_from(json::object_or_empty(o, "session"));
  out.refresh_token = record_effects_from(json::object_or_empty(o, "refresh_token"));
  out.saml_response = json::object_or_empty(o, "saml_response");
  out.executions = json::find_strings(o, "executions");
  out.methods = model::authentication_methods_from(json::find_string(o, "methods").value_or(""));
  out.persistent = json::find_bool(o, "persistent");
  return out;
}

std::string later_text(const SignInEffects& effects) {
  return to_text(SignInEffects{.access_token_claims = effects.access_token_claims,
                               .id_token_claims = effects.id_token_claims,
                               .refresh_token = effects.refresh_token});
}

std::string with_scopes(const std::string& scope, const SignInEffects& effects) {
  if (effects.added_scopes.empty() && effects.removed_scopes.empty()) return scope;
  auto scopes = base::split(scope, ' ');
  std::erase_if(scopes, [&](const std::string& each) { return base::contains(effects.removed_scopes, each); });
  for (const auto& added : effects.added_scopes) {
    if (!outlives(added) && !base::contains(scopes, added)) scopes.push_back(added);
  }
  return base::join(scopes, " ");
}

GrantedResource with_scopes(GrantedResource resource, const SignInEffects& effects) {
  resource.scope = with_scopes(resource.scope, effects);
  resource.offline_access = resource.offline_access && !base::contains(effects.removed_scopes, "offline_access");
  return resource;
}

bool shorten(model::Session& session, const RecordEffects& effects) {
  bool clamped = false;
  if (effects.expires_at) {
    clamped = *effects.expires_at > session.expires_at;
    session.expires_at = std::min(session.expires_at, *effects.expires_at);
  }
  if (effects.idle_expires_at) {
    clamped = clamped || *effects.idle_expires_at > session.idle_expires_at;
    session.idle_expires_at = std::min(session.idle_expires_at, *effects.idle_expires_at);
  }
  session.idle_expires_at = std::min(session.idle_expires_at, session.expires_at);
  return clamped;
}

bool shorten(model::RefreshTokenFamily& family, const RecordEffects& effects) {
  bool clamped = false;
  const auto bring_nearer = [&](std::optional<base::Instant>& end, const std::optional<base::Instant>& wanted) {
    if (!wanted) return;
    clamped = clamped || (end && *wanted > *end);
    end = end ? std::min(*end, *wanted) : *wanted;
  };
  bring_nearer(family.expires_at, effects.expires_at);
  bring_nearer(family.idle_expires_at, effects.idle_expires_at);
  return clamped;
}

audit::Event clamped_warning(audit::Event row, std::string_view what) {
  row.type = "w";
  row.description = std::string("An Action wanted the ") + std::string(what) +
                    " to live longer than the settings allow: it ends when they say.";
  row.details["reason"] = "expiration_clamped";
  return row;
}

void record_methods(model::Session& session, const SignInEffects& effects) {
  for (const auto& method : effects.methods) {
    std::erase_if(session.methods, [&](const auto& each) { return each.name == method.name; });
    session.methods.push_back(method);
  }
}

bool change_metadata(model::User& user, const SignInEffects& effects) {
  const bool changed = change_members(user.profile, "user_metadata", effects.user_metadata);
  return change_members(user.profile, "app_metadata", effects.app_metadata) || changed;
}

void change_user(const store::Writer& w, model::User& user, const SignInEffects& effects, base::Instant now) {
  if (!change_metadata(user, effects)) return;
  user.updated_at = now;
  if (store::users::update(w, user) != store::users::Written::done) throw base::Bug("a locked user disappeared");
}

void describe(audit::Event& row, const SignInEffects& effects) {
  if (!effects.executions.empty()) row.details["actions"] = json::object{{"executions", json::to_array(effects.executions)}};
}

}  // namespace segue::oauth
