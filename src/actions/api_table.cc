#include "actions/api_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"

namespace segue::actions {
namespace {

using enum Shape;
constexpr auto kOptional = true;
constexpr std::size_t kClaim = 16 * 1024, kMetadata = 8 * 1024 + 2, kKey = 512;

constexpr Parameter kReason[] = {{"reason", string}};
constexpr Parameter kCodeAndReason[] = {{"code", string, false, 128}, {"reason", string}};
constexpr Parameter kReasonAndUserMessage[] = {{"reason", string}, {"userMessage", string}};
constexpr Parameter kClaimParameters[] = {{"name", string, false, kKey}, {"value", any, false, kClaim}};
constexpr Parameter kScope[] = {{"scope", string, false, 512}};
constexpr Parameter kScopes[] = {{"scopes", array, false, 8192}};
constexpr Parameter kFactor[] = {{"factor", object}, {"options", object, kOptional, 4096}};
constexpr Parameter kFactors[] = {{"factors", array, false, 4096}};
constexpr Parameter kUrl[] = {{"url", string}};
constexpr Parameter kUserId[] = {{"user_id", string, false, 256}};
constexpr Parameter kProvider[] = {{"provider", string, false, 64, "any none guardian google-authenticator duo"},
                                   {"options", object, kOptional, 4096}};
constexpr Parameter kRedirect[] = {{"url", string, false, 4096}, {"options", object, kOptional, 8192}};
constexpr Parameter kTokenOptions[] = {{"options", object, false, 16 * 1024}};
constexpr Parameter kMetadataEntry[] = {{"key", string, false, kKey}, {"value", any, false, 32 * 1024}};
constexpr Parameter kShortEntry[] = {{"key", string, false, kKey}, {"value", scalar, kOptional, 1024}};
constexpr Parameter kName[] = {{"key", string, false, kKey}};
constexpr Parameter kTransactionEntry[] = {{"key", string, false, 128}, {"value", scalar, false, kMetadata}};
constexpr Parameter kCacheEntry[] = {
    {"key", string, false, 128}, {"value", string, false, 8 * 1024}, {"options", object, kOptional, 512}};
constexpr Parameter kMillis[] = {{"absolute", number}};
constexpr Parameter kRevokeSession[] = {{"reason", string}, {"options", object, kOptional, 512}};
constexpr Parameter kCookieMode[] = {{"mode", string, false, 32, "persistent non-persistent"}};
constexpr Parameter kRuleId[] = {{"ruleId", string, false, 256}};
constexpr Parameter kPrompt[] = {{"promptId", string, false, 256}, {"options", object, kOptional, 16 * 1024}};
constexpr Parameter kPage[] = {{"options", object, kOptional, 1024}};
constexpr Parameter kNames[] = {{"names", array, false, 16 * 1024}};
constexpr Parameter kSamlAttribute[] = {{"attribute", string}, {"value", any, kOptional, 16 * 1024}};
constexpr Parameter kAny[] = {{"value", any, kOptional, 8 * 1024}};
constexpr Parameter kConnectionUser[] = {
    {"connection", string, false, 256}, {"attributes", object, false, 32 * 1024}, {"options", object, kOptional, 1024}};
constexpr Parameter kOrganization[] = {{"organization", string, false, 256}};
constexpr Parameter kActor[] = {{"actor", object, false, 8 * 1024}};
constexpr Parameter kError[] = {{"code", string, false, 128}, {"message", string}};

constexpr std::string_view kNoFactors = "this server has no further factors yet";

using Methods = std::vector<Method>;

Methods with(Methods own, const Methods& more) {
  own.insert(own.end(), more.begin(), more.end());
  return own;
}

Methods cache() {
  return {
      {"cache.get", Effect::local, kName}, {"cache.set", Effect::record, kCacheEntry}, {"cache.delete", Effect::record, kName}};
}

Methods user_metadata() {
  return {{"user.setAppMetadata", Effect::record, kMetadataEntry}, {"user.setUserMetadata", Effect::record, kMetadataEntry}};
}

// Setters of a SAML response. A sign-in that makes none passes over what they record.
Methods saml() {
  Methods out = {{"samlResponse.setAttribute", Effect::record, kSamlAttribute}};
  for (const std::string_view setter : {"samlResponse.setAudience",
                                        "samlResponse.setRecipient",
                                        "samlResponse.setDestination",
                                        "samlResponse.setIssuer",
                                        "samlResponse.setRelayState",
                                        "samlResponse.setCreateUpnClaim",
                                        "samlResponse.setPassthroughClaimsWithNoMapping",
                                        "samlResponse.setMapUnknownClaimsAsIs",
                                        "samlResponse.setMapIdentities",
                                        "samlResponse.setSignatureAlgorithm",
                                        "samlResponse.setDigestAlgorithm",
                                        "samlResponse.setLifetimeInSeconds",
                                        "samlResponse.setSignResponse",
                                        "samlResponse.setNameIdentifierFormat",
                                        "samlResponse.setNameIdentifierProbes",
                                        "samlResponse.setAuthnContextClassRef",
                                        "samlResponse.setSigningCert",
                                        "samlResponse.setIncludeAttributeNameFormat",
                                        "samlResponse.setTypedAttributes",
                                        "samlResponse.setEncryptionCert",
                                        "samlResponse.setEncryptionPublicKey",
                                        "samlResponse.setEncryptionAlgorithm",
                                        "samlResponse.setCert",
                                        "samlResponse.setKey"})
    out.push_back({setter, Effect::record, kAny});
  return out;
}

Methods post_login() {
  using enum Effect;
  Methods own = {
      {"access.deny", stop, kReason},
      {"accessToken.setCustomClaim", record, kClaimParameters},
      {"accessToken.addScope", record, kScope},
      {"accessToken.removeScope", record, kScope},
      {"idToken.setCustomClaim", record, kClaimParameters},
      {"authentication.challengeWith", missing, kFactor, kNoFactors},
      {"authentication.challengeWithAny", missing, kFactors, kNoFactors},
      {"authentication.enrollWith", missing, kFactor, kNoFactors},
      {"authentication.enrollWithAny", missing, kFactors, kNoFactors},
      {"authentication.recordMethod", record, kUrl},
      {"authentication.setPrimaryUser", record, kUserId},
      {"multifactor.enable", missing, kProvider, kNoFactors},
      {"redirect.encodeToken", local, kTokenOptions},
      {"redirect.validateToken", local, kTokenOptions},
      {"redirect.canRedirect", local},
      {"redirect.sendUserTo", stop, kRedirect},
      {"validation.error", stop, kError},
      {"rules.wasExecuted", local, kRuleId},
      {"prompt.render", missing, kPrompt, "this server has no forms yet"},
      {"refreshToken.revoke", stop, kReason},
      {"refreshToken.setExpiresAt", record, kMillis},
      {"refreshToken.setIdleExpiresAt", record, kMillis},
      {"refreshToken.setMetadata", record, kShortEntry},
      {"refreshToken.deleteMetadata", record, kName},
      {"refreshToken.evictMetadata", record},
      {"session.revoke", stop, kRevokeSession},
      {"session.setExpiresAt", record, kMillis},
      {"session.setIdleExpiresAt", record, kMillis},
      {"session.setCookieMode", record, kCookieMode},
      {"session.setMetadata", record, kShortEntry},
      {"session.deleteMetadata", record, kName},
      {"session.evictMetadata", record},
      {"transaction.setMetadata", record, kTransactionEntry},
      {"groups.getUserGroups", ask, kPage},
      {"groups.hasGroupMembership", ask, kNames},
      {"roles.getUserEffectiveRoles", ask, kPage},
      {"roles.getUserEffectiveRolesByIds", ask, kNames},
      {"roles.getUserEffectiveRolesByNames", ask, kNames},
  };
  return with(with(with(std::move(own), user_metadata()), saml()), cache());
}

Methods credentials_exchange() {
  using enum Effect;
  return with({{"access.deny", stop, kCodeAndReason},
               {"accessToken.setCustomClaim", record, kClaimParameters},
               {"transaction.addTargetScope", record, kScope},
               {"transaction.removeTargetScope", record, kScope},
               {"transaction.setTargetScopes", record, kScopes},
               {"transaction.clearTargetScopes", record}},
              cache());
}

Methods pre_user_registration() {
  using enum Effect;
  return with(with({{"access.deny", stop, kReasonAndUserMessage}, {"validation.error", stop, kError}}, user_metadata()), cache());
}

Methods custom_token_exchange() {
  using enum Effect;
  return with(with({{"access.deny", stop, kCodeAndReason},
                    {"access.rejectInvalidSubjectToken", stop, kReason},
                    {"authentication.setUserById", record, kUserId},
                    {"authentication.setUserByConnection", record, kConnectionUser},
                    {"authentication.setOrganization", record, kOrganization},
                    {"authentication.setActor", record, kActor}},
                   user_metadata()),
              cache());
}

const std::map<std::string_view, Methods>& table() {
  static const std::map<std::string_view, Methods> all = {
      {"post-login", post_login()},
      {"credentials-exchange", credentials_exchange()},
      {"pre-user-registration", pre_user_registration()},
      {"post-user-registration", cache()},
      {"post-change-password", cache()},
      {"custom-token-exchange", custom_token_exchange()},
  };
  return all;
}

bool has_shape(Shape shape, const json::value& value) {
  switch (shape) {
    case string: return value.is_string();
    case number: return value.is_number();
    case boolean: return value.is_bool();
    case object: return value.is_object();
    case array: return value.is_array();
    case scalar: return !value.is_object() && !value.is_array();
    case any: return true;
  }
  return false;
}

std::string_view to_text(Shape shape) {
  switch (shape) {
    case string: return "string";
    case number: return "number";
    case boolean: return "boolean";
    case object: return "object";
    case array: return "array";
    case scalar: return "scalar";
    case any: return "any";
  }
  return "";
}

std::string_view to_text(Effect effect) {
  switch (effect) {
    case Effect::record: return "record";
    case Effect::stop: return "stop";
    case Effect::ask: return "ask";
    case Effect::local: return "local";
    case Effect::missing: return "missing";
  }
  return "";
}

base::Error wrong(const Method& method, std::string_view parameter, std::string_view why) {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_request",
          .description = fmt::format("api.{}: {} {}", method.name, parameter, why)};
}

json::object describe(const Parameter& parameter) {
  json::object out{{"name", parameter.name},
                   {"shape", to_text(parameter.shape)},
                   {"optional", parameter.optional},
                   {"longest", parameter.longest}};
  if (!parameter.one_of.empty()) {
    const auto choices = base::split(parameter.one_of, ' ');
    out["one_of"] = json::to_array(choices);
    out["one_of_text"] = base::join(choices, ", ");
  }
  return out;
}

}  // namespace

std::span<const Method> methods_of(std::string_view trigger) {
  const auto found = table().find(trigger);
  return found == table().end() ? std::span<const Method>() : std::span<const Method>(found->second);
}

const Method* find_method(std::string_view trigger, std::string_view name) {
  const auto methods = methods_of(trigger);
  const auto found = std::find_if(methods.begin(), methods.end(), [&](const Method& each) { return each.name == name; });
  return found == methods.end() ? nullptr : &*found;
}

base::Outcome check_arguments(const Method& method, const json::array& arguments) {
  if (arguments.size() > method.parameters.size()) return wrong(method, "it", "has more arguments than it takes");
  for (std::size_t i = 0; i < method.parameters.size(); ++i) {
    const auto& parameter = method.parameters[i];
    if (i >= arguments.size() || (parameter.optional && arguments[i].is_null())) {
      if (parameter.optional) continue;
      return wrong(method, parameter.name, "is missing");
    }
    if (!has_shape(parameter.shape, arguments[i])) return wrong(method, parameter.name, "is of the wrong type");
    if (!parameter.one_of.empty() &&
        !base::contains(base::split(parameter.one_of, ' '), json::to_view(arguments[i].get_string())))
      return wrong(method, parameter.name, "is none of the values that it may be");
    // The host counts UTF-16 units where this counts bytes, of which one unit makes three at most.
    if (json::write(arguments[i]).size() > 3 * parameter.longest) return wrong(method, parameter.name, "is too long");
  }
  return base::Unit{};
}

std::string describe_api() {
  json::object triggers;
  for (const auto& [trigger, methods] : table()) {
    json::array list;
    for (const auto& method : methods) {
      json::array parameters;
      for (const auto& parameter : method.parameters) parameters.push_back(describe(parameter));
      list.push_back(json::object{
          {"name", method.name}, {"effect", to_text(method.effect)}, {"parameters", std::move(parameters)}, {"why", method.why}});
    }
    triggers[trigger] = std::move(list);
  }
  return json::write(json::object{{"type", "api"}, {"triggers", std::move(triggers)}});
}

}  // namespace segue::actions
