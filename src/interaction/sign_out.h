// Signing out of the browser as another protocol asks for it: what GET /v2/logout does. oauth/ implements it, app/ connects the
// two.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/call.h"
#include "model/client.h"

namespace segue::interaction {

struct SignOutRequest {
  std::string_view protocol;                    // of the log rows
  std::shared_ptr<const model::Client> client;  // null: none was named
  std::optional<std::string> return_to;         // where it leads, if that is among the logout URLs of the client, or the tenant
  std::string_view parameter;                   // its name
};

class SignOut {
 public:
  virtual ~SignOut() = default;
  // Inside Tenants::on_current(). Ends the sessions that the browser has. Leads to `return_to`, or shows a page that says so.
  // Error: the address is not registered; nothing has ended, and the row is written.
  virtual base::Result<http::Response> sign_out(const http::Call& call, const SignOutRequest& request) = 0;
};

}  // namespace segue::interaction
