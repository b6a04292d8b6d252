// Invitations to organizations: each is accepted once.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/invitation.h"
#include "model/session_graph.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::invitations {

void insert(const Writer& w, const model::Invitation& invitation, const model::Digest& secret_hash);
// Those that were not accepted, in the order of their making.
std::optional<model::Invitation> find(const Reader& r, std::string_view organization_id, std::string_view invitation_id);
std::vector<model::Invitation> list_page(const Reader& r, std::string_view organization_id, bool newest_first,
                                         const Offset& offset);
std::int64_t count(const Reader& r, std::string_view organization_id);

struct Found {
  model::Invitation invitation;
  model::Digest secret_hash{};
};
// One that may be accepted now; for a look.
std::optional<Found> find_open(const Reader& r, base::RowId invitation_row_id, base::Instant now);
// The same, locked until the commit. The user's row comes before.
std::optional<Found> lock_open(const Writer& w, base::RowId invitation_row_id, base::Instant now);
// Exactly once, and in time.
bool accept(const Writer& w, base::RowId invitation_row_id, const model::Digest& secret_hash, base::Instant now);

bool delete_one(const Writer& w, std::string_view organization_id, std::string_view invitation_id);
void delete_of_organization(const Writer& w, std::string_view organization_id);
void delete_of_client(const Writer& w, std::string_view client_id);

}  // namespace segue::store::invitations
