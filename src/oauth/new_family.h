// A refresh token family and its first token, made before the transaction that stores them.
#pragma once
#include "audit/event.h"
#include "base/random.h"
#include "model/client.h"
#include "model/session_graph.h"
#include "store/store.h"
#include "tenancy/handles.h"

namespace segue::oauth {

struct NewFamily {
  model::RefreshTokenFamily family;
  tenancy::NewHandle handle;
};
// Ids, public id, lifetimes and rotation from the client's settings (contract §4.3); the caller fills in who and what.
NewFamily make_family(const tenancy::Snapshot& tenant, base::IdGenerator& ids, base::Random& random, const model::Client& client,
                      base::Instant now);
// Makes it one that lives in its session: it never rotates, and has no end of its own (contract §4.7).
void make_online(model::RefreshTokenFamily& family);
// Stores it, and ends what the user holds at the client beyond 200, the oldest first (contract §4.1). `row` is the sign-in's own
// row, which the one about the end takes after.
void insert_family(const store::Writer& w, const NewFamily& made, const model::Client& client, const audit::Event& row);

// When a family that was used at `now` ends, by the client's settings. Absent: never.
std::optional<base::Instant> idle_expiry(const model::Client& client, base::Instant now);

}  // namespace segue::oauth
