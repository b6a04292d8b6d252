#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"
#include "base/log.h"
#include "store/schema.h"

namespace segue::app {
namespace {

struct Arguments {
  std::string data, domain, tenant, database, listen, config_file;
  std::string management_client_id, management_client_secret;
  std::string what, out, step;
  bool reset_clock = false;
};

base::Outcome write_docs(const std::string& folder) {
  std::filesystem::create_directories(folder);
  write_file(std::filesystem::path(folder) / "configuration.md", TRY(describe("config")), Access::everybody);
  write_file(std::filesystem::path(folder) / "routes.md", TRY(describe("routes")), Access::everybody);
  write_file(std::filesystem::path(folder) / "settings.md", TRY(describe("settings")), Access::everybody);
  return base::Unit{};
}

base::Outcome print_description(const std::string& what) {
  const auto text = TRY(describe(what));
  std::fputs(text.c_str(), stdout);
  return base::Unit{};
}

base::Outcome print_version() {
  std::printf("segue %s, schema version %d\n", kVersion, store::migrations().back().version);
  return base::Unit{};
}

void add_data(CLI::App& command, Arguments& arguments) {
  command.add_option("--data", arguments.data, "folder of this instance")->required();
  command.add_option("--database", arguments.database, "sqlite:PATH (default: DIR/segue.db) or postgresql://USER@HOST/DATABASE");
}

int fail(const std::string& text) {
  std::fprintf(stderr, "segue: %s\n", text.c_str());
  return 1;
}

// What CLI11 leaves out when a command is missing or unknown: which there are.
void name_commands(const CLI::App& app) {
  const auto* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  std::string names;
  for (const auto* const command : at->get_subcommands([](const CLI::App*) { return true; }))
    names += (names.empty() ? "" : ", ") + command->get_name();
  if (!names.empty()) std::fprintf(stderr, "Commands of %s: %s.\n", at->get_name().c_str(), names.c_str());
}

}  // namespace

int run_command_line(int argc, char** argv, const Seams& seams) {
  Arguments a;
  CLI::App app("Segue, an identity server that speaks the Auth0 APIs", "segue");
  app.require_subcommand(1);

  auto* init_command = app.add_subcommand("init", "create a database, a tenant, keys and certificates");
  add_data(*init_command, a);
  init_command->add_option("--domain", a.domain, "HOST[:PORT] that clients use")->required();
  init_command->add_option("--management-client-id", a.management_client_id, "instead of a generated one");
  init_command->add_option("--management-client-secret", a.management_client_secret, "instead of a generated one");

  auto* tenant_command = app.add_subcommand("tenant", "add or list tenants");
  tenant_command->require_subcommand(1);
  auto* tenant_add = tenant_command->add_subcommand("add", "add a tenant");
  add_data(*tenant_add, a);
  tenant_add->add_option("--domain", a.domain, "HOST[:PORT] of the new tenant")->required();
  auto* tenant_list = tenant_command->add_subcommand("list", "number, domains and creation time of each tenant");
  add_data(*tenant_list, a);

  auto* tenant_confirm = tenant_command->add_subcommand("confirm", "serve a custom domain that a tenant has claimed");
  add_data(*tenant_confirm, a);
  tenant_confirm->add_option("--domain", a.domain, "the custom domain, without a port")->required();
  tenant_confirm->add_option("--tenant", a.tenant, "HOST[:PORT] of the tenant, where several claim it");

  auto* serve_command = app.add_subcommand("serve", "serve HTTPS until SIGTERM");
  add_data(*serve_command, a);
  serve_command->add_option("--listen", a.listen, "ADDRESS:PORT");
  serve_command->add_option("--config", a.config_file, "TOML file; see `segue describe config`");

  auto* migrate_command = app.add_subcommand("migrate", "bring the database to this program's schema");
  add_data(*migrate_command, a);

  auto* key_command = app.add_subcommand("key", "replace the key of the key file");
  key_command->require_subcommand(1);
  auto* key_rotate = key_command->add_subcommand("rotate", "make a new key and seal everything with it; stop every node first");
  add_data(*key_rotate, a);
  key_rotate->add_option("--step", a.step, "with nodes running, one step at a time: prepare, switch, finish");

  auto* doctor_command = app.add_subcommand("doctor", "check config, keys, certificate, clock, database and geo files");
  add_data(*doctor_command, a);
  doctor_command->add_option("--config", a.config_file, "TOML file");
  doctor_command->add_flag("--reset-clock", a.reset_clock, "forget a time that a wrong clock stored; stop every node first");

  auto* version_command = app.add_subcommand("version", "print the version");

  auto* describe_command = app.add_subcommand("describe", "print reference documentation");
  describe_command->add_option("what", a.what, "config, routes, settings or resources")->required();

  auto* docs_command = app.add_subcommand("docs", "write the reference documentation as files");
  docs_command->add_option("--out", a.out, "folder")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) == 0) return 0;
    name_commands(app);
    return 2;
  }

  // What these commands did, they print; the log is the server's.
  if (!*serve_command) base::log::set_level("warn");
  try {
    const auto outcome = [&]() -> base::Outcome {
      if (*init_command) return init({a.data, a.domain, a.database, a.management_client_id, a.management_client_secret});
      if (*tenant_add) return add_tenant({a.data, a.domain, a.database, {}});
      if (*tenant_confirm) return confirm_domain({a.data, a.domain, a.database, a.tenant});
      if (*tenant_list) return list_tenants({a.data, {}, a.database, {}});
      if (*serve_command) return serve({a.data, a.listen, a.database, a.config_file}, seams);
      if (*migrate_command) return migrate(a.data, a.database);
      if (*key_rotate) return rotate_key({a.data, a.database, a.step});
      if (*doctor_command) return doctor({a.data, a.database, a.config_file, a.reset_clock});
      if (*version_command) return print_version();
      if (*docs_command) return write_docs(a.out);
      if (*describe_command) return print_description(a.what);
      return base::Unit{};
    }();
    return outcome.ok() ? 0 : fail(outcome.error().description);
  } catch (const std::exception& fault) {
    return fail(fault.what());
  }
}

}  // namespace segue::app
