#include "oauth/token_response.h"

#include "json/value.h"

namespace segue::oauth {

http::Response render(const TokenResponse& tokens) {
  json::object body{{"access_token", tokens.access_token}};
  if (!tokens.refresh_token.empty()) body["refresh_token"] = tokens.refresh_token.reveal();
  if (!tokens.id_token.empty()) body["id_token"] = tokens.id_token;
  if (!tokens.issued_token_type.empty()) body["issued_token_type"] = tokens.issued_token_type;
  if (!tokens.scope.empty()) body["scope"] = tokens.scope;
  body["expires_in"] = tokens.expires_in;
  body["token_type"] = tokens.token_type;
  auto response = http::json_response(200, json::write(body));
  response.headers.set("cache-control", "no-store");  // RFC 6749 §5.1
  response.headers.set("pragma", "no-cache");
  return response;
}

}  // namespace segue::oauth
