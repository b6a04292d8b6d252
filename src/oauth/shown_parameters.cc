#include "oauth/shown_parameters.h"

#include <algorithm>

namespace segue::oauth {
namespace {

constexpr std::string_view kOpens[] = {"access_token", "actor_token",   "client_assertion",      "client_secret",
                                       "code",         "code_verifier", "device_code",           "id_token_hint",
                                       "invitation",   "password",      "refresh_token",         "request",
                                       "request_uri",  "subject_token", "session_transfer_token"};
// Members of AuthorizationRequest.
constexpr std::string_view kOfTheRequest[] = {
    "client_id",      "response_type",         "response_mode", "redirect_uri", "scope",      "audience", "state",   "nonce",
    "code_challenge", "code_challenge_method", "login_hint",    "organization", "connection", "prompt",   "max_age", "dpop_jkt"};
// They are kept with the request, whoever sends it.
constexpr std::size_t kMostOthers = 32, kLongestOther = 1024;

template <std::size_t n>
bool is_in(const std::string_view (&list)[n], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

}  // namespace

bool opens_something(std::string_view parameter) { return is_in(kOpens, parameter); }

json::object shown(const http::Parameters& parameters) {
  json::object out;
  for (const auto& [name, value] : parameters.pairs()) {
    if (!opens_something(name)) out[name] = value;
  }
  return out;
}

json::object other_parameters(const http::Parameters& parameters) {
  json::object out;
  for (const auto& [name, value] : parameters.pairs()) {
    if (is_in(kOfTheRequest, name) || opens_something(name) || name.size() + value.size() > kLongestOther) continue;
    if (out.size() == kMostOthers) break;
    out[name] = value;
  }
  return out;
}

json::object foreign_parameters(const json::object& shown) {
  json::object out;
  for (const auto& member : shown) {
    const std::string_view name(member.key().data(), member.key().size());
    const auto size = member.value().is_string() ? member.value().get_string().size() : kLongestOther;
    if (opens_something(name) || name.size() + size > kLongestOther) continue;
    if (out.size() == kMostOthers) break;
    out[name] = member.value();
  }
  return out;
}

}  // namespace segue::oauth
