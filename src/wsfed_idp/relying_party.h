// Whose sign-in it is (contract §5.9): the client that the address or `wtrealm` names, and the realm that its token is for.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/client.h"
#include "model/wsfed_addon.h"
#include "tenancy/snapshot.h"

namespace segue::wsfed_idp {

struct RelyingParty {
  std::shared_ptr<const model::Client> client;
  std::string realm;
};

// `client_id`: of the path; empty: none. A realm that is not the client's own is refused: its token would be good at another
// relying party, to which this one, or whoever reads its log, could carry it.
base::Result<RelyingParty> find_relying_party(const tenancy::Snapshot& tenant, std::string_view client_id,
                                              const std::string& realm);

// Of a client that has it, `{}` included. Errors say what to set.
base::Result<model::WsfedAddon> addon_of(const model::Client& client);

}  // namespace segue::wsfed_idp
