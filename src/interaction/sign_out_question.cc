#include "interaction/sign_out_question.h"

#include "base/bytes.h"
#include "crypto/digest.h"
#include "http/form_origin.h"
#include "interaction/pages.h"
#include "sessions/session_cookie.h"

namespace segue::interaction {
namespace {

// Bound to the browser's sessions by the hashes of their cookies, and to what was asked. Nothing: there is no session to end.
std::string csrf_of(const http::Call& call, const tenancy::Snapshot& tenant, const SignOutQuestion& question) {
  const auto cookies = sessions::presented_sessions(tenant.keys(), call.request);
  if (cookies.empty()) return {};
  std::string input = "sign_out|" + question.action + "?" + question.asked.encode();
  for (const auto& cookie : cookies) input += "|" + base::base64url(cookie.secret_hash);
  return base::base64url(tenant.keys().derivation.mac(input));
}

}  // namespace

http::Response ask_to_sign_out(const http::Call& call, const tenancy::Snapshot& tenant, const SignOutQuestion& question) {
  pages::FormPage page{.heading = "Sign out?",
                       .lead = "You are about to sign out of all applications at",
                       .subject = json::find_string(tenant.tenant().settings, "friendly_name").value_or(call.domain),
                       .note = "Close this page to stay signed in.",
                       .action = question.action,
                       .hidden = question.asked,
                       .buttons = {{.label = "Sign out"}},
                       .redirect_origin = question.redirect_origin,
                       // Whether service providers are on the way is found out when the session ends.
                       .leads_elsewhere = true};
  page.hidden.add("csrf", csrf_of(call, tenant, question));
  return pages::form_page(page);
}

base::Outcome check_yes(const http::Call& call, const tenancy::Snapshot& tenant, const SignOutQuestion& question,
                        const http::Parameters& form) {
  const auto right = csrf_of(call, tenant, question);
  const auto given = form.find("csrf").value_or("");
  if (!http::is_foreign_form(call) && !right.empty() &&
      crypto::equal_in_constant_time(base::as_bytes(given), base::as_bytes(right)))
    return base::Unit{};
  return base::Error{
      .kind = base::ErrorKind::invalid_input,
      .code = "invalid_request",
      .description = "This page does not belong to the session in this browser any more. Go back and sign out again."};
}

}  // namespace segue::interaction
