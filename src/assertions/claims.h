// What a service provider is told about a person (contract §5.8): the user's attributes under the names of claims that the
// client's addon gives them, and which of these claims is the NameID. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "model/saml_addon.h"
#include "saml_messages/response.h"

namespace segue::assertions {

// The root attributes that a service provider may learn, as the Management API shows them: user_id, email, name … Of the objects
// in it (user_metadata, app_metadata) only that is passed on which a mapping names, as `user_metadata.colour`.
struct Person {
  json::object attributes;
  // Of the identity that signed in.
  std::string provider, connection;
  std::string client_id;
};

std::vector<saml_messages::Attribute> claims_of(const Person& person, const model::SamlAddon& addon);

// More of them, named already: one that is there is replaced, and null takes it away.
void add_attributes(std::vector<saml_messages::Attribute>& claims, const json::object& more, const model::SamlAddon& addon);

// The names of the usual claims, as metadata offers them.
std::vector<std::string> usual_claims();

// The first probe that has a value, in the format of the addon: of the claims, else of what the person's usual claims would be,
// so that mappings which rename one of them leave everybody with a name. White space around it does not survive the readers of
// others, so it has none. Nothing: nobody can be signed in there.
std::optional<saml_messages::NameId> name_id_of(const std::vector<saml_messages::Attribute>& claims, const Person& person,
                                                const model::SamlAddon& addon);

}  // namespace segue::assertions
