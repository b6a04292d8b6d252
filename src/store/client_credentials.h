// Public keys of clients (contract §9.6). Every change raises the tenant's configuration version.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/client_credential.h"
#include "store/store.h"

namespace segue::store::client_credentials {

std::optional<model::ClientCredential> find(const Reader& r, std::string_view client_id, std::string_view credential_id);
// By creation time, then credential_id.
std::vector<model::ClientCredential> list_of_client(const Reader& r, std::string_view client_id);
// False when the client has a credential of this id.
bool insert(const Writer& w, const model::ClientCredential& credential);
// False when it does not exist. Nothing: it never expires.
bool update_expiry(const Writer& w, std::string_view client_id, std::string_view credential_id,
                   std::optional<base::Instant> expires_at, base::Instant now);
bool delete_one(const Writer& w, std::string_view client_id, std::string_view credential_id);

}  // namespace segue::store::client_credentials
