// Connections (contract §9.9) and which clients they serve. Every change raises the tenant's configuration version.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/directory.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::connections {

std::optional<model::Connection> find(const Reader& r, std::string_view connection_id);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::Connection> find_for_change(const Writer& w, std::string_view connection_id);
std::optional<model::Connection> find_by_name(const Reader& r, std::string_view name);
struct Filter {
  std::vector<std::string> strategies;
  std::string name;  // empty: any
};
std::vector<model::Connection> list_after(const Reader& r, const Filter& filter, const Keyset& keyset);  // by connection_id
std::vector<model::Connection> list_page(const Reader& r, const Filter& filter, const Offset& offset);   // by creation time
std::int64_t count(const Reader& r, const Filter& filter);
std::vector<std::string> list_clients(const Reader& r, std::string_view connection_id, const Keyset& keyset);
std::vector<model::Connection> list_of_client(const Reader& r, std::string_view client_id);

// With its enabled clients. False when the name is taken.
bool insert(const Writer& w, const model::Connection& connection);
// Replaces the document: name, strategy and enabled clients stay.
bool update(const Writer& w, const model::Connection& connection);
// Removes the connection and its users (their sessions and tokens end with them: see users::delete_one).
bool delete_one(const Writer& w, std::string_view connection_id, base::Instant now);
void enable_client(const Writer& w, std::string_view connection_id, std::string_view client_id);
void disable_client(const Writer& w, std::string_view connection_id, std::string_view client_id);

}  // namespace segue::store::connections
