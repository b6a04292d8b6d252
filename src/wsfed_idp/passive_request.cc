#include "wsfed_idp/passive_request.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "saml_messages/header.h"
#include "saml_messages/names.h"

namespace segue::wsfed_idp {
namespace {

using saml_messages::refused;

constexpr std::int64_t kMostMinutes = 10 * 366 * 24 * 60;  // an age above it demands nothing

// §13.2.1
base::Result<Action> action_of(const http::Parameters& parameters) {
  const auto asked = parameters.find("wa").value_or("wsignin1.0");
  if (asked == "wsignin1.0") return Action::sign_in;
  if (asked == "wsignout1.0") return Action::sign_out;
  if (asked == "wsignoutcleanup1.0") return Action::clean_up;
  return refused("This action (wa) is not served here. Ask for wsignin1.0, wsignout1.0 or wsignoutcleanup1.0.");
}

base::Result<std::string> bounded(const http::Parameters& parameters, std::string_view name) {
  auto out = parameters.find(name).value_or("");
  if (out.size() > kLongestName)
    return refused(std::string(name) + " is longer than " + std::to_string(kLongestName) + " bytes.");
  return out;
}

base::Result<std::optional<std::string>> context_of(const http::Parameters& parameters) {
  if (!parameters.has("wctx")) return std::optional<std::string>();
  auto out = parameters.find("wctx").value_or("");
  if (out.size() > kLongestContext) return refused("wctx is longer than " + std::to_string(kLongestContext) + " bytes.");
  return std::optional(std::move(out));
}

// contract §5.9: `urn:NAME` or NAME. Service providers send an empty one when they know none (real clients §8.3).
std::string connection_of(const http::Parameters& parameters) {
  const auto asked = parameters.find("whr").value_or("");
  return asked.starts_with("urn:") ? asked.substr(4) : asked;
}

// §13.2.2: minutes.
base::Outcome read_freshness(const http::Parameters& parameters, PassiveRequest& out) {
  const auto text = parameters.find("wfresh");
  if (!text) return base::Unit{};
  const auto minutes = base::parse_integer(*text);
  if (!minutes) return refused("wfresh is not a whole number of minutes.");
  out.max_age = std::min(*minutes, kMostMinutes) * 60;
  return base::Unit{};
}

// §13.2.2: when the request was made. One that somebody kept is of no use any more.
base::Outcome check_age(const http::Parameters& parameters, base::Instant now) {
  const auto text = parameters.find("wct");
  if (!text) return base::Unit{};
  const auto made_at = TRY(saml_messages::read_time(*text, "wct"));
  if (made_at > now + saml_messages::kClockSkew) return refused("wct is in the future. Set the application's clock.");
  if (made_at + saml_messages::kMessageLifetime + saml_messages::kClockSkew < now)
    return refused("This sign-in request is too old (wct). Go back to the application and sign in again.");
  return base::Unit{};
}

// What would be left undone if it were not looked at: the sign-in would be weaker, or the token another one, than was asked for.
base::Outcome check_demands(const http::Parameters& parameters) {
  if (const auto method = parameters.find("wauth"); method && !saml_messages::is_met_by_password(*method))
    return refused("People sign in by password here, and wauth asks for something else. Leave it out.");
  for (const auto* const name : {"wreq", "wreqptr"}) {
    if (parameters.find(name))
      return refused("A token is described in addons.wsfed of the application, and not by " + std::string(name) +
                     ". Leave it out.");
  }
  return base::Unit{};
}

base::Outcome read_demands(const http::Parameters& parameters, base::Instant now, PassiveRequest& out) {
  TRY(read_freshness(parameters, out));
  TRY(check_age(parameters, now));
  return check_demands(parameters);
}

}  // namespace

base::Result<http::Parameters> read_parameters(const http::Request& request) {
  auto out = TRY(http::Parameters::parse(request.query));
  if (request.method == http::Method::post) {
    const auto form = TRY(http::Parameters::parse(request.body));
    for (const auto& [name, value] : form.pairs()) out.add(name, value);
  }
  if (const auto twice = out.first_duplicate()) return refused("The parameter " + *twice + " is present more than once.");
  return out;
}

base::Result<PassiveRequest> read_passive_request(const http::Parameters& parameters, base::Instant now) {
  PassiveRequest out;
  out.action = TRY(action_of(parameters));
  out.realm = TRY(bounded(parameters, "wtrealm"));
  out.reply = TRY(bounded(parameters, "wreply"));
  out.context = TRY(context_of(parameters));
  out.connection = connection_of(parameters);
  out.organization = parameters.find("organization").value_or("");
  out.login_hint = parameters.find("login_hint").value_or("");
  out.session_transfer_token = parameters.find("session_transfer_token").value_or("");
  out.is_asked_for = parameters.find("wa") && !out.realm.empty();
  if (auto read = read_demands(parameters, now, out); !read.ok()) out.objection = std::move(read).error();
  return out;
}

}  // namespace segue::wsfed_idp
