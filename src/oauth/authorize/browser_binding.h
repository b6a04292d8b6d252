// The cookie that ties a suspended authorization request to the browser that began it: a login page's URL alone opens nothing.
#pragma once
#include <optional>
#include <string>

#include "base/random.h"
#include "http/message.h"
#include "model/session_graph.h"

namespace segue::oauth {

struct BrowserBinding {
  std::string secret;  // the cookie's value
  bool fresh = false;  // to be set on the answer
  model::Digest hash() const;
};
// The one that the browser carries, or a new one. One binding serves all tabs.
BrowserBinding browser_binding(const http::Request& request, base::Random& random);
std::optional<BrowserBinding> presented_binding(const http::Request& request);
void set_browser_binding(http::Response& response, const BrowserBinding& binding);

}  // namespace segue::oauth
