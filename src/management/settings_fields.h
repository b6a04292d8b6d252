// What the documents of the settings may hold, and what becomes of each field (schema.h, Honour): contract §9.11 and the OpenAPI.
#pragma once
#include <string_view>
#include <vector>

#include "management/schema.h"

namespace segue::management {

const Schema& branding_schema();
const Schema& theme_schema();
const Schema& universal_login_template_schema();
const Schema& prompts_schema();
const Schema& prompt_texts_schema();  // custom texts and partials of one prompt
const Schema& brute_force_schema();
const Schema& suspicious_address_schema();
const Schema& phone_message_types_schema();
const Schema& phone_templates_schema();
const Schema& phone_provider_schema();
const Schema& push_provider_schema();

bool is_prompt(std::string_view name);
bool is_prompt_with_partials(std::string_view name);

}  // namespace segue::management
