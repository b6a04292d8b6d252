// One-time links that verify an e-mail address. A ticket is worth nothing once the user's address is another.
#pragma once
#include <optional>
#include <string>

#include "model/directory.h"
#include "model/session_graph.h"
#include "store/store.h"

namespace segue::store::email_tickets {

struct Ticket {
  base::RowId email_ticket_id{};
  std::string user_id;
  std::string email;      // that is verified
  std::string client_id;  // whose sign-in it belongs to
  std::string result_url;
  bool tells_email = false;  // in result_url
  base::Instant created_at{}, expires_at{};
  std::optional<base::Instant> used_at;
};
void insert(const Writer& w, const Ticket& ticket, const model::Digest& secret_hash);
struct Found {
  Ticket ticket;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId email_ticket_id);
// Exactly once, in time, and for the user as they stand now: the row of the user is locked before (users::find_for_change).
bool consume(const Writer& w, base::RowId email_ticket_id, const model::Digest& secret_hash, const model::User& user,
             base::Instant now);
// A blocked or deleted user's tickets work no more, also when they come back.
void end_all_of_user(const Writer& w, std::string_view user_id, base::Instant now);

}  // namespace segue::store::email_tickets
