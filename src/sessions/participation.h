// Sign-ins at service providers of other protocols, as far as their logout is concerned.
#pragma once
#include "model/single_logout.h"
#include "tenancy/snapshot.h"

namespace segue::sessions {

// Before the answer that signs the person in leaves: from here on a logout leads to the service provider, too. False when the
// session has ended meanwhile; then nothing may be answered, since no logout would reach what it opens.
bool take_part(const tenancy::Snapshot& tenant, const model::Session& session, const model::SessionParticipant& participant,
               base::Instant now);

}  // namespace segue::sessions
