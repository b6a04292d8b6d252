#include "oauth/database/sign_up.h"

#include "base/text.h"
#include "connections/identifiers.h"
#include "mail/email_verification.h"
#include "oauth/actions/registration.h"
#include "oauth/database/errors.h"
#include "oauth/database/request.h"
#include "oauth/origin.h"
#include "protection/request_throttle.h"

namespace segue::oauth::database {
namespace {

// What the request has found out on the lanes it came through.
struct Progress {
  bool counted = false;
  std::string password_hash;
};

// contract §9.9: either setting closes a connection to strangers.
bool takes_sign_ups(const model::Connection& connection) {
  const auto* const options = options_of(connection);
  if (options == nullptr) return true;
  if (json::find_bool(*options, "disable_signup").value_or(false)) return false;
  const auto* const methods = json::find_object(*options, "authentication_methods");
  const auto* const password = methods == nullptr ? nullptr : json::find_object(*methods, "password");
  return password == nullptr || json::find_string(*password, "signup_behavior").value_or("allow") == "allow";
}

// contract §5.5: who may know that an address is taken.
bool tells_that_users_exist(const tenancy::Snapshot& tenant) {
  const auto* const flags = json::find_object(tenant.tenant().settings, "flags");
  return flags != nullptr && json::find_bool(*flags, "enable_public_signup_user_exists_error").value_or(false);
}

class SignUp {
 public:
  SignUp(const Services& services, connections::AccountTriggers& triggers, http::Call& call, const tenancy::Snapshot& tenant,
         Progress& progress)
      : services_(services), triggers_(triggers), call_(call), tenant_(tenant), progress_(progress) {}

  base::Result<http::Response> run(const DatabaseRequest& sent) {
    row_ = event_of(call_, "fs", nullptr);
    auto place = find_place(tenant_, sent.parameters);
    if (!place.ok()) return refuse(place.error());
    place_ = std::move(*place);
    row_.client_id = place_.client->client_id;
    row_.client_name = place_.client->name;
    row_.user_name = base::shortened(sent.parameters.find("email").value_or(""), 256);
    if (!place_.connection) return refuse("No such connection", no_connection());
    const auto& connection = *place_.connection;
    describe_connection();
    if (!takes_sign_ups(connection)) return refuse("Public signup is disabled", public_sign_up_disabled());

    // Before anything is looked up: what strangers can ask for is counted whatever comes of it (contract §2.6).
    if (!progress_.counted && !count()) return too_many_attempts();

    auto read = read_new_user(sent, connection);
    if (!read.ok()) return refuse(read.error());
    auto user = std::move(*read);
    const auto password = sent.parameters.find("password");
    if (!password) return refuse(bad_request("invalid_request", "Missing required parameter: password"));
    const auto verdict = connections::judge_password(options_of(connection), *password);
    if (!verdict.verified) return refuse("Password is too weak", password_refused(verdict));

    // A taken address costs what a free one does.
    if (progress_.password_hash.empty()) {
      if (call_.lane != http::Lane::hashing) return http::continue_on(http::Lane::hashing, progress_);
      progress_.password_hash = services_.password_login.hash(crypto::Secret(*password));
    }
    if (is_taken(user)) return refuse(taken(user));

    auto* const actions = services_.pipeline.triggers();
    if (actions != nullptr && actions->has(tenant_, kPreUserRegistration)) {
      if (call_.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound, progress_);
      if (auto refused = run_actions(*actions, sent.parameters, user)) return std::move(*refused);
    }
    return store(std::move(user));
  }

 private:
  base::Error refuse(base::Error error) {
    row_.description = error.description;
    services_.failures.push(call_.tenant, row_);
    return error;
  }
  http::Response refuse(std::string why, http::Response answer) {
    row_.description = std::move(why);
    services_.failures.push(call_.tenant, row_);
    return answer;
  }

  void describe_connection() {
    row_.connection = place_.connection->name;
    row_.connection_id = place_.connection->connection_id;
    row_.strategy = place_.connection->strategy;
    row_.strategy_type = "database";
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
  std::optional<base::Result<http::Response>> run_actions(Triggers& actions, const http::Parameters& sent, model::User& user) {
    auto outcome = run_pre_user_registration(actions, {.call = call_,
                                                       .tenant = tenant_,
                                                       .client = *place_.client,
                                                       .connection = *place_.connection,
                                                       .user = user,
                                                       .parameters = sent,
                                                       .origin = origin_of(call_, services_.geoip)});
    executions_ = std::move(outcome.execution_id);
    add_executions(row_);
    if (outcome.failure) {
      auto error = error_of(*outcome.failure);
      if (error.status == 403) error.status = 400;
      return refuse(std::move(error));
    }
    if (outcome.refusal) {
      return refuse(outcome.refusal->reason, refused_by_action(outcome.refusal->code, outcome.refusal->message));
    }
    for (const auto* name : {"user_metadata", "app_metadata"}) {
      const auto& changes = name == std::string_view("user_metadata") ? outcome.user_metadata : outcome.app_metadata;
      if (changes.empty()) continue;
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
    return std::nullopt;
  }

  void add_executions(audit::Event& row) const {
    if (!executions_.empty()) row.details["actions"] = json::object{{"executions", json::array{json::value(executions_)}}};
  }

  base::Result<http::Response> store(model::User user) {
    const auto id = services_.random.text(24, base::kHexDigits);
    const auto now = services_.clock.now();
    user.user_id = "auth0|" + id;
    user.password_hash = progress_.password_hash;
    user.created_at = user.updated_at = now;
    json::object answer{{"_id", id}, {"email", user.email}, {"email_verified", false}};
    if (!user.username.empty()) answer["username"] = user.username;
    // As it was sent: what an Action put into app_metadata is nobody's business.
    for (const auto* name : {"given_name", "family_name", "name", "nickname", "picture", "user_metadata"}) {
      if (const auto* const value = json::find(user.profile, name)) answer[name] = *value;
    }
    connections::add_profile_defaults(user.profile, user.email, user.username);

    auto row = event_of(call_, "ss", place_.client.get());
    set_user(row, user, place_.connection.get());
    add_executions(row);
    row.details["body"] =
        json::object{{"client_id", place_.client->client_id}, {"connection", place_.connection->name}, {"email", user.email}};
    const auto verification = verification_mail(user, now);
    const auto written = services_.tenants.write_on(tenant_, [&](const store::Writer& w) {
      const auto out = connections::create_user(
          w, triggers_, {.call = call_, .tenant = tenant_, .connection = *place_.connection, .client = place_.client.get()},
          user);
      if (out != store::users::Written::done) return out;
      audit::append(w, row, now);
      if (verification) {
        mail::write(w, *verification);
        auto asked = event_of(call_, "svr", place_.client.get());
        set_user(asked, user, place_.connection.get());
        audit::append(w, asked, now);
      }
      return out;
    });
    if (written == store::users::Written::missing) return refuse("No such connection", no_connection());
    if (written == store::users::Written::taken) return refuse(taken(user));
    auto response = http::json_response(200, json::write(answer));
    response.headers.set("cache-control", "no-store");
    return response;
  }

  // Where the tenant's template asks for it.
  std::optional<mail::VerificationMail> verification_mail(const model::User& user, base::Instant now) const {
    if (user.email.empty() || !mail::is_asked_for(tenant_, mail::kVerifyEmail)) return std::nullopt;
    return mail::make_verification_mail(services_.mails, services_.tenants.store(), services_.random, now,
                                        {.name = mail::kVerifyEmail,
                                         .tenant = tenant_,
                                         .domain = call_.domain,
                                         .client = place_.client.get(),
                                         .connection = place_.connection.get(),
                                         .user = &user});
  }

  const Services& services_;
  connections::AccountTriggers& triggers_;
  http::Call& call_;
  const tenancy::Snapshot& tenant_;
  Progress& progress_;
  Place place_;
  audit::Event row_;  // of a refusal
  std::string executions_;
};

}  // namespace

base::Result<http::Response> sign_up(const Services& services, connections::AccountTriggers& triggers, http::Call& call) {
  const auto sent = TRY(read_request(call.request));
  const auto* const before = std::any_cast<Progress>(&call.request.carried);
  auto progress = before == nullptr ? Progress{} : *before;
  return services.tenants.on_current(call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) {
    return SignUp(services, triggers, call, *tenant, progress).run(sent);
  });
}

}  // namespace segue::oauth::database
