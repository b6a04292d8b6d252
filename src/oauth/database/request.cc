#include "oauth/database/request.h"

#include <algorithm>

#include "base/text.h"
#include "connections/identifiers.h"
#include "oauth/database/errors.h"
#include "oauth/token_request.h"

namespace segue::oauth::database {
namespace {

constexpr std::size_t kMostSignUpMetadata = 10, kLongestMetadataName = 100, kLongestMetadataValue = 500;
constexpr std::size_t kLongestPicture = 2048;

struct ProfileField {
  std::string_view name;
  std::size_t longest;  // characters (contract §9.10)
};
constexpr ProfileField kProfileFields[] = {{"given_name", 150}, {"family_name", 150}, {"name", 300}, {"nickname", 300}};

bool is_json(const http::Request& request) {
  return base::ascii_lower(request.headers.find("content-type").value_or("")).starts_with("application/json");
}

// A page shows it: no scheme that runs anything.
bool is_picture(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://")) && text.size() <= kLongestPicture &&
         base::is_free_of_controls(text) && text.find(' ') == std::string_view::npos;
}

}  // namespace

base::Result<DatabaseRequest> read_request(const http::Request& request) {
  DatabaseRequest out{.parameters = TRY(parse_token_request(request)), .user_metadata = {}};
  if (is_json(request)) {
    const auto body = TRY(json::parse(request.body));
    const auto* const metadata = json::find(body.get_object(), "user_metadata");
    if (metadata == nullptr || metadata->is_null()) return out;
    if (!metadata->is_object()) return bad_request("invalid_request", "user_metadata must be an object of texts.");
    out.user_metadata = metadata->get_object();
    return out;
  }
  constexpr std::string_view kPrefix = "user_metadata[";
  for (const auto& [name, value] : out.parameters.pairs()) {
    if (name.size() > kPrefix.size() + 1 && name.starts_with(kPrefix) && name.ends_with(']'))
      out.user_metadata[name.substr(kPrefix.size(), name.size() - kPrefix.size() - 1)] = value;
  }
  return out;
}

base::Result<Place> find_place(const tenancy::Snapshot& tenant, const http::Parameters& parameters) {
  const auto client_id = parameters.find("client_id");
  if (!client_id) return bad_request("invalid_request", "Missing required parameter: client_id");
  Place out{.client = tenant.client(*client_id), .connection = nullptr};
  if (!out.client || out.client->is_global) return bad_request("invalid_request", "There is no client of this client_id.");
  const auto name = parameters.find("connection");
  if (!name) return bad_request("invalid_request", "Missing required parameter: connection");
  auto connection = tenant.connection_named(*name);
  if (connection && connection->strategy == "auth0" && tenant.connection_serves(connection->connection_id, *client_id))
    out.connection = std::move(connection);
  return out;
}

std::optional<std::string> sign_up_metadata_problem(const json::object& metadata) {
  if (metadata.size() > kMostSignUpMetadata) return "user_metadata: at most 10 properties are taken at a sign-up";
  for (const auto& entry : metadata) {
    if (entry.key().empty() || base::character_count(entry.key()) > kLongestMetadataName)
      return "user_metadata: the name of a property has 1 to 100 characters";
    if (!entry.value().is_string() || base::character_count(json::to_view(entry.value().get_string())) > kLongestMetadataValue)
      return "user_metadata: every property must be a text of at most 500 characters";
  }
  return std::nullopt;
}

base::Result<model::User> read_new_user(const DatabaseRequest& request, const model::Connection& connection) {
  const auto invalid = [](std::string description) { return bad_request("invalid_request", std::move(description)); };
  const auto& sent = request.parameters;
  model::User user;
  user.connection_id = connection.connection_id;
  // Phone keyboards end a completed word with a space.
  user.email = base::trim(sent.find("email").value_or(""));
  if (user.email.empty()) return invalid("Missing required parameter: email");
  if (!connections::is_email(user.email)) return invalid("email: this is no e-mail address");
  if (connections::requires_username(connection)) {
    user.username = base::trim(sent.find("username").value_or(""));
    if (user.username.empty()) return invalid("Missing required parameter: username");
    if (auto problem = connections::username_problem(connection, user.username)) return invalid(std::move(*problem));
  }
  for (const auto& field : kProfileFields) {
    const auto value = sent.find(field.name);
    if (!value) continue;
    if (base::character_count(*value) > field.longest || !base::is_free_of_controls(*value))
      return invalid(std::string(field.name) + ": at most " + std::to_string(field.longest) + " characters of one line");
    user.profile[field.name] = *value;
  }
  if (const auto picture = sent.find("picture")) {
    if (!is_picture(*picture)) return invalid("picture: an absolute http or https URL is needed");
    user.profile["picture"] = *picture;
  }
  if (auto problem = sign_up_metadata_problem(request.user_metadata)) return invalid(std::move(*problem));
  if (!request.user_metadata.empty()) user.profile["user_metadata"] = request.user_metadata;
  return user;
}

}  // namespace segue::oauth::database
