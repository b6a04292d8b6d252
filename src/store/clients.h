// Clients (contract §9.6). Every change raises the tenant's configuration version.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/client.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::clients {

std::optional<model::Client> find(const Reader& r, std::string_view client_id);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::Client> find_for_change(const Writer& w, std::string_view client_id);
// Which clients a list shows. Unset members do not filter.
struct Filter {
  std::optional<bool> is_global, is_first_party;
  std::vector<std::string> app_types;
};
// By client_id in rising order.
std::vector<model::Client> list_after(const Reader& r, const Filter& filter, const Keyset& keyset);
// By creation time, then client_id.
std::vector<model::Client> list_page(const Reader& r, const Filter& filter, const Offset& offset);
std::int64_t count(const Reader& r, const Filter& filter);
// Every origin that a browser client of this tenant declares: callbacks, allowed_origins, web_origins as they stand.
std::vector<std::string> declared_urls(const Reader& r);
// What service providers call clients, and which client each is. A name may be of several.
struct Name {
  std::string name, client_id;
};
struct Names {
  std::vector<Name> aliases;    // `client_aliases`
  std::vector<Name> audiences;  // of assertions, where an addon names one
};
Names names(const Reader& r);

// False when the client_id exists.
bool insert(const Writer& w, const model::Client& client);
// False when it does not exist. Replaces document, sealed secret and the columns derived from them.
bool update(const Writer& w, const model::Client& client);
// Removes the client, its client grants, its credentials and its places in connections. False when it does not exist.
bool delete_one(const Writer& w, std::string_view client_id);

}  // namespace segue::store::clients
