// The fields of a client (contract §9.6).
#pragma once
#include <string>
#include <vector>

#include "management/schema.h"

namespace segue::management {

const Schema& client_create_schema();
const Schema& client_update_schema();
// A public key of a client.
const Schema& client_credential_create_schema();
const Schema& client_credential_update_schema();
// Every name that a client's answer may hold: what `fields` may ask for.
const std::vector<std::string>& client_answer_fields();

}  // namespace segue::management
