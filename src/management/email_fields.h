// What e-mail providers and e-mail templates may hold (contract §9.12 emails, email-templates).
#pragma once
#include <string>
#include <vector>

#include "management/schema.h"

namespace segue::management {

const Schema& email_provider_create_schema();
const Schema& email_provider_update_schema();
const Schema& email_template_create_schema();
const Schema& email_template_update_schema();
const std::vector<std::string>& email_template_names();

}  // namespace segue::management
