#include "management/tickets_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/user_identities.h"
#include "management/verification.h"
#include "store/email_tickets.h"
#include "store/identities.h"
#include "store/jobs.h"
#include "store/password_tickets.h"
#include "store/users.h"
#include "tenancy/handles.h"

namespace segue::management {
namespace tickets_api {
namespace {

constexpr std::int64_t kLongest = 2592000;  // 30 days
constexpr std::int64_t kUsual = 432000;     // contract §9.12

std::vector<Field> shared_fields() {
  return {enforced({.name = "user_id", .description = "User ID", .min_length = 1, .max_length = 260}),
          enforced({.name = "client_id", .description = "Client whose sign-in it belongs to", .format = Format::client_id}),
          enforced({.name = "organization_id", .description = "Organization", .max_length = 50}),
          enforced({.name = "identity",
                    .type = Type::object,
                    .description = "Which of the user's identities",
                    .members = {{.name = "user_id", .required = true, .max_length = 260},
                                {.name = "provider", .required = true, .max_length = 64},
                                {.name = "connection_id", .max_length = 64}}})};
}

std::vector<Field> ticket_fields() {
  auto out = shared_fields();
  out.push_back(enforced({.name = "result_url", .description = "Where whoever used the link is sent", .max_length = 2048}));
  out.push_back(enforced({.name = "ttl_sec",
                          .type = Type::integer,
                          .description = "Seconds that the link lives; 0: five days",
                          .minimum = 0,
                          .maximum = kLongest}));
  out.push_back(enforced(
      {.name = "includeEmailInRedirect", .type = Type::boolean, .description = "Whether the address stands in result_url"}));
  return out;
}

Schema requiring_user(std::string name, std::vector<Field> fields) {
  fields.front().required = true;
  return object_schema(std::move(name), std::move(fields));
}

Schema password_schema() {
  auto fields = ticket_fields();
  fields.push_back(enforced({.name = "connection_id", .description = "Connection of the address", .max_length = 64}));
  fields.push_back(enforced({.name = "email", .description = "Address of the user", .max_length = 254, .format = Format::email}));
  fields.push_back(enforced(
      {.name = "mark_email_as_verified", .type = Type::boolean, .description = "Whether using the link verifies the address"}));
  return object_schema("PasswordChangeTicket", std::move(fields));
}

const Schema kVerificationSchema = requiring_user("EmailVerificationTicket", ticket_fields());
const Schema kJobSchema = requiring_user("VerificationEmail", shared_fields());
const Schema kPasswordSchema = password_schema();

base::Duration lifetime_of(const json::object& body) {
  const auto wanted = json::find_integer(body, "ttl_sec").value_or(0);
  return std::chrono::seconds(wanted > 0 ? wanted : kUsual);
}

// `not_with`: what leads somewhere by itself.
base::Result<std::string> read_result_url(const json::object& body, std::initializer_list<std::string_view> not_with) {
  const auto url = json::find_string(body, "result_url").value_or("");
  if (url.empty()) return url;
  if (!mail::is_result_url(url)) return invalid_body("result_url: a URL of https or http is needed, without a user name");
  for (const auto name : not_with) {
    if (json::find_string(body, name)) return invalid_body("result_url cannot be specified with " + std::string(name));
  }
  return url;
}

// The user, or the one of their identities that is meant.
base::Result<model::User> find_user(const Services& services, const Invocation& invocation, const json::object& body) {
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<model::User> {
    const auto user = store::users::find(r, json::find_string(body, "user_id").value_or(""));
    if (!user) return inexistent_user();
    return find_identity_of_ticket(r, *user, json::find_object(body, "identity"));
  });
}

// --- Verification of an address ---

base::Result<http::Response> verification_ticket(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto user = TRY(find_user(services, invocation, body));
  const auto context = TRY(read_link_context(invocation, user));
  const auto result_url = TRY(read_result_url(body, {"client_id", "organization_id"}));
  const auto link = mail::make_verification_link(
      services.tenants.store(), services.random, invocation.now, occasion_of(invocation, context, user),
      {.valid_for = lifetime_of(body),
       .result_url = result_url,
       .tells_email = json::find_bool(body, "includeEmailInRedirect").value_or(false)});
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    mail::write(w, link);
    append_change(w, invocation, 201);
    return true;
  });
  return json_answer(201, json::object{{"ticket", link.url}});
}

base::Result<http::Response> verification_mail(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto user = TRY(find_user(services, invocation, body));
  const auto context = TRY(read_link_context(invocation, user));
  const auto prepared = prepare_verification(services, invocation, context, user);
  // It is done with its transaction: the mail is on its way like any other.
  model::Job job;
  job.job_id = "job_" + services.random.text(16, base::kAlphanumeric);
  job.kind = "verification_email";
  job.status = "completed";
  job.created_at = job.updated_at = invocation.now;
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    store::jobs::insert(w, job, invocation.now);
    store::jobs::end_step(w, job, invocation.now);
    append_verification(w, invocation, prepared, user);
    append_change(w, invocation, 201);
    return true;
  });
  return json_answer(
      201, json::object{
               {"id", job.job_id}, {"type", job.kind}, {"status", "pending"}, {"created_at", base::to_iso8601(job.created_at)}});
}

// --- A new password ---

base::Result<model::User> find_user_of_password(const Services& services, const Invocation& invocation,
                                                const json::object& body) {
  const auto connection_id = json::find_string(body, "connection_id");
  const auto email = json::find_string(body, "email");
  const bool by_id = json::find_string(body, "user_id").has_value();
  if (by_id == (connection_id && email) || (by_id && (connection_id || email)))
    return invalid_body("Either user_id, or connection_id together with email, is needed");
  if (by_id) return find_user(services, invocation, body);
  const auto user = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::users::find_by_identifier(r, *connection_id, base::ascii_lower(*email));
  });
  if (!user) return inexistent_user();
  return *user;
}

base::Result<http::Response> password_ticket(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto user = TRY(find_user_of_password(services, invocation, body));
  const auto context = TRY(read_link_context(invocation, user));
  const auto result_url = TRY(read_result_url(body, {"organization_id"}));
  const auto handle = tenancy::make_handle(invocation.tenant->keys(), services.random, model::HandleKind::password_ticket,
                                           services.tenants.store().ids().next());
  const bool written = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto held = store::identities::lock(w, user.user_id);
    if (!held) return false;
    const auto* const standing = &held->identity;
    store::password_tickets::insert(w,
                                    {.password_ticket_id = handle.id,
                                     .user_id = standing->user_id,
                                     .email = standing->email,
                                     .password_epoch = standing->password_epoch,
                                     .client_id = context.client ? context.client->client_id : std::string(),
                                     .result_url = result_url,
                                     .tells_email = json::find_bool(body, "includeEmailInRedirect").value_or(false),
                                     .verifies_email = json::find_bool(body, "mark_email_as_verified").value_or(false),
                                     .created_at = invocation.now,
                                     .expires_at = invocation.now + lifetime_of(body),
                                     .used_at = {}},
                                    handle.secret_hash);
    append_change(w, invocation, 201);
    return true;
  });
  if (!written) return inexistent_user();
  return json_answer(201, json::object{{"ticket", "https://" + invocation.call.domain +
                                                      "/lo/reset?ticket=" + base::percent_encode(handle.text.reveal())}});
}

const Operation kVerificationTicket{.method = http::Method::post,
                                    .path = "/api/v2/tickets/email-verification",
                                    .id = "post_email_verification",
                                    .scopes = {"create:user_tickets"},
                                    .body = &kVerificationSchema,
                                    .statuses = {201, 404},
                                    .summary = "Create an email verification ticket",
                                    .handler = verification_ticket};
const Operation kPasswordTicket{.method = http::Method::post,
                                .path = "/api/v2/tickets/password-change",
                                .id = "post_password_change",
                                .scopes = {"create:user_tickets"},
                                .body = &kPasswordSchema,
                                .statuses = {201, 404},
                                .summary = "Create a password change ticket",
                                .handler = password_ticket};
const Operation kVerificationMail{.method = http::Method::post,
                                  .path = "/api/v2/jobs/verification-email",
                                  .id = "post_verification_email",
                                  .scopes = {"update:users"},
                                  .body = &kJobSchema,
                                  .statuses = {201, 404},
                                  .summary = "Send an email address verification email",
                                  .handler = verification_mail};

}  // namespace
}  // namespace tickets_api

std::vector<const Operation*> ticket_operations() {
  using namespace tickets_api;
  return {&kVerificationTicket, &kPasswordTicket, &kVerificationMail};
}

}  // namespace segue::management
