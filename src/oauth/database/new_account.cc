#include "oauth/database/new_account.h"

#include "base/text.h"
#include "connections/identifiers.h"
#include "mail/email_verification.h"
#include "oauth/actions/registration.h"
#include "oauth/database/errors.h"
#include "oauth/origin.h"
#include "protection/request_throttle.h"

namespace segue::oauth::database {
namespace {

using Why = SignUpRefusal::Why;

// contract §5.5: who may know that an address is taken.
bool tells_that_users_exist(const tenancy::Snapshot& tenant) {
  const auto* const flags = json::find_object(tenant.tenant().settings, "flags");
  return flags != nullptr && json::find_bool(*flags, "enable_public_signup_user_exists_error").value_or(false);
}

void merge_metadata(model::User& user, std::string_view name, const json::object& changes) {
  if (changes.empty()) return;
  auto merged = json::object_or_empty(user.profile, name);
  for (const auto& entry : changes) {
    if (entry.value().is_null()) {
      merged.erase(entry.key());
    } else {
      merged[entry.key()] = entry.value();
    }
  }
  user.profile[name] = std::move(merged);
}

class AccountOpening {
 public:
  AccountOpening(const Services& services, connections::AccountTriggers& triggers, const SignUpAttempt& attempt,
                 SignUpProgress& progress)
      : services_(services),
        triggers_(triggers),
        attempt_(attempt),
        call_(attempt.call),
        tenant_(attempt.tenant),
        client_(*attempt.place.client),
        connection_(*attempt.place.connection),
        progress_(progress),
        row_(event_of(attempt.call, "fs", attempt.place.client.get())) {}

  SignUpOutcome run() {
    const auto& sent = attempt_.sent.parameters;
    row_.user_name = base::shortened(sent.find("email").value_or(""), 256);
    row_.organization_id = organization_id();
    set_connection(row_, &connection_);
    row_.strategy = connection_.strategy;
    row_.strategy_type = "database";
    if (!attempt_.is_open) return refuse(Why::closed, bad_request("public_signup_disabled", "Public signup is disabled"));

    // Before anything is looked up: what strangers can ask for is counted whatever comes of it (contract §2.6).
    if (!progress_.counted && !count()) return {.refusal = SignUpRefusal{Why::throttled, too_many_attempts()}};

    auto read = read_new_user(attempt_.sent, connection_);
    if (!read.ok()) return refuse(Why::not_valid, read.error());
    auto user = std::move(*read);
    const auto password = sent.find("password");
    if (!password) return refuse(Why::not_valid, bad_request("invalid_request", "Missing required parameter: password"));
    auto verdict = connections::judge_password(options_of(connection_), *password);
    if (!verdict.verified) {
      auto refused = refuse(Why::weak_password, bad_request("invalid_password", "Password is too weak"));
      refused.refusal->verdict = std::move(verdict);
      return refused;
    }

    // A taken address costs what a free one does.
    if (progress_.password_hash.empty()) {
      if (call_.lane != http::Lane::hashing) return {.goes_on = http::Lane::hashing};
      progress_.password_hash = services_.password_login.hash(crypto::Secret(*password));
    }
    if (is_taken(user)) return refuse(Why::taken, taken(user));

    auto* const actions = services_.pipeline.triggers();
    if (actions != nullptr && actions->has(tenant_, kPreUserRegistration)) {
      if (call_.lane != http::Lane::outbound) return {.goes_on = http::Lane::outbound};
      if (auto refused = run_actions(*actions, user)) return std::move(*refused);
    }
    return store(std::move(user));
  }

 private:
  std::string organization_id() const { return attempt_.request == nullptr ? std::string() : attempt_.request->organization; }

  SignUpOutcome refuse(Why why, base::Error error) { return refuse(why, error.description, error); }
  SignUpOutcome refuse(Why why, const std::string& logged, base::Error error) {
    row_.description = logged;
    services_.failures.push(call_.tenant, row_);
    return {.refusal = SignUpRefusal{why, std::move(error)}};
  }

  bool count() {
    using protection::kSignUpsOfAddress, protection::Throttled;
    const auto now = services_.clock.now();
    const auto& address = call_.caller_address;
    auto& store = services_.tenants.store();
    const bool over = store.read(call_.tenant, [&](const store::Reader& r) {
      return protection::is_address_throttled(r, kSignUpsOfAddress, address, now);
    });
    const auto counted = over ? Throttled::yes : store.write(call_.tenant, [&](const store::Writer& w) {
      return protection::count_address(w, kSignUpsOfAddress, address, now);
    });
    progress_.counted = true;
    if (counted == Throttled::no) return true;
    auto limit = row_;
    limit.type = "limit_mu";
    limit.description = "Too many sign-ups from this address";
    limit.details["flow"] = "signup";
    services_.failures.push(call_.tenant, std::move(limit));
    return counted == Throttled::last;
  }

  bool is_taken(const model::User& user) const {
    return services_.tenants.store().read(call_.tenant, [&](const store::Reader& r) {
      return store::users::find_by_identifier(r, user.connection_id, user.email).has_value() ||
             (!user.username.empty() && store::users::find_by_identifier(r, user.connection_id, user.username).has_value());
    });
  }

  base::Error taken(const model::User& user) const {
    if (!tells_that_users_exist(tenant_)) return invalid_sign_up();
    const bool by_email = user.username.empty() || services_.tenants.store().read(call_.tenant, [&](const store::Reader& r) {
      return store::users::find_by_identifier(r, user.connection_id, user.email).has_value();
    });
    return by_email ? bad_request("user_exists", "The user already exists.")
                    : bad_request("username_exists", "The username already exists.");
  }

  // What an Action wants is stored with the user; a refusal stores nothing.
  std::optional<SignUpOutcome> run_actions(Triggers& actions, model::User& user) {
    auto outcome = run_pre_user_registration(actions, {.call = call_,
                                                       .tenant = tenant_,
                                                       .client = client_,
                                                       .connection = connection_,
                                                       .user = user,
                                                       .parameters = attempt_.sent.parameters,
                                                       .origin = origin_of(call_, services_.geoip),
                                                       .request = attempt_.request});
    executions_ = std::move(outcome.execution_id);
    add_executions(row_);
    if (outcome.failure) {
      auto error = error_of(*outcome.failure);
      if (error.status == 403) error.status = 400;
      return refuse(Why::failed, std::move(error));
    }
    if (outcome.refusal) {
      return refuse(Why::by_action, outcome.refusal->reason, bad_request(outcome.refusal->code, outcome.refusal->message));
    }
    merge_metadata(user, "user_metadata", outcome.user_metadata);
    merge_metadata(user, "app_metadata", outcome.app_metadata);
    return std::nullopt;
  }

  void add_executions(audit::Event& row) const {
    if (!executions_.empty()) row.details["actions"] = json::object{{"executions", json::array{json::value(executions_)}}};
  }

  SignUpOutcome store(model::User user) {
    const auto now = services_.clock.now();
    user.user_id = "auth0|" + services_.random.text(24, base::kHexDigits);
    user.password_hash = progress_.password_hash;
    // As it is stored (store/users.cc).
    user.created_at = user.updated_at = user.password_epoch = now;
    auto described = user.profile;
    connections::add_profile_defaults(user.profile, user.email, user.username);

    auto row = event_of(call_, "ss", &client_);
    set_user(row, user, &connection_);
    row.organization_id = organization_id();
    add_executions(row);
    row.details["body"] = json::object{{"client_id", client_.client_id}, {"connection", connection_.name}, {"email", user.email}};
    const auto verification = verification_mail(user, now);
    using Written = store::users::Written;
    bool invited = true;
    const auto written = services_.tenants.write_on(tenant_, [&](const store::Writer& w) {
      // Before the user, as only a new one can be behind it: nobody else waits for a row that is not there.
      invited = !attempt_.is_still_invited || attempt_.is_still_invited(w);
      if (!invited) return Written::missing;
      const auto out = connections::create_user(
          w, triggers_, {.call = call_, .tenant = tenant_, .connection = connection_, .client = &client_}, user);
      if (out != Written::done) return out;
      audit::append(w, row, now);
      if (verification) {
        mail::write(w, *verification);
        auto asked = event_of(call_, "svr", &client_);
        set_user(asked, user, &connection_);
        audit::append(w, asked, now);
      }
      return out;
    });
    if (!invited) return refuse(Why::not_invited, bad_request("access_denied", "The invitation is over"));
    if (written == Written::missing) return refuse(Why::no_connection, bad_request("invalid_connection", "No such connection"));
    if (written == Written::taken) return refuse(Why::taken, taken(user));
    return {.account = NewAccount{std::move(user), std::move(described)}};
  }

  // Where the tenant's template asks for it.
  std::optional<mail::VerificationMail> verification_mail(const model::User& user, base::Instant now) const {
    if (user.email.empty() || !mail::is_asked_for(tenant_, mail::kVerifyEmail)) return std::nullopt;
    return mail::make_verification_mail(services_.mails, services_.tenants.store(), services_.random, now,
                                        {.name = mail::kVerifyEmail,
                                         .tenant = tenant_,
                                         .domain = call_.domain,
                                         .client = &client_,
                                         .connection = &connection_,
                                         .user = &user});
  }

  const Services& services_;
  connections::AccountTriggers& triggers_;
  const SignUpAttempt& attempt_;
  const http::Call& call_;
  const tenancy::Snapshot& tenant_;
  const model::Client& client_;
  const model::Connection& connection_;
  SignUpProgress& progress_;
  audit::Event row_;  // of a refusal
  std::string executions_;
};

}  // namespace

bool takes_sign_ups(const model::Connection& connection) {
  const auto* const options = options_of(connection);
  if (options == nullptr) return true;
  if (json::find_bool(*options, "disable_signup").value_or(false)) return false;
  const auto* const methods = json::find_object(*options, "authentication_methods");
  const auto* const password = methods == nullptr ? nullptr : json::find_object(*methods, "password");
  return password == nullptr || json::find_string(*password, "signup_behavior").value_or("allow") == "allow";
}

SignUpOutcome open_account(const Services& services, connections::AccountTriggers& triggers, const SignUpAttempt& attempt,
                           SignUpProgress& progress) {
  return AccountOpening(services, triggers, attempt, progress).run();
}

}  // namespace segue::oauth::database
