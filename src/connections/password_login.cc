#include "connections/password_login.h"

#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "protection/tenant_limits.h"
#include "store/identities.h"
#include "store/users.h"

namespace segue::connections {
namespace {

// No stored password is longer, so a longer one is wrong without hashing it: nobody buys CPU time with long passwords.
constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kMaxIdentifierBytes = 512;
constexpr std::size_t kLoggedNameBytes = 256;

constexpr std::string_view kWrongCredentials = "Wrong email or password.";
constexpr std::string_view kAccountBlocked =
    "Your account has been blocked after multiple consecutive login attempts. Try again later.";
constexpr std::string_view kAddressBlocked =
    "We have detected suspicious login behavior from your network address, and further attempts are blocked. Try again later.";
constexpr std::string_view kUserBlocked = "user is blocked";

base::Error wrong_credentials() {
  return {
      .kind = base::ErrorKind::forbidden, .code = "invalid_grant", .description = std::string(kWrongCredentials), .status = 403};
}

base::Error too_many_attempts(std::string_view text) {
  return {.kind = base::ErrorKind::rate_limited, .code = "too_many_attempts", .description = std::string(text), .status = 429};
}

// Text that can name a user at all. Anything else is an unknown user and never reaches the database.
bool can_be_identifier(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdentifierBytes && base::is_valid_utf8(text) && base::is_free_of_controls(text);
}

// Event and error share one text; the error's goes to the person, this one to the tenant's administrators.
audit::Event failure(const PasswordAttempt& attempt, std::string_view identifier, std::string type, std::string_view text) {
  audit::Event event = attempt.event;
  event.type = std::move(type);
  event.description = text;
  if (event.ip.empty()) event.ip = attempt.address;
  event.connection = attempt.connection->name;
  event.connection_id = attempt.connection->connection_id;
  event.strategy = attempt.connection->strategy;
  event.strategy_type = "database";
  if (identifier.size() <= kLoggedNameBytes && can_be_identifier(identifier)) event.user_name = identifier;
  event.details["error"] = json::object{{"message", text}};
  return event;
}

audit::Event failure_of(const model::User& user, const PasswordAttempt& attempt, std::string_view identifier, std::string type,
                        std::string_view text) {
  auto event = failure(attempt, identifier, std::move(type), text);
  event.user_id = user.user_id;
  return event;
}

}  // namespace

std::string make_decoy_hash(const crypto::PasswordCost& cost) {
  const auto unpadded = [](std::size_t bytes) {
    auto text = base::base64(std::string(bytes, '\x5a'));
    return text.substr(0, text.find('='));
  };
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_bytes / 1024) + ",t=" + std::to_string(cost.operations) + ",p=1$" +
         unpadded(16) + "$" + unpadded(32);
}

PasswordLogin::PasswordLogin(tenancy::Tenants& tenants, protection::BruteForce& brute_force, audit::FailureQueue& failures,
                             const base::Clock& clock, crypto::PasswordCost cost)
    : tenants_(tenants),
      brute_force_(brute_force),
      failures_(failures),
      clock_(clock),
      cost_(cost),
      decoy_hash_(make_decoy_hash(cost)) {}

base::Result<model::User> PasswordLogin::authenticate(const PasswordAttempt& attempt) {
  // Phone keyboards end a completed word with a space.
  const auto identifier = base::ascii_lower(base::trim(attempt.identifier));

  if (attempt.password.empty() || attempt.password.reveal().size() > kMaxPasswordBytes) {
    failures_.push(attempt.tenant, failure(attempt, identifier, "f", kWrongCredentials));
    return wrong_credentials();
  }

  const auto account = attempt.connection->connection_id + "|" + identifier;
  const auto rules = protection::rules_of(*tenants_.snapshot(attempt.tenant), attempt.address, brute_force_.limits());
  switch (brute_force_.begin_attempt(attempt.tenant, account, attempt.address, rules)) {
    case protection::BruteForce::Verdict::allowed: break;
    case protection::BruteForce::Verdict::account_blocked:
      failures_.push(attempt.tenant, failure(attempt, identifier, "limit_wc", kAccountBlocked));
      return too_many_attempts(kAccountBlocked);
    case protection::BruteForce::Verdict::address_blocked:
      auto blocked = failure(attempt, identifier, "limit_mu", kAddressBlocked);
      blocked.details["flow"] = "login";
      failures_.push(attempt.tenant, std::move(blocked));
      return too_many_attempts(kAddressBlocked);
  }

  auto& store = tenants_.store();
  // Here, and nowhere else, an identity becomes whom it signs in: what follows knows users only.
  std::optional<model::User> identity, user;
  if (can_be_identifier(identifier)) {
    store.read(attempt.tenant, [&](const store::Reader& r) {
      identity = store::users::find_by_identifier(r, attempt.connection->connection_id, identifier);
      user = identity ? store::identities::find_subject(r, *identity) : std::nullopt;
      return true;
    });
  }
  // A user without a password (or with a hash that cannot be read) costs the same as one with a wrong password.
  const bool has_password = user && crypto::is_supported_password_hash(identity->password_hash);
  const auto match = crypto::verify_password(attempt.password, has_password ? identity->password_hash : decoy_hash_, cost_);
  if (!user) {
    failures_.push(attempt.tenant, failure(attempt, identifier, "fu", kWrongCredentials));
    return wrong_credentials();
  }
  if (!has_password || match == crypto::PasswordMatch::no) {
    failures_.push(attempt.tenant, failure_of(*user, attempt, identifier, "fp", kWrongCredentials));
    return wrong_credentials();
  }

  brute_force_.success(attempt.tenant, account, attempt.address, rules);
  if (user->blocked) {
    // Said only to who knows the password. Such a caller is no stranger any more: the row commits before the answer.
    store.write(attempt.tenant, [&](const store::Writer& w) {
      audit::append(w, failure_of(*user, attempt, identifier, "f", kUserBlocked), clock_.now());
      return true;
    });
    return base::Error{
        .kind = base::ErrorKind::forbidden, .code = "unauthorized", .description = std::string(kUserBlocked), .status = 403};
  }
  if (match == crypto::PasswordMatch::yes_but_rehash) {
    const auto better = crypto::hash_password(attempt.password, cost_);
    store.write(attempt.tenant, [&](const store::Writer& w) {
      store::users::replace_hash(w, identity->user_id, identity->password_hash, better);
      return true;
    });
    if (identity->linked_to.empty()) user->password_hash = better;
  }
  return std::move(*user);
}

}  // namespace segue::connections
