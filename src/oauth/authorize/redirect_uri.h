// Which redirect URIs are a client's (contract §2.3). A VerifiedRedirect is the only way to write a Location to an application.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/client.h"

namespace segue::oauth {

class VerifiedRedirect {
 public:
  const std::string& uri() const { return uri_; }
  // "https://app.example.com:8443", or "com.app:" for a custom scheme: what a page's CSP form-action must allow.
  std::string origin() const;
  // The origin of its page, to which a message can be posted; empty when it has none that names exactly one place.
  std::string web_origin() const;

 private:
  friend std::optional<VerifiedRedirect> verify_redirect(const std::vector<std::string>& registered, std::string_view uri);
  explicit VerifiedRedirect(std::string uri) : uri_(std::move(uri)) {}
  std::string uri_;
};

// Byte for byte, but for one `*` in the left-most label of an http(s) host, which matches one label's characters.
std::optional<VerifiedRedirect> verify_redirect(const std::vector<std::string>& registered, std::string_view uri);

// Where an error may be told: nowhere but on our own page for a third-party client with redirection_policy
// open_redirect_protection (contract §2.2).
std::optional<VerifiedRedirect> error_target(const model::Client& client, const VerifiedRedirect& redirect);

// The rule itself, for other lists of the same kind (allowed_logout_urls).
bool matches_registered_url(std::string_view registered, std::string_view uri);

}  // namespace segue::oauth
