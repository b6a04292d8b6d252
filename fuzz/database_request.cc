// The body of a sign-up, as JSON or as a form: what becomes of it can be a user, or says why it cannot.
#include "oauth/database/request.h"

#include "base/text.h"
#include "connections/identifiers.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  http::Request request;
  request.headers.add("content-type", std::string(input.line()));
  request.body = std::string(input.rest());
  const auto read = oauth::database::read_request(request);
  if (!read.ok()) {
    must(read.error().code == "invalid_request" && base::is_valid_utf8(read.error().description), "refused with a text");
    return 0;
  }
  model::Connection connection;
  connection.document = {{"options", {{"requires_username", size % 2 == 0}}}};
  const auto user = oauth::database::read_new_user(*read, connection);
  if (!user.ok()) {
    must(user.error().status == 400 && base::is_valid_utf8(user.error().description), "refused with a text");
    return 0;
  }
  must(connections::is_email(user->email) && base::is_free_of_controls(user->email), "an e-mail address of one line");
  must(user->user_id.empty() && user->password_hash.empty() && !user->email_verified && !user->blocked, "nothing that decides");
  must(json::find(user->profile, "app_metadata") == nullptr, "nothing that the person may not set");
  must(!oauth::database::sign_up_metadata_problem(json::object_or_empty(user->profile, "user_metadata")), "bounded metadata");
  return 0;
}
