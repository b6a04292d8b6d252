#include "oauth/actions/commands.h"

#include <algorithm>

#include "base/plain_text.h"
#include "base/text.h"
#include "oauth/actions/redirect_target.h"
#include "oauth/actions/saml_commands.h"

namespace segue::oauth {
namespace {

constexpr std::size_t kMostMetadata = 25, kLongestMetadata = 255;  // contract §4.5
constexpr std::size_t kMostUserMetadata = 32 * 1024;               // contract §8.3
constexpr std::size_t kMostTransactionMetadata = 16 * 1024, kLongestTransactionKey = 64;
constexpr std::size_t kMostMethods = 10;

using Arguments = json::array;

// Milliseconds since 1970; a time beyond what a clock can say never comes.
std::optional<base::Instant> time_at(const Arguments& arguments) {
  if (arguments.empty() || !arguments[0].is_number()) return std::nullopt;
  const double millis = arguments[0].to_number<double>();
  constexpr double kMost = 253402300799000;  // the year 9999
  return base::from_micros(static_cast<std::int64_t>(std::clamp(millis, 0.0, kMost)) * 1000);
}

// The earliest of several calls counts.
void bring_nearer(std::optional<base::Instant>& end, const Arguments& arguments) {
  const auto wanted = time_at(arguments);
  if (wanted && (!end || *wanted < *end)) end = wanted;
}

// A value as it is kept: text. Nothing: the entry goes.
std::optional<std::string> entry_text(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? std::string(json::to_view(value.get_string())) : json::write(value);
}

class Fold {
 public:
  explicit Fold(const PostLoginFacts& facts) : facts_(facts) {
    out_.effects = facts.before;
    out_.transaction_metadata = facts.transaction_metadata;
  }

  // `continues`: of an Action that goes on after its redirect.
  void take(const actions::Command& command, bool continues) {
    const auto& [method, arguments] = command;
    auto& effects = out_.effects;
    if (method == "access.deny") return deny("access_denied", told_argument(arguments, 0));
    if (method == "validation.error") return deny("access_denied", told_argument(arguments, 1));
    if (method == "accessToken.setCustomClaim") return claim(effects.access_token_claims, arguments);
    if (method == "idToken.setCustomClaim") return claim(effects.id_token_claims, arguments);
    if (method == "accessToken.addScope") return move(text_argument(arguments, 0), effects.removed_scopes, effects.added_scopes);
    if (method == "accessToken.removeScope")
      return move(text_argument(arguments, 0), effects.added_scopes, effects.removed_scopes);
    if (method == "user.setUserMetadata") return set_of_user(effects.user_metadata, arguments);
    if (method == "user.setAppMetadata") return set_of_user(effects.app_metadata, arguments);
    if (method.starts_with("session.")) return of_session(method.substr(8), arguments);
    if (method.starts_with("refreshToken.")) return of_refresh_token(method.substr(13), arguments);
    if (method == "redirect.sendUserTo") return redirect(arguments);
    if (method == "authentication.setPrimaryUser") return set_primary(text_argument(arguments, 0));
    if (method == "authentication.recordMethod") return record_method(text_argument(arguments, 0), continues);
    if (method.starts_with("samlResponse.")) return of_saml_response(method.substr(13), arguments);
    if (method == "transaction.setMetadata") return claim(out_.transaction_metadata, arguments);
  }

  PostLoginOutcome finish() {
    check(out_.effects.session.metadata, "session");
    check(out_.effects.refresh_token.metadata, "refresh token");
    check_size(out_.effects.user_metadata, "user_metadata");
    check_size(out_.effects.app_metadata, "app_metadata");
    check_transaction(out_.transaction_metadata);
    if (const auto problem = saml_response_problem(out_.effects.saml_response))
      deny("access_denied", "api.samlResponse: " + *problem);
    return std::move(out_);
  }

 private:
  void deny(std::string error, std::string description) {
    if (!out_.refusal) out_.refusal = SignInRefusal{std::move(error), std::move(description)};
  }

  static void claim(json::object& claims, const Arguments& arguments) {
    if (arguments.size() == 2) claims[text_argument(arguments, 0)] = arguments[1];
  }

  static void move(const std::string& scope, std::vector<std::string>& from, std::vector<std::string>& to) {
    // One scope; a list would be more than was asked for.
    if (scope.empty() || scope.find(' ') != std::string::npos) return;
    std::erase(from, scope);
    if (!base::contains(to, scope)) to.push_back(scope);
  }

  static void set_of_user(json::object& changes, const Arguments& arguments) {
    if (arguments.size() == 2) changes[text_argument(arguments, 0)] = arguments[1];
  }

  static void set_entry(RecordEffects& record, const json::object& stored, const Arguments& arguments, bool removes) {
    if (!record.metadata) record.metadata = stored;
    const auto value = removes || arguments.size() < 2 ? std::nullopt : entry_text(arguments[1]);
    if (value) {
      (*record.metadata)[text_argument(arguments, 0)] = *value;
    } else {
      record.metadata->erase(text_argument(arguments, 0));
    }
  }

  static void of_record(RecordEffects& record, const json::object& stored, std::string_view method, const Arguments& arguments) {
    if (method == "setExpiresAt") return bring_nearer(record.expires_at, arguments);
    if (method == "setIdleExpiresAt") return bring_nearer(record.idle_expires_at, arguments);
    if (method == "setMetadata") return set_entry(record, stored, arguments, false);
    if (method == "deleteMetadata") return set_entry(record, stored, arguments, true);
    if (method == "evictMetadata") record.metadata = json::object{};
  }

  void of_session(std::string_view method, const Arguments& arguments) {
    if (method == "setCookieMode") {
      out_.effects.persistent = text_argument(arguments, 0) == "persistent";
    } else if (method == "revoke") {
      out_.revokes_session = true;
      const bool has_options = arguments.size() > 1 && arguments[1].is_object();
      out_.keeps_refresh_tokens =
          has_options && json::find_bool(arguments[1].get_object(), "preserveRefreshTokens").value_or(false);
      deny("access_denied", told_argument(arguments, 0));
    } else {
      of_record(out_.effects.session, facts_.session_metadata, method, arguments);
    }
  }

  void of_refresh_token(std::string_view method, const Arguments& arguments) {
    if (method != "revoke") return of_record(out_.effects.refresh_token, facts_.refresh_token_metadata, method, arguments);
    out_.revokes_refresh_token = facts_.exchanges_refresh_token;
    deny("access_denied", told_argument(arguments, 0));
  }

  // A sign-in that is answered in another way passes over it.
  void of_saml_response(std::string_view setter, const Arguments& arguments) {
    if (!facts_.makes_saml_response) return;
    if (const auto problem = take_saml_command(out_.effects.saml_response, setter, arguments)) deny("access_denied", *problem);
  }

  void redirect(const Arguments& arguments) {
    if (!facts_.can_redirect) return deny("interaction_required", "Interaction required");
    out_.redirect_url = redirect_target(text_argument(arguments, 0), arguments);
    if (!out_.redirect_url)
      deny("access_denied", "api.redirect.sendUserTo: the URL must be absolute and begin with https:// or http://");
  }

  // contract §8.5: once in a sign-in.
  void set_primary(std::string user_id) {
    auto& primary = out_.primary_user_id;
    if (primary && *primary != user_id)
      return deny("access_denied", "api.authentication.setPrimaryUser: another user was set before in this sign-in");
    primary = std::move(user_id);
  }

  // contract §8.5: who has just come back went through it, and nobody else.
  void record_method(std::string method, bool continues) {
    if (!continues) return deny("access_denied", "api.authentication.recordMethod is served in onContinuePostLogin only");
    auto& methods = out_.effects.methods;
    if (!is_web_address(method))
      return deny("access_denied",
                  "api.authentication.recordMethod: the method must be a URL that begins with https:// or http://");
    std::erase_if(methods, [&](const auto& each) { return each.name == method; });
    if (methods.size() >= kMostMethods) return deny("access_denied", "api.authentication.recordMethod: at most 10 methods");
    methods.push_back({std::move(method), facts_.now});
  }

  // contract §8.3
  void check_transaction(const json::object& metadata) {
    const bool long_key = std::any_of(metadata.begin(), metadata.end(),
                                      [](const auto& entry) { return entry.key().size() > kLongestTransactionKey; });
    if (long_key) deny("access_denied", "Failed to set transaction metadata: a key is longer than 64 characters");
    if (!metadata.empty() && json::write(metadata).size() > kMostTransactionMetadata)
      deny("access_denied", "Failed to set transaction metadata: it is larger than 16 kB");
  }

  void check(const std::optional<json::object>& metadata, std::string_view of) {
    if (!metadata) return;
    if (const auto problem = metadata_problem(*metadata))
      deny("access_denied", "Failed to set " + std::string(of) + " metadata: Invalid metadata: " + *problem);
  }

  void check_size(const json::object& changes, std::string_view name) {
    if (!changes.empty() && json::write(changes).size() > kMostUserMetadata)
      deny("access_denied", "Failed to set " + std::string(name) + ": it is larger than 32 kB");
  }

  const PostLoginFacts& facts_;
  PostLoginOutcome out_;
};

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= kLongestMetadata && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

std::string text_argument(const json::array& arguments, std::size_t i) {
  return i < arguments.size() && arguments[i].is_string() ? std::string(json::to_view(arguments[i].get_string())) : std::string();
}

std::string told_argument(const json::array& arguments, std::size_t i) {
  return base::without_acting_characters(text_argument(arguments, i));
}

std::optional<std::string> metadata_problem(const json::object& metadata) {
  if (metadata.size() > kMostMetadata) return "it must not exceed 25 entries";
  for (const auto& entry : metadata) {
    if (!is_key(entry.key())) return "a key must be 1 to 255 of A-Z a-z 0-9 _ -";
    if (!entry.value().is_string() || base::character_count(json::to_view(entry.value().get_string())) > kLongestMetadata)
      return "the value of " + std::string(entry.key()) + " must be at most 255 characters";
  }
  return std::nullopt;
}

PostLoginOutcome post_login_outcome(const std::vector<actions::ActionResult>& results, const PostLoginFacts& facts) {
  Fold fold(facts);
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (const auto& command : results[i].commands) fold.take(command, facts.continues && i == 0);
  }
  return fold.finish();
}

}  // namespace segue::oauth
