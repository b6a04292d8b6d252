// Records of the session graph as text, so that a test compares every field at once.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/authorize.h"
#include "model/session_graph.h"

namespace segue::store {

// A record as one text, so that two are equal when every field is.
class Dump {
 public:
  Dump& operator<<(const std::string& v) { return out_ += "[" + v + "]", *this; }
  Dump& operator<<(std::int64_t v) { return *this << std::to_string(v); }
  Dump& operator<<(bool v) { return *this << std::string(v ? "true" : "false"); }
  Dump& operator<<(base::Instant v) { return *this << base::to_micros(v); }
  Dump& operator<<(base::RowId v) { return *this << base::to_integer(v); }
  Dump& operator<<(const model::Ancestry& v) { return *this << v.parent_family_id << v.parent_grant_id << v.transfer_id; }
  Dump& operator<<(const std::vector<model::AuthenticationMethod>& v) {
    for (const auto& method : v) *this << method.name << method.at;
    return *this << std::string("end");
  }
  Dump& operator<<(const model::Digest& v) { return *this << std::string(base::as_text(v)); }
  template <class T>
  Dump& operator<<(const std::optional<T>& v) {
    return v ? *this << *v : *this << std::string("nothing");
  }
  std::string text() const { return out_; }

 private:
  std::string out_;
};

inline std::string text_of(const model::RefreshTokenFamily& f) {
  Dump out;
  out << f.family_id << f.public_id << f.grant_id << f.user_id << f.client_id << f.connection_id << f.organization_id
      << f.audience << f.scope << f.session_id << f.ends_with_session << f.ancestry << f.auth_time << f.methods << f.initial_ip
      << f.initial_user_agent << f.last_ip << f.last_user_agent << f.rotating << f.online << f.dpop_jkt << f.initial_asn
      << f.last_asn << f.token_counter << f.created_at << f.last_exchanged_at << f.expires_at << f.idle_expires_at << f.revoked_at
      << f.revocation_cascades << f.password_epoch;
  return out.text();
}
inline std::string text_of(const model::RefreshToken& t) {
  Dump out;
  out << t.refresh_token_id << t.family_id << t.counter << static_cast<std::int64_t>(t.state) << t.consumed_at << t.successor_id
      << t.created_at;
  return out.text();
}
inline std::string text_of(const model::SessionTransferToken& t) {
  Dump out;
  out << t.session_transfer_token_id << t.family_id << t.grant_id << t.client_id << t.user_id << t.connection_id
      << t.organization_id << t.scope << t.origin.ip << t.origin.asn << t.origin.user_agent << json::write(t.origin.geoip)
      << t.auth_time << t.methods << t.transfer_id << static_cast<std::int64_t>(t.state) << t.created_at << t.expires_at
      << t.consumed_at;
  return out.text();
}
inline std::string text_of(const model::Session& s) {
  Dump out;
  out << s.session_id << s.sid << s.user_id << s.connection_id << s.organization_id << s.ancestry << s.opened_by_transfer
      << s.created_at << s.authenticated_at << s.last_interacted_at << s.idle_expires_at << s.expires_at << s.methods
      << s.initial.ip << s.initial.user_agent << s.last.ip << s.last.user_agent << s.persistent << s.revoked_at
      << s.revocation_cascades << s.password_epoch << s.initial.asn << s.last.asn;
  return out.text();
}
inline std::string text_of(const model::AuthorizeTransaction& t) {
  Dump out;
  out << t.transaction_id << t.binding_hash << t.client_id << t.request << t.forces_login << t.created_at << t.expires_at
      << t.finished_at;
  return out.text();
}
inline std::string text_of(const model::AuthorizationCode& c) {
  Dump out;
  out << c.authorization_code_id << c.client_id << c.user_id << c.connection_id << c.organization_id << c.session_id
      << c.redirect_uri << c.scope << c.audience << c.nonce << c.code_challenge << c.dpop_jkt << c.auth_time << c.wants_auth_time
      << c.allows_refresh_token << c.refresh_token_ends_with_session << c.ancestry << c.device_code_id << c.joined_by
      << c.created_at << c.expires_at;
  return out.text();
}

}  // namespace segue::store
