// The parameters of a token exchange (RFC 8693 §2.1, contract §3.4). Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/parameters.h"

namespace segue::oauth {

inline constexpr std::string_view kTokenExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
inline constexpr std::string_view kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
inline constexpr std::string_view kIdTokenType = "urn:ietf:params:oauth:token-type:id_token";

inline constexpr std::size_t kLongestExchangedToken = 32 * 1024;

struct ExchangeRequest {
  std::string subject_token, subject_token_type;
  std::string actor_token, actor_token_type;  // both or none
  std::string audience, scope;
};
// A parameter without a value is one that was not sent (RFC 6749 §3.2). No error repeats a token.
base::Result<ExchangeRequest> read_exchange_request(const http::Parameters& parameters);

}  // namespace segue::oauth
