#include "base/text.h"
#include "oauth/actions/redaction.h"
#include "oauth/actions/triggers.h"
#include "oauth/errors.h"
#include "oauth/grants/direct_tokens.h"
#include "oauth/grants/grants.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/token_exchange/actor_token.h"
#include "oauth/token_exchange/exchange_decision.h"
#include "oauth/token_exchange/exchange_event.h"
#include "oauth/token_exchange/exchange_target.h"
#include "oauth/token_exchange/exchange_user.h"
#include "oauth/token_request_origin.h"
#include "protection/subject_token_throttle.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kThrottledText =
    "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.";

base::Error exchange_throttled() {
  return {.kind = base::ErrorKind::rate_limited,
          .code = "too_many_attempts",
          .description = std::string(kThrottledText),
          .status = 429};
}

// An Action may name an organization by its name, whatever applications may do.
std::string organization_set(const tenancy::Snapshot& tenant, const std::string& id_or_name) {
  if (id_or_name.starts_with("org_")) return id_or_name;
  const auto named = tenant.organization_named(base::ascii_lower(id_or_name));
  return named ? named->organization_id : id_or_name;
}

// The later one of two changes of a key counts.
SignInEffects with_metadata_of(SignInEffects earlier, const SignInEffects& later) {
  for (const auto& change : later.user_metadata) earlier.user_metadata[change.key()] = change.value();
  for (const auto& change : later.app_metadata) earlier.app_metadata[change.key()] = change.value();
  return earlier;
}

class TokenExchange {
 public:
  TokenExchange(const Services& services, const TokenRequest& request)
      : services_(services), request_(request), origin_(origin_of(request, services.geoip)) {
    failure_ = event_of(request.call, "fecte", &*request.client);
    failure_.ip = origin_.ip;
    failure_.audience = base::shortened(request.parameters.find("audience").value_or(""), 600);
    failure_.scope = base::shortened(request.parameters.find("scope").value_or(""), 2000);
    failure_.details["subject_token_type"] = base::shortened(request.parameters.find("subject_token_type").value_or(""), 100);
  }

  base::Result<http::Response> respond() {
    auto answer = exchange();
    if (!answer.ok()) {
      failure_.description = without_tokens(answer.error().description, tokens_);
      record_failure();
    }
    return answer;
  }

 private:
  base::Result<http::Response> exchange() {
    // 1. What is asked for.
    TRY(check_exchange_client(*request_.client));
    const auto exchange = TRY(read_exchange_request(request_.parameters));
    tokens_ = {exchange.subject_token, exchange.actor_token};
    auto target = TRY(decide_exchange_target(request_, exchange));
    // 2. May this address still try?
    if (is_throttled()) return exchange_throttled();
    // 3. Whom the tokens name: the actor's is looked at here, the subject's by the Action.
    const auto actor = TRY(actor_token_user(*request_.tenant, exchange, request_.now));
    const auto decision = TRY(ask(exchange, target, actor ? &*actor : nullptr));
    if (!decision.organization.empty()) target.organization_id = organization_set(*request_.tenant, decision.organization);
    TRY(check_organization(*request_.tenant, *request_.client, target.organization_id));
    if (!decision.actor.empty()) {
      failure_.details["actor"] = decision.actor;
      target.resource = without_refresh_token(target.resource);
    }
    const auto user = TRY(find_exchange_user(request_, decision));
    set_user(failure_, user.user, user.connection.get());
    failure_.organization_id = target.organization_id;
    // 4. The pipeline may refuse.
    const auto effects = TRY(run_pipeline(exchange, target, user));
    // 5. Make what is granted, store it, and only then answer.
    return grant(target, decision, user, effects);
  }

  // A decision about somebody's account is told before the answer; what strangers try is queued (design §4).
  void record_failure() {
    if (failure_.user_id.empty()) return services_.failures.push(request_.call.tenant, failure_);
    services_.tenants.store().write(
        request_.call.tenant, [&](const store::Writer& w) { return audit::append(w, failure_, request_.now), true; });
  }

  bool is_throttled() const {
    return services_.tenants.store().read(request_.call.tenant, [&](const store::Reader& r) {
      return protection::is_subject_token_throttled(r, origin_.ip, request_.now);
    });
  }

  void add_execution(const std::string& execution_id) {
    if (!execution_id.empty()) executions_.push_back(execution_id);
    SignInEffects ran;
    ran.executions = executions_;
    describe(failure_, ran);
  }

  base::Result<ExchangeDecision> ask(const ExchangeRequest& exchange, const ExchangeTarget& target, const model::User* actor) {
    auto* const triggers = services_.pipeline.triggers();
    if (triggers == nullptr) return error_of(SignInRefusal{"temporarily_unavailable", "Actions do not run on this server.", 503});
    TriggerCall call{.trigger = kCustomTokenExchange,
                     .event = exchange_event({.request = request_,
                                              .exchange = exchange,
                                              .audience = target.resource.audience,
                                              .organization_id = target.organization_id,
                                              .actor_token_user = actor,
                                              .origin = origin_}),
                     .row = event_of(request_.call, "", &*request_.client),
                     .tokens = tokens_};
    call.row.ip = origin_.ip;
    const std::vector<model::BoundAction> bound{{.binding_id = {}, .display_name = {}, .action = target.action->action}};
    const auto ran = triggers->run(*request_.tenant, bound, std::move(call));
    add_execution(ran.execution_id);
    if (ran.failure) return error_of(*ran.failure);
    auto decision = exchange_decision(ran.results);
    if (decision.subject_token_is_invalid && !count_invalid_token()) return exchange_throttled();
    if (decision.refusal) return *decision.refusal;
    return decision;
  }

  // False: others took the last place while the Action ran.
  bool count_invalid_token() {
    using Counted = protection::SubjectTokenCounted;
    const auto counted = services_.tenants.store().write(request_.call.tenant, [&](const store::Writer& w) {
      return protection::count_invalid_subject_token(w, origin_.ip, request_.now);
    });
    if (counted == Counted::last) {
      auto row = failure_;
      row.type = "limit_mu";
      row.description = kThrottledText;
      row.details["flow"] = "custom-token-exchange";
      services_.failures.push(request_.call.tenant, row);
    }
    return counted != Counted::beyond;
  }

  base::Result<SignInEffects> run_pipeline(const ExchangeRequest& exchange, const ExchangeTarget& target,
                                           const ExchangeUser& user) {
    if (services_.pipeline.is_empty(*request_.tenant)) return SignInEffects{};
    auto result = services_.pipeline.run({.call = request_.call,
                                          .tenant = *request_.tenant,
                                          .protocol = "oauth2-token-exchange",
                                          .client = request_.client.shared(),
                                          .user = &user.user,
                                          .parameters = &request_.parameters,
                                          .audience = target.resource.audience,
                                          .scope = exchange.scope,
                                          .connection_id = user.connection->connection_id,
                                          .organization_id = target.organization_id,
                                          .methods = {},
                                          .origin = origin_});
    for (const auto& execution_id : result.effects.executions) add_execution(execution_id);
    if (result.refusal) return error_of(*result.refusal);
    return std::move(result.effects);
  }

  base::Result<http::Response> grant(const ExchangeTarget& target, const ExchangeDecision& decision, const ExchangeUser& user,
                                     const SignInEffects& effects) {
    const DirectSignIn sign_in{.user_id = user.user.user_id,
                               .connection_id = user.connection->connection_id,
                               .organization_id = target.organization_id,
                               .resource = with_scopes(target.resource, effects),
                               .methods = {},  // no factor was checked here
                               .gty = {},
                               .actor = decision.actor,
                               .origin = origin_};
    auto made = prepare_direct_tokens(services_, request_, sign_in, effects);
    auto row = failure_;
    row.type = "secte";
    row.audience = sign_in.resource.audience;
    row.details["access_token_jti"] = made.jti;
    const auto of_all_actions = with_metadata_of(decision.effects, effects);

    bool throttled = false;
    const auto stored = services_.tenants.write_on(*request_.tenant, [&](const store::Writer& w) {
      throttled = protection::is_subject_token_throttled(w, origin_.ip, request_.now);
      if (throttled) return StoredExchangeUser{};
      auto out = store_exchange_user(
          w, {.request = request_, .wanted = user, .effects = of_all_actions, .organization_id = target.organization_id});
      if (out.standing != ExchangeStanding::good) return out;
      if (out.joins_organization)
        join_organization(w, request_.call, &*request_.client, target.organization_id, out.user, request_.now);
      set_user(row, out.user, user.connection.get());
      store_direct_tokens(w, request_, sign_in, made, out.user.password_epoch, effects, row);
      return out;
    });
    if (throttled) return exchange_throttled();
    if (stored.standing != ExchangeStanding::good) return error_of(stored.standing, target.organization_id);
    return answer_with_direct_tokens(services_, request_, sign_in, stored.user, made, effects, kAccessTokenType);
  }

  const Services& services_;
  const TokenRequest& request_;
  const model::RequestOrigin origin_;
  audit::Event failure_;                          // what every row of this exchange says
  std::vector<std::string> tokens_, executions_;  // tokens: never in a row
};

}  // namespace

base::Result<http::Response> exchange_token(const Services& services, const TokenRequest& request) {
  return TokenExchange(services, request).respond();
}

}  // namespace segue::oauth
