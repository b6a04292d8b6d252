// What a browser asks of /wsfed: the parameters of WS-Federation's passive profile (WS-Federation 1.2 §13.2), read and bounded.
// Nobody signs them. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "http/parameters.h"

namespace segue::wsfed_idp {

enum class Action { sign_in, sign_out, clean_up };

struct PassiveRequest {
  Action action = Action::sign_in;      // wa
  std::string realm;                    // wtrealm: whose token it is to be; empty: not named
  std::string reply;                    // wreply; empty: not named
  std::optional<std::string> context;   // wctx, which goes back untouched; an empty one is one, too
  std::string connection;               // whr, without its `urn:`
  std::optional<std::int64_t> max_age;  // wfresh in seconds; 0: sign in again
  std::string organization, login_hint, session_transfer_token;
  // A relying party names what it wants and who it is. A link that does not was made by somebody else.
  bool is_asked_for = false;
  // What the request demands and cannot have. Its answer says so.
  std::optional<base::Error> objection;
};

inline constexpr std::size_t kLongestContext = 8 * 1024;  // applications keep encrypted state in it
inline constexpr std::size_t kLongestName = 2 * 1024;     // wtrealm, wreply

// The query's and the form's, each name once.
base::Result<http::Parameters> read_parameters(const http::Request& request);
base::Result<PassiveRequest> read_passive_request(const http::Parameters& parameters, base::Instant now);

}  // namespace segue::wsfed_idp
