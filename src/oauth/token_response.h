// The success body of the token endpoint (RFC 6749 §5.1, contract §3.1).
#pragma once
#include <optional>
#include <string>

#include "crypto/secret.h"
#include "http/message.h"

namespace segue::oauth {

struct TokenResponse {
  std::string access_token;
  std::string token_type = "Bearer";
  std::int64_t expires_in = 0;
  std::string scope;              // empty: omitted
  std::string id_token;           // empty: omitted
  crypto::Secret refresh_token;   // empty: omitted
  std::string issued_token_type;  // empty: omitted (RFC 8693 §2.2.1)
};
http::Response render(const TokenResponse& tokens);

}  // namespace segue::oauth
