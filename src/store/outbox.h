// Messages to others that must not be lost (design §4 "Revocation"): written in the transaction that they tell of, delivered by a
// job, at least once. Each receiver has a queue of its own.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace segue::store::outbox {

struct Message {
  base::RowId outbox_id{};
  std::string receiver;  // a client_id
  std::string payload;   // JSON
  std::string transfer_id;
  std::int64_t attempts = 0;  // this one included
  base::Instant created_at{};
};
// Due at once.
void insert(const Writer& w, std::string_view receiver, std::string_view payload, std::string_view transfer_id,
            base::Instant now);

// The receivers that have messages, in order of (tenant, receiver), behind `after`; for the whole database.
struct Receiver {
  base::TenantId tenant{};
  std::string receiver;
  base::Instant due_at{};  // of its next message
};
std::optional<Receiver> next_receiver(sql::Connection& connection, const Receiver& after);

// Up to `most` of a receiver's messages that are due, the earliest first, taken until `until`: for that long nobody else gets
// them.
std::vector<Message> take(const Writer& w, std::string_view receiver, std::int64_t most, base::Instant now, base::Instant until);
void remove(const Writer& w, base::RowId outbox_id);
// To be tried again at `at`.
void postpone(const Writer& w, base::RowId outbox_id, base::Instant at);
// Back untried.
void give_back(const Writer& w, base::RowId outbox_id, base::Instant now);
// Written before `before`, oldest first.
std::vector<Message> list_older(const Reader& r, base::Instant before, std::int64_t most);

struct Backlog {
  std::int64_t messages = 0;
  std::optional<base::Instant> oldest;  // when it was written
};
Backlog backlog(sql::Connection& connection);

}  // namespace segue::store::outbox
