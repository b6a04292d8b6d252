// Handles (design §4): `prefix_` + the encrypted id block + `.` + 256 random bits. Only the SHA-256 of the secret part is stored.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "model/handle.h"
#include "tenancy/snapshot.h"

namespace segue::tenancy {

// A handle as presented: well-formed and of the right kind and tenant, which proves nothing until the hash matches a row.
struct PresentedHandle {
  base::RowId id{};
  crypto::Sha256 secret_hash{};
  crypto::Secret secret;  // the raw 32 bytes: derives the successor of a rotated refresh token
};
// Nothing for another kind, another tenant's handle, or any other text.
std::optional<PresentedHandle> parse_handle(const TenantKeys& keys, model::HandleKind kind, std::string_view text);

struct NewHandle {
  base::RowId id{};
  crypto::Sha256 secret_hash{};
  crypto::Secret text;  // the whole handle
};
NewHandle make_handle(const TenantKeys& keys, base::Random& random, model::HandleKind kind, base::RowId id);
// The same id and secret as another kind, for what turns out only in the transaction which kind it is. The hash stays.
NewHandle with_kind(const TenantKeys& keys, model::HandleKind kind, const NewHandle& made);
// The successor of a refresh token: its secret is a function of the predecessor's secret and its own id, so a reply that was
// lost can be given again, and nobody without the predecessor can compute it.
NewHandle derive_successor(const TenantKeys& keys, const crypto::Secret& predecessor_secret, base::RowId successor_id);

// The same id with the secret that follows: a reply that was lost can be given again to whoever has the one before, and that one
// leads nobody further.
NewHandle derive_next(const TenantKeys& keys, model::HandleKind kind, const PresentedHandle& before);

// How the Management API names a node of the session graph: the id block alone, under a kind that no handle has. It shows neither
// time nor volume, is the same at every call, and names nothing at another tenant.
struct GraphNode {
  model::HandleKind kind{};
  base::RowId id{};
};
std::string to_text(const TenantKeys& keys, const GraphNode& node);
std::optional<GraphNode> parse_graph_node(const TenantKeys& keys, std::string_view text);

}  // namespace segue::tenancy
