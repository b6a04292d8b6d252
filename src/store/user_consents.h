// Consents of users (contract §2.7, §9.12 grants).
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/consent.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::user_consents {

std::optional<model::UserConsent> find(const Reader& r, std::string_view consent_id);
std::optional<model::UserConsent> find_for(const Reader& r, std::string_view user_id, std::string_view client_id,
                                           std::string_view audience);
// Adds the scopes to what stands: two parallel answers make one row, which holds both.
void record(const Writer& w, const model::UserConsent& consent);

struct Filter {
  std::string user_id, client_id, audience;  // empty: any
};
std::vector<model::UserConsent> list_page(const Reader& r, const Filter& filter, const Offset& offset);
std::int64_t count(const Reader& r, const Filter& filter);

bool delete_one(const Writer& w, std::string_view consent_id);
void delete_of_user(const Writer& w, std::string_view user_id);
void delete_of_client(const Writer& w, std::string_view client_id);
void delete_of_api(const Writer& w, std::string_view audience);

}  // namespace segue::store::user_consents
