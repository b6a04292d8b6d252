// Mails that have not been handed over yet. What they say is sealed; who sends one takes it for a while.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace segue::store::mails {

struct Mail {
  base::RowId mail_id{};
  std::string sealed;
  std::int64_t attempts = 0;  // the one that begins included
  base::Instant created_at{}, expires_at{};
};
// `attempts` does not count.
void insert(const Writer& w, const Mail& mail);
// Whose mails are due.
std::vector<base::TenantId> list_tenants_due(sql::Connection& connection, base::Instant now);
// The one that has waited longest, which nobody else is given before `until`.
std::optional<Mail> take(const Writer& w, base::Instant now, base::Instant until);
void postpone(const Writer& w, base::RowId mail_id, base::Instant at);
void remove(const Writer& w, base::RowId mail_id);

}  // namespace segue::store::mails
