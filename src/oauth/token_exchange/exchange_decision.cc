#include "oauth/token_exchange/exchange_decision.h"

#include <algorithm>

#include "base/text.h"
#include "oauth/actions/commands.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

constexpr std::size_t kMostActorProperties = 5;            // besides `sub` (contract §8.6)
constexpr std::size_t kLongestActorSubject = 255;          // OIDC Core §2 `sub`
constexpr std::size_t kMostExchangedMetadata = 32 * 1024;  // contract §8.3
constexpr std::size_t kLongestErrorCode = 64;              // of an Action's own
constexpr std::string_view kNotInErrorCodes = "\"\\";      // RFC 6749 §5.2 besides controls and non-ASCII

bool is_error_code(std::string_view code) {
  return !code.empty() && code.size() <= kLongestErrorCode && std::all_of(code.begin(), code.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && kNotInErrorCodes.find(c) == std::string_view::npos;
  });
}

// contract §8.6: any code. One that no error response can carry becomes access_denied.
base::Error denied_exchange(const std::string& code, std::string reason) {
  auto out = access_denied(std::move(reason));
  if (!is_error_code(code) || code == out.code) return out;
  out.code = code;
  out.status = code == "server_error" ? 500 : code == "temporarily_unavailable" ? 503 : 400;
  return out;
}

std::optional<std::string> actor_problem(const json::object& actor) {
  const auto sub = json::find_string(actor, "sub").value_or("");
  if (sub.empty() || sub.size() > kLongestActorSubject || !base::is_free_of_controls(sub))
    return "sub is needed, a string of 1 to 255 characters";
  // contract §1.14: a single level.
  if (json::find(actor, "act") != nullptr) return "an actor of an actor (act) is not served";
  if (actor.size() > 1 + kMostActorProperties) return "at most 5 properties stand beside sub";
  return std::nullopt;
}

class ExchangeFold {
 public:
  void take(const actions::Command& command) {
    if (out_.refusal) return;
    const auto& [method, arguments] = command;
    if (method == "access.deny") {
      out_.refusal = denied_exchange(text_argument(arguments, 0), told_argument(arguments, 1));
    } else if (method == "access.rejectInvalidSubjectToken") {
      out_.subject_token_is_invalid = true;
      out_.refusal = invalid_request(told_argument(arguments, 0));
    } else if (method == "authentication.setUserById") {
      ++users_;
      out_.user_id = text_argument(arguments, 0);
    } else if (method == "authentication.setUserByConnection") {
      ++users_;
      by_connection(arguments);
    } else if (method == "authentication.setOrganization") {
      out_.organization = text_argument(arguments, 0);
    } else if (method == "authentication.setActor") {
      set_actor(arguments);
    } else if (method == "user.setUserMetadata" && arguments.size() == 2) {
      out_.effects.user_metadata[text_argument(arguments, 0)] = arguments[1];
    } else if (method == "user.setAppMetadata" && arguments.size() == 2) {
      out_.effects.app_metadata[text_argument(arguments, 0)] = arguments[1];
    }
  }

  ExchangeDecision finish() {
    check_size(out_.effects.user_metadata, "user_metadata");
    check_size(out_.effects.app_metadata, "app_metadata");
    if (users_ != 1) {
      refuse(std::string("The Action of this token exchange named ") + (users_ == 0 ? "no user" : "a user more than once") +
             ": it calls either api.authentication.setUserById or api.authentication.setUserByConnection, once.");
    }
    return std::move(out_);
  }

 private:
  void refuse(std::string description) {
    if (!out_.refusal) out_.refusal = invalid_request(std::move(description));
  }

  void by_connection(const json::array& arguments) {
    UserByConnection user;
    user.connection = text_argument(arguments, 0);
    if (arguments.size() > 1 && arguments[1].is_object()) user.attributes = arguments[1].get_object();
    const auto options = arguments.size() > 2 && arguments[2].is_object() ? arguments[2].get_object() : json::object{};
    user.creates = chooses(options, "creationBehavior", "create_if_not_exists");
    user.replaces = chooses(options, "updateBehavior", "replace");
    out_.by_connection = std::move(user);
  }

  // What is not said does nothing.
  bool chooses(const json::object& options, std::string_view name, std::string_view choice) {
    const auto* const value = json::find(options, name);
    if (value == nullptr || value->is_null() || *value == json::value("none")) return false;
    if (value->is_string() && json::to_view(value->get_string()) == choice) return true;
    refuse("api.authentication.setUserByConnection: " + std::string(name) + " is none of " + std::string(choice) + ", none");
    return false;
  }

  void set_actor(const json::array& arguments) {
    out_.actor = !arguments.empty() && arguments[0].is_object() ? arguments[0].get_object() : json::object{};
    if (const auto problem = actor_problem(out_.actor)) refuse("api.authentication.setActor: " + *problem);
  }

  void check_size(const json::object& changes, std::string_view name) {
    if (!changes.empty() && json::write(changes).size() > kMostExchangedMetadata)
      refuse("Failed to set " + std::string(name) + ": it is larger than 32 kB");
  }

  int users_ = 0;
  ExchangeDecision out_;
};

}  // namespace

ExchangeDecision exchange_decision(const std::vector<actions::ActionResult>& results) {
  ExchangeFold fold;
  for (const auto& result : results) {
    for (const auto& command : result.commands) fold.take(command);
  }
  return fold.finish();
}

}  // namespace segue::oauth
