#include "management/email_fields.h"

namespace segue::management {
namespace email_fields {
namespace {

Field text(std::string name, std::size_t most, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .max_length = most};
}

std::vector<Field> provider() {
  auto password = text("smtp_pass", 1000, "Password of the user; never shown");
  auto name = refused(
      R"("smtp")", "mail is sent by SMTP here: give the SMTP server of the provider",
      {.name = "name",
       .description = "Kind of provider",
       .required = true,
       .one_of = {"mailgun", "mandrill", "sendgrid", "resend", "ses", "sparkpost", "smtp", "azure_cs", "ms365", "custom"}});
  Field host{.name = "smtp_host", .description = "Name or address of the server", .format = Format::host};
  Field port{.name = "smtp_port", .type = Type::integer, .description = "Port of the server", .minimum = 1, .maximum = 65535};
  Field credentials{.name = "credentials",
                    .type = Type::object,
                    .description = "The server, and who may send by it",
                    .required = true,
                    .members = {std::move(host), std::move(port), text("smtp_user", 1000, "User at the server"), password}};
  return {
      std::move(name),
      enforced({.name = "enabled",
                .type = Type::boolean,
                .description = "Whether mail goes by this provider; else by the server of the configuration file"}),
      enforced(text("default_from_address", 500, "Sender of mails that name none")), enforced(std::move(credentials)),
      kept(
          "an SMTP server has no settings of this kind",
          {.name = "settings", .type = Type::object, .description = "Settings of the provider", .nullable = true, .open = true})};
}

std::vector<Field> mail_template() {
  const auto nullable = [&](Field field) {
    field.nullable = true;
    return enforced(std::move(field));
  };
  return {
      enforced("verify_email, reset_email, welcome_email and user_invitation are sent; the others are kept for the tools",
               {.name = "template", .description = "Name of the template", .one_of = email_template_names()}),
      nullable(text("body", 1000000, "HTML of the mail, in the part of Liquid that is understood here")),
      nullable(text("from", 500, "Sender, where mail goes by the tenant's own provider")),
      nullable(text("resultUrl", 2048, "Where a link leads in the end")),
      nullable(text("subject", 1000, "Subject")),
      nullable({.name = "syntax", .description = "Syntax of the texts", .one_of = {"liquid"}}),
      nullable({.name = "urlLifetimeInSeconds",
                .type = Type::number,
                .description = "Seconds that a link lives",
                .minimum = 0,
                .maximum = 2592000}),
      enforced(
          {.name = "includeEmailInRedirect", .type = Type::boolean, .description = "Whether the address stands in resultUrl"}),
      nullable({.name = "enabled", .type = Type::boolean, .description = "Whether the template is used"})};
}

std::vector<Field> required_template() {
  auto out = mail_template();
  for (auto& field : out) {
    for (const auto* name : {"template", "body", "from", "subject", "syntax", "enabled"})
      field.required = field.required || field.name == name;
  }
  return out;
}

}  // namespace
}  // namespace email_fields

const Schema& email_provider_create_schema() {
  static const Schema schema = object_schema("EmailProviderCreate", email_fields::provider());
  return schema;
}

const Schema& email_provider_update_schema() {
  static const Schema schema = object_schema("EmailProviderUpdate", all_optional(email_fields::provider()));
  return schema;
}

const Schema& email_template_create_schema() {
  static const Schema schema = object_schema("EmailTemplateCreate", email_fields::required_template());
  return schema;
}

const Schema& email_template_update_schema() {
  static const Schema schema = object_schema("EmailTemplateUpdate", email_fields::mail_template());
  return schema;
}

const std::vector<std::string>& email_template_names() {
  static const std::vector<std::string> names{
      "verify_email",    "verify_email_by_code", "auth_email_by_code", "reset_email",      "reset_email_by_code",
      "welcome_email",   "blocked_account",      "stolen_credentials", "enrollment_email", "mfa_oob_code",
      "user_invitation", "change_password",      "password_reset",     "async_approval"};
  return names;
}

}  // namespace segue::management
