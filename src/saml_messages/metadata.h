// What the identity provider says of itself, for service providers to be set up with (SAML metadata §2.4.3; WS-Federation §3.1).
#pragma once
#include <string>
#include <vector>

namespace segue::saml_messages {

struct IdentityProvider {
  std::string entity_id;
  std::vector<std::string> certificates;  // the DER in base64, the one in use first
  std::string sign_on_url;
  std::string logout_url;
  std::string name_id_format;  // the one that its assertions have
  bool wants_signed_requests = false;
  std::vector<std::string> claims = {};  // names of attributes that it offers
};
std::string write_metadata(const IdentityProvider& provider);

struct SecurityTokenService {
  std::string entity_id;
  std::vector<std::string> certificates;
  std::string sign_on_url;
  std::vector<std::string> claims = {};
};
std::string write_federation_metadata(const SecurityTokenService& service);

}  // namespace segue::saml_messages
