// A refresh token family and its first token, made before the transaction that stores them.
#pragma once
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
void insert_family(const store::Writer& w, const NewFamily& made);

// When a family that was used at `now` ends, by the client's settings. Absent: never.
std::optional<base::Instant> idle_expiry(const model::Client& client, base::Instant now);

}  // namespace segue::oauth
