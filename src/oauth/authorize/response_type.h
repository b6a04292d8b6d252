// What an authorization answer holds and how it travels (OAuth 2.0 Multiple Response Type Encoding Practices, OAuth 2.0 Form Post
// Response Mode, contract §2.1).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/parameters.h"
#include "model/client.h"

namespace segue::oauth {

// A set of up to three things that the answer holds.
struct ResponseType {
  bool code = false, token = false, id_token = false;

  // Whether a token stands in the answer itself, in front of the browser.
  bool is_front_channel() const { return token || id_token; }
  bool operator==(const ResponseType&) const = default;
};
// The values in any order; nothing for a value that is unknown or stands twice.
std::optional<ResponseType> response_type_from(std::string_view text);
std::string to_text(ResponseType type);  // in the registered order

enum class ResponseMode { query, fragment, form_post, web_message };
std::optional<ResponseMode> response_mode_from(std::string_view text);
std::string_view to_text(ResponseMode mode);

// Multiple Response Types §2.1: a query for a code alone, a fragment when the answer holds a token.
ResponseMode default_response_mode(ResponseType type);

struct ResponseShape {
  ResponseType type{.code = true};
  ResponseMode mode = ResponseMode::query;
};
// How this request is answered, errors included: what it asks for where that is allowed, else the default.
ResponseShape response_shape(const http::Parameters& parameters);

// The checks, each with one clause.
base::Outcome check_response_type(const http::Parameters& parameters, const model::Client& client);
base::Outcome check_response_mode(const http::Parameters& parameters, ResponseType type);

}  // namespace segue::oauth
