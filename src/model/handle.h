// Handles: every bearer secret that needs a row is `prefix_id.secret` (design §4).
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace segue::model {

// The kind stands in the prefix and inside the encrypted id block, so one kind is never accepted as another.
enum class HandleKind : std::uint8_t {
  refresh_token = 1,
  session_transfer_token = 2,
  authorization_code = 3,
  session = 4,
  authorize_transaction = 5,
  pushed_request = 6,
  device_code = 7,
  device_step = 8,  // names a device in the address of its sign-in; opens nothing
  online_refresh_token = 9,
  password_ticket = 10,
  email_ticket = 11,
  invitation = 12,
  logout_walk = 13,
  // Nodes of the session graph, as the Management API names them: no secret follows, they open nothing.
  session_node = 16,
  grant_node = 17,
  refresh_token_node = 18,
  session_transfer_token_node = 19,
};
std::string_view prefix_of(HandleKind kind);

}  // namespace segue::model
