// What the pages need of "the authorization request in progress". oauth/ implements it, app/ connects the two.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/call.h"
#include "interaction/foreign_protocol.h"
#include "model/client.h"
#include "model/directory.h"

namespace segue::interaction {

// A suspended authorization request whose browser proved that it began it (binding cookie).
struct PendingLogin {
  base::RowId transaction_id{};
  std::string state;  // the transaction's handle: the page's own `state` parameter
  std::shared_ptr<const model::Client> client;
  std::shared_ptr<const model::Connection> connection;  // where the password is checked
  std::string login_hint;                               // prefills the form
  std::string csrf;                                     // expected in the form; bound to transaction and browser
  std::string redirect_origin;                          // where the login will end: goes into the page's CSP form-action
  bool leads_elsewhere = false;                         // an Action may send the person to any site first
  bool takes_sign_ups = false;                          // who has no account may make one (sign_up_flow.h)
  bool offers_sign_up = false;                          // and the login page says so
  std::string invited_email;                            // whom the request's open invitation is for; empty: none
};

struct AskedScope {
  std::string value;
  bool of_api = false;      // else one of OpenID Connect's own
  std::string description;  // as the API gives it; may be empty
};

// One whose person is known and has to allow the application what it asks for (contract §2.7).
struct PendingConsent {
  std::string state;
  std::shared_ptr<const model::Client> client;
  std::string user_name;  // who is signed in
  std::string api_name;   // empty: no API is asked for
  std::vector<AskedScope> scopes;
  std::string csrf;  // bound to what is shown, too
  std::string redirect_origin;
};

class AuthorizationFlow {
 public:
  virtual ~AuthorizationFlow() = default;
  // The request that `state` names. Errors: "expired" when it has expired or finished; "invalid_request" when this browser did
  // not begin it.
  virtual base::Result<PendingLogin> pending(const http::Call& call, std::string_view state) = 0;
  // The user proved who they are: runs the sign-in pipeline and ends the request with its redirect or form post, or leads on to
  // the page of the next step. Where the pipeline has to wait the answer is a move to another lane that carries the user, with
  // whom it is called again there.
  virtual base::Result<http::Response> complete(const http::Call& call, const PendingLogin& pending, const model::User& user) = 0;
  // The same for the consent page.
  virtual base::Result<PendingConsent> pending_consent(const http::Call& call, std::string_view state) = 0;
  virtual base::Result<http::Response> answer_consent(const http::Call& call, const PendingConsent& pending, bool allowed) = 0;
  // The beginning of a sign-in that another protocol asks for, on a route that is no fiber's, in Tenants::on_current. A consumer
  // URL that is not the client's is refused by a page; every other refusal is told through the protocol.
  virtual http::Response begin_foreign(http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                       ForeignRequest request) = 0;
  // Where a stale page leads: the client's initiate_login_uri with `iss`; without one, nothing (contract §2.6).
  virtual std::string initiate_login_uri(const http::Call& call, std::string_view state) = 0;
};

}  // namespace segue::interaction
