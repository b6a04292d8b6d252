#include "model/handle.h"

namespace segue::model {

std::string_view prefix_of(HandleKind kind) {
  switch (kind) {
    case HandleKind::refresh_token: return "rt_";
    case HandleKind::session_transfer_token: return "stt_";
    case HandleKind::authorization_code: return "code_";
    case HandleKind::session: return "ses_";
    case HandleKind::authorize_transaction: return "txn_";
    case HandleKind::pushed_request: return "urn:ietf:params:oauth:request_uri:";
    case HandleKind::device_code: return "dev_";
    case HandleKind::device_step: return "dstep_";
    case HandleKind::online_refresh_token: return "ORT_";  // the contract's own prefix (§4.7)
    case HandleKind::password_ticket: return "pwt_";
    case HandleKind::email_ticket: return "evt_";
    case HandleKind::invitation: return "inv_";
    case HandleKind::logout_walk: return "lo_";
    case HandleKind::session_node:
    case HandleKind::grant_node:
    case HandleKind::refresh_token_node:
    case HandleKind::session_transfer_token_node: return "node_";
  }
  return "";
}

}  // namespace segue::model
