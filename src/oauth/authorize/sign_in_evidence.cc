#include "oauth/authorize/sign_in_evidence.h"

#include "base/random.h"

namespace segue::oauth {
namespace {

std::string_view name_of(SignInEvidence::How how) {
  switch (how) {
    case SignInEvidence::How::password: return "password";
    case SignInEvidence::How::session: return "session";
    case SignInEvidence::How::transfer: return "transfer";
  }
  return "";
}

std::optional<SignInEvidence::How> how_from(std::string_view name) {
  for (const auto how : {SignInEvidence::How::password, SignInEvidence::How::session, SignInEvidence::How::transfer}) {
    if (name_of(how) == name) return how;
  }
  return std::nullopt;
}

}  // namespace

void go_on_as(SignInEvidence& evidence, const model::User& user) {
  evidence.user_id = user.user_id;
  evidence.password_epoch = user.password_epoch;
}

std::string to_text(const SignInEvidence& e) {
  json::array done;
  for (const auto& step : e.done) done.emplace_back(step);
  json::object out{{"how", name_of(e.how)},
                   {"user_id", e.user_id},
                   {"password_epoch", base::to_micros(e.password_epoch)},
                   {"at", base::to_micros(e.at)},
                   {"connection_id", e.connection_id},
                   {"session_id", base::to_integer(e.session_id)},
                   {"session_transfer_token_id", base::to_integer(e.session_transfer_token_id)},
                   {"transfer_compared", e.transfer_compared},
                   {"done", std::move(done)}};
  if (auto effects = to_text(e.effects); !effects.empty()) out["effects"] = std::move(effects);
  if (!e.sid.empty()) out["sid"] = e.sid;
  if (!e.suspended.empty()) out["suspended"] = e.suspended;
  return json::write(out);
}

std::optional<SignInEvidence> sign_in_evidence_from(std::string_view text) {
  const auto document = json::parse(text);
  if (!document.ok() || !document->is_object()) return std::nullopt;
  const auto& o = document->get_object();
  const auto how = how_from(json::find_string(o, "how").value_or(""));
  if (!how) return std::nullopt;
  const auto number = [&](std::string_view name) { return json::find_integer(o, name).value_or(0); };
  SignInEvidence out;
  out.how = *how;
  out.user_id = json::find_string(o, "user_id").value_or("");
  out.password_epoch = base::from_micros(number("password_epoch"));
  out.at = base::from_micros(number("at"));
  out.connection_id = json::find_string(o, "connection_id").value_or("");
  out.session_id = base::RowId{number("session_id")};
  out.session_transfer_token_id = base::RowId{number("session_transfer_token_id")};
  if (const auto* const compared = json::find_object(o, "transfer_compared")) out.transfer_compared = *compared;
  out.done = json::find_strings(o, "done");
  out.effects = sign_in_effects_from(json::find_string(o, "effects").value_or(""));
  out.sid = json::find_string(o, "sid").value_or("");
  out.suspended = json::object_or_empty(o, "suspended");
  return out;
}

}  // namespace segue::oauth
