#include "oauth/rp_logout.h"

#include <algorithm>

#include "base/text.h"
#include "interaction/pages.h"
#include "interaction/sign_out_question.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/end_session.h"
#include "oauth/errors.h"
#include "oauth/id_token_hint.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"

namespace segue::oauth {
namespace {

struct LogoutRequest {
  std::shared_ptr<const model::Client> client;  // null: none was named
  std::string client_id;
  std::optional<IdTokenHint> hint;
  std::string sid;  // of the id_token_hint or the logout_hint; empty: neither names a session
  LogoutTarget target;
  std::string state;
};

base::Result<http::Parameters> read_parameters(const http::Request& request) {
  auto parameters = TRY(http::Parameters::parse(request.method == http::Method::post ? request.body : request.query));
  if (const auto twice = parameters.first_duplicate())
    return invalid_request("The parameter " + *twice + " is present more than once.");
  return parameters;
}

// RP-Initiated Logout §2: the hints must agree with one another. `federated` and `ui_locales` are known and change nothing here:
// no other provider has signed the person in, and the pages speak one language.
base::Result<LogoutRequest> read_request(const tenancy::Snapshot& tenant, const http::Parameters& parameters) {
  LogoutRequest out;
  out.client_id = parameters.find("client_id").value_or("");
  if (!out.client_id.empty()) {
    out.client = tenant.client(out.client_id);
    if (!out.client) return invalid_request("There is no application with this client_id.");
  }
  if (const auto token = parameters.find("id_token_hint")) {
    out.hint = TRY(read_id_token_hint(tenant, *token));
    if (out.client && out.client->client_id != out.hint->client->client_id)
      return invalid_request("The id_token_hint was issued to another application than client_id names.");
    out.client = out.hint->client;
    out.client_id = out.client->client_id;
    out.sid = out.hint->sid;
  }
  if (const auto sid = parameters.find("logout_hint")) {
    if (out.hint && !out.hint->sid.empty() && out.hint->sid != *sid)
      return invalid_request("The logout_hint names another session than the id_token_hint.");
    out.sid = *sid;
  }
  out.target = logout_target(logout_urls_of(tenant, out.client.get()), parameters.find("post_logout_redirect_uri"));
  out.state = parameters.find("state").value_or("");
  return out;
}

// The request with its failures logged.
base::Result<LogoutRequest> admit(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                                  const http::Parameters& parameters) {
  auto request = read_request(tenant, parameters);
  if (!request.ok()) {
    auto row = event_of(call, "flo", nullptr);
    row.client_id = base::shortened(parameters.find("client_id").value_or(""), 64);
    row.description = request.error().description;
    row.details = json::object{{"initiated_by", "rp"}, {"protocol", "oidc"}};
    services.failures.push(call.tenant, std::move(row));
    return request;
  }
  if (request->target.is_refused())
    return refuse_target(services, call, request->client.get(), request->target, "post_logout_redirect_uri");
  return request;
}

// contract §5.3: without a prompt only for who knows the session. An ID token from a refresh names none; that it is this user's
// says as much.
bool knows(const LogoutRequest& request, const model::Session& session) {
  if (!request.sid.empty()) return request.sid == session.sid;
  return request.hint && request.hint->subject == session.user_id;
}

bool prompts(const tenancy::Snapshot& tenant) {
  const auto* const settings = json::find_object(tenant.tenant().settings, "sessions");
  return settings == nullptr || json::find_bool(*settings, "oidc_logout_prompt_enabled").value_or(true);
}

interaction::SignOutQuestion question_of(const LogoutRequest& request) {
  interaction::SignOutQuestion out{
      .action = "/oidc/logout/confirm",
      .asked = {},
      .redirect_origin = request.target.redirect ? request.target.redirect->origin() : std::string()};
  const auto keep = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.asked.add(name, value);
  };
  keep("client_id", request.client_id);
  keep("post_logout_redirect_uri", request.target.asked);
  keep("state", request.state);
  return out;
}

// Where it ends; empty: at a page.
std::string end_of(const LogoutRequest& request) {
  if (!request.target.redirect) return {};
  http::Parameters echoed;
  if (!request.state.empty()) echoed.add("state", request.state);  // RP-Initiated Logout §3
  return http::append_query(request.target.redirect->uri(), echoed);
}

http::Response finish(const http::Call& call, const LogoutRequest& request, SignedOut signed_out) {
  http::Response response;
  if (signed_out.walk) {
    response = std::move(*signed_out.walk);
  } else if (request.target.redirect) {
    response = http::redirect_response(end_of(request));
  } else {
    response = interaction::pages::message_page(200, "You are signed out", "You can close this page.", call.request_id);
  }
  sessions::expire_session_cookies(response);
  return response;
}

// Without a question only where every session is known to who asks: a cookie that somebody planted beside ours must not answer
// for ours.
base::Result<http::Response> ask_or_sign_out(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                                             const http::Parameters& parameters) {
  const auto request = TRY(admit(services, call, tenant, parameters));
  const auto knows_all = [&](const std::vector<model::Session>& live) {
    return !prompts(tenant) || std::all_of(live.begin(), live.end(), [&](const auto& each) { return knows(request, each); });
  };
  auto signed_out = sign_out(services, call, tenant, request.client.get(), request.target, end_of(request), knows_all);
  if (!signed_out.done) return interaction::ask_to_sign_out(call, tenant, question_of(request));
  return finish(call, request, std::move(signed_out));
}

base::Result<http::Response> sign_out_on_yes(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                                             const http::Parameters& parameters) {
  const auto request = TRY(admit(services, call, tenant, parameters));
  TRY(interaction::check_yes(call, tenant, question_of(request), parameters));
  return finish(
      call, request,
      sign_out(services, call, tenant, request.client.get(), request.target, end_of(request), [](const auto&) { return true; }));
}

}  // namespace

base::Result<http::Response> rp_logout(const Services& services, const http::Call& call) {
  if (is_speculative(call.request)) return http::empty_response(204);
  const auto parameters = TRY(read_parameters(call.request));
  return services.tenants.on_current(call.tenant,
                                     [&](const auto& tenant) { return ask_or_sign_out(services, call, *tenant, parameters); });
}

base::Result<http::Response> confirm_rp_logout(const Services& services, const http::Call& call) {
  const auto parameters = TRY(read_parameters(call.request));
  return services.tenants.on_current(call.tenant,
                                     [&](const auto& tenant) { return sign_out_on_yes(services, call, *tenant, parameters); });
}

}  // namespace segue::oauth
