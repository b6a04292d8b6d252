#include "oauth/token_exchange/exchange_request.h"

#include "oauth/errors.h"

namespace segue::oauth {
namespace {

std::string sent(const http::Parameters& parameters, std::string_view name) { return parameters.find(name).value_or(""); }

base::Outcome check_length(std::string_view name, const std::string& token) {
  if (token.size() <= kLongestExchangedToken) return base::Unit{};
  return invalid_request("The " + std::string(name) + " is longer than " + std::to_string(kLongestExchangedToken) + " bytes.");
}

// RFC 8707 §2 names the API by `resource`, everybody else here by `audience`.
base::Result<std::string> audience_of(const http::Parameters& parameters) {
  const auto audience = sent(parameters, "audience"), resource = sent(parameters, "resource");
  if (audience.empty() || resource.empty() || audience == resource) return audience.empty() ? resource : audience;
  auto error = invalid_request("The parameters audience and resource name different APIs: send one of them.");
  error.code = "invalid_target";  // RFC 8693 §2.2.2
  return error;
}

}  // namespace

base::Result<ExchangeRequest> read_exchange_request(const http::Parameters& parameters) {
  ExchangeRequest out;
  out.subject_token = sent(parameters, "subject_token");
  if (out.subject_token.empty()) return missing_parameter("subject_token");
  out.subject_token_type = sent(parameters, "subject_token_type");
  if (out.subject_token_type.empty()) return missing_parameter("subject_token_type");
  TRY(check_length("subject_token", out.subject_token));
  out.actor_token = sent(parameters, "actor_token");
  out.actor_token_type = sent(parameters, "actor_token_type");
  if (out.actor_token.empty() != out.actor_token_type.empty())
    return invalid_request("The parameters actor_token and actor_token_type go together: send both or none.");
  TRY(check_length("actor_token", out.actor_token));
  const auto requested = sent(parameters, "requested_token_type");
  if (!requested.empty() && requested != kAccessTokenType) {
    return invalid_request("The requested_token_type is not issued here: leave it out or send " + std::string(kAccessTokenType) +
                           ".");
  }
  out.audience = TRY(audience_of(parameters));
  out.scope = sent(parameters, "scope");
  return out;
}

}  // namespace segue::oauth
