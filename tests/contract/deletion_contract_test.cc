// What falls with what, on both engines: a later client, user or API of the same name inherits nothing, and nothing else is
// touched.
#include "contract/session_graph_fixture.h"
#include "store/action_secrets.h"
#include "store/actions.h"
#include "store/client_credentials.h"
#include "store/client_grants.h"
#include "store/clients.h"
#include "store/connections.h"
#include "store/email_tickets.h"
#include "store/identities.h"
#include "store/invitations.h"
#include "store/organization_members.h"
#include "store/organizations.h"
#include "store/password_tickets.h"
#include "store/permissions.h"
#include "store/resource_servers.h"
#include "store/role_members.h"
#include "store/roles.h"
#include "store/token_exchange_profiles.h"
#include "store/trigger_bindings.h"
#include "store/user_consents.h"

namespace segue::store {
namespace {

// Rows that stand: what is kept revoked or used, to be told of, has fallen.
#define SEGUE_COUNT(name, what) \
  { "test.count_" name, "select '" name "', count(*) from " what " and tenant_id = $1" }
constexpr sql::Statement kCounts[] = {
    SEGUE_COUNT("clients", "clients where true"),
    SEGUE_COUNT("client_credentials", "client_credentials where true"),
    SEGUE_COUNT("client_grants", "client_grants where true"),
    SEGUE_COUNT("connections", "connections where true"),
    SEGUE_COUNT("connection_clients", "connection_clients where true"),
    SEGUE_COUNT("resource_servers", "resource_servers where true"),
    SEGUE_COUNT("users", "users where linked_to = ''"),
    SEGUE_COUNT("linked_identities", "users where linked_to <> ''"),
    SEGUE_COUNT("user_consents", "user_consents where true"),
    SEGUE_COUNT("user_permissions", "user_permissions where true"),
    SEGUE_COUNT("password_tickets", "password_tickets where used_at is null"),
    SEGUE_COUNT("email_tickets", "email_tickets where used_at is null"),
    SEGUE_COUNT("invitations", "invitations where used_at is null"),
    SEGUE_COUNT("organizations", "organizations where true"),
    SEGUE_COUNT("organization_connections", "organization_connections where true"),
    SEGUE_COUNT("organization_members", "organization_members where true"),
    SEGUE_COUNT("roles", "roles where true"),
    SEGUE_COUNT("role_permissions", "role_permissions where true"),
    SEGUE_COUNT("role_members", "role_members where organization_id = ''"),
    SEGUE_COUNT("organization_role_members", "role_members where organization_id <> ''"),
    SEGUE_COUNT("grants", "grants where revoked_at is null"),
    SEGUE_COUNT("refresh_token_families", "refresh_token_families where revoked_at is null"),
    SEGUE_COUNT("sessions", "sessions where revoked_at is null"),
    SEGUE_COUNT("actions", "actions where true"),
    SEGUE_COUNT("action_versions", "action_versions where true"),
    SEGUE_COUNT("action_secrets", "action_secrets where true"),
    SEGUE_COUNT("trigger_bindings", "trigger_bindings where true"),
    SEGUE_COUNT("token_exchange_profiles", "token_exchange_profiles where true"),
};
#undef SEGUE_COUNT
using Standing = std::map<std::string, std::int64_t>;

struct Deletion {
  const char* what;
  std::function<bool(const Writer&)> deletes;
  std::vector<std::string> fallen;  // one row of each
};

class Deletions : public SessionGraph {
 protected:
  // One of everything, each hanging on the others.
  void furnish(const Writer& w, const std::string& n) {
    const auto client = "app" + n, connection = "con_" + n, api = "https://api-" + n + ".example/", user = "auth0|" + n,
               organization = "org_" + n, role = "rol_" + n, action = "act_" + n;
    clients::insert(w, model::client_from_document(client, {{"name", client}}));
    client_credentials::insert(w, {.credential_id = "cred_" + n,
                                   .client_id = client,
                                   .name = {},
                                   .kid = "kid",
                                   .alg = "RS256",
                                   .pem = "x",
                                   .created_at = now()});
    model::Connection people;
    people.connection_id = connection;
    people.name = "people-" + n;
    people.strategy = "auth0";
    people.enabled_clients = {client};
    connections::insert(w, people);
    resource_servers::insert(w, model::resource_server_from_document(
                                    "rs_" + n, {{"identifier", api}, {"scopes", json::array{json::object{{"value", "read"}}}}}));
    client_grants::insert(w, model::client_grant_from_document(
                                 "cgr_" + n, {{"client_id", client}, {"audience", api}, {"scope", json::array{"read"}}}));
    auto ada = sample_user(user);
    ada.connection_id = connection;
    users::insert(w, ada);
    auto other_self = sample_user("auth0|other-self-" + n);
    other_self.connection_id = "con_of_nobody";
    users::insert(w, other_self);
    identities::link(w, user, other_self.user_id, now());
    user_consents::record(w, {.consent_id = "cns_" + n,
                              .user_id = user,
                              .client_id = client,
                              .audience = api,
                              .scope = "read",
                              .created_at = now(),
                              .updated_at = now()});
    permissions::add_to_user(w, user, {api, "read"});
    password_tickets::insert(w,
                             {.password_ticket_id = ids_.next(),
                              .user_id = user,
                              .email = ada.email,
                              .client_id = client,
                              .created_at = now(),
                              .expires_at = now() + std::chrono::hours(1)},
                             digest_of(1));

    email_tickets::insert(w,
                          {.email_ticket_id = ids_.next(),
                           .user_id = user,
                           .email = ada.email,
                           .client_id = client,
                           .result_url = {},
                           .created_at = now(),
                           .expires_at = now() + std::chrono::hours(1),
                           .used_at = {}},
                          digest_of(3));

    model::Organization acme;
    acme.organization_id = organization;
    acme.name = "acme-" + n;
    organizations::insert(w, acme);
    model::OrganizationConnection enabled;
    enabled.connection_id = connection;
    organizations::enable_connection(w, organization, enabled);
    organization_members::add(w, organization, user, now());
    model::Invitation invitation;
    invitation.invitation_row_id = ids_.next();
    invitation.invitation_id = "uinv_" + n;
    invitation.organization_id = organization;
    invitation.client_id = client;
    invitation.email = "bea@example.com";
    invitation.created_at = now();
    invitation.expires_at = now() + std::chrono::hours(1);
    invitations::insert(w, invitation, digest_of(4));
    roles::insert(w, {.role_id = role, .name = role, .description = {}, .created_at = now()});
    permissions::add_to_role(w, role, {api, "read"});
    role_members::add(w, {user}, role, now());
    role_members::add(w, {user, organization}, role, now());

    auto grant = sample_grant({"x"});
    auto family = sample_family({"x"});
    auto session = sample_session({"x"});
    grant.user_id = family.user_id = session.user_id = user;
    grant.client_id = family.client_id = client;
    family.connection_id = session.connection_id = connection;
    grants::insert(w, grant);
    refresh_tokens::insert_family(w, family);
    sessions::insert(w, session, digest_of(2));

    const model::ActionSource source{
        .code = "x", .runtime = "node22", .trigger_version = "v1", .dependencies = {}, .secrets = {}, .modules = {}};
    actions::insert(w, {.action_id = action,
                        .name = action,
                        .trigger_id = "custom-token-exchange",
                        .draft = source,
                        .deployed_version = {},
                        .created_at = now(),
                        .updated_at = now()});
    actions::deploy(w, {.action_id = action, .version_id = "acv_" + n, .number = 1, .source = source, .created_at = now()});
    action_secrets::insert(w, action, {.name = "KEY", .secret_id = "as_" + n, .updated_at = now(), .sealed = "sealed"});
    trigger_bindings::replace(w, "trigger-" + n, {{"bnd_" + n, "trigger-" + n, action, "shown", now(), now()}});
    token_exchange_profiles::insert(w, {.profile_id = "tep_" + n,
                                        .name = n,
                                        .subject_token_type = "urn:acme:" + n,
                                        .action_id = action,
                                        .created_at = now(),
                                        .updated_at = now()});
  }
  Standing standing(base::TenantId tenant = kOne) {
    return read(
        [](const Reader& r) {
          Standing out;
          for (const auto& count : kCounts) {
            r.connection.maybe_one(count, {r.tenant}, [&](const sql::Row& row) {
              out[row.string(0)] = row.integer(1);
              return 0;
            });
          }
          return out;
        },
        tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Deletions, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Deletions, take_along_what_hangs_on_what_was_deleted_and_nothing_else) {
  const auto now = this->now();
  const Deletion cases[] = {
      {"client",
       [](const Writer& w) { return clients::delete_one(w, "app1"); },
       {"clients", "client_credentials", "client_grants", "connection_clients", "user_consents", "invitations"}},
      {"connection",
       [=](const Writer& w) { return connections::delete_one(w, "con_1", now); },
       {"connections", "connection_clients", "organization_connections", "users", "linked_identities", "user_consents",
        "user_permissions", "password_tickets", "email_tickets", "organization_members", "role_members",
        "organization_role_members", "grants", "refresh_token_families", "sessions"}},
      {"user",
       [=](const Writer& w) { return users::delete_one(w, "auth0|1", now); },
       {"users", "linked_identities", "user_consents", "user_permissions", "password_tickets", "email_tickets",
        "organization_members", "role_members", "organization_role_members", "grants", "refresh_token_families", "sessions"}},
      {"organization",
       [](const Writer& w) { return organizations::delete_one(w, "org_1"); },
       {"organizations", "organization_connections", "organization_members", "organization_role_members", "invitations"}},
      {"membership",
       [](const Writer& w) { return organization_members::remove(w, "org_1", "auth0|1"); },
       {"organization_members", "organization_role_members"}},
      {"role",
       [](const Writer& w) { return roles::delete_one(w, "rol_1"); },
       {"roles", "role_permissions", "role_members", "organization_role_members"}},
      {"API",
       [](const Writer& w) { return resource_servers::delete_one(w, "rs_1"); },
       {"resource_servers", "client_grants", "user_consents", "user_permissions", "role_permissions"}},
      {"Action",
       [](const Writer& w) { return actions::delete_one(w, "act_1"); },
       {"actions", "action_versions", "action_secrets", "trigger_bindings", "token_exchange_profiles"}}};
  for (const auto& deletion : cases) {
    SCOPED_TRACE(deletion.what);
    TearDown();
    SetUp();
    for (const auto tenant : {kOne, kTwo}) {
      for (const auto* n : {"1", "2"}) run([&](const Writer& w) { furnish(w, n); }, tenant);
    }
    auto expected = standing();
    const auto of_another_tenant = standing(kTwo);
    for (const auto& [table, rows] : expected) ASSERT_EQ(rows, 2) << table;
    EXPECT_TRUE(write(deletion.deletes));
    for (const auto& table : deletion.fallen) --expected.at(table);
    EXPECT_EQ(standing(), expected);
    EXPECT_EQ(standing(kTwo), of_another_tenant);
    EXPECT_FALSE(write(deletion.deletes)) << "it is gone";
    EXPECT_EQ(standing(), expected);
  }
}

// Names of users are given by whoever creates them, so a later user may have the name of one who fell with a connection.
TEST_P(Deletions, leave_nothing_to_a_later_user_of_the_same_name) {
  const auto now = this->now();
  run([&](const Writer& w) { furnish(w, "1"); });
  EXPECT_TRUE(write([=](const Writer& w) { return connections::delete_one(w, "con_1", now); }));
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, sample_user("auth0|1")); }), users::Written::done);
  read([](const Reader& r) {
    EXPECT_TRUE(permissions::held_by(r, "auth0|1").empty());
    EXPECT_TRUE(permissions::effective(r, "auth0|1", "org_1", "https://api-1.example/").empty());
    EXPECT_EQ(role_members::count_of(r, {"auth0|1"}), 0);
    EXPECT_EQ(role_members::count_of(r, {"auth0|1", "org_1"}), 0);
    EXPECT_FALSE(organization_members::is_member(r, "org_1", "auth0|1"));
    EXPECT_FALSE(user_consents::find_for(r, "auth0|1", "app1", "https://api-1.example/"));
    return 0;
  });
}

TEST_P(Deletions, leave_to_a_linked_identity_what_they_leave_to_nobody) {
  run([&](const Writer& w) { furnish(w, "1"); });
  run([&](const Writer& w) { furnish(w, "2"); });
  auto expected = standing();
  EXPECT_EQ(write([&](const Writer& w) { return identities::link(w, "auth0|2", "auth0|1", now()); }), identities::Linked::done);
  for (const auto* table :
       {"users", "user_consents", "user_permissions", "password_tickets", "email_tickets", "organization_members", "role_members",
        "organization_role_members", "grants", "refresh_token_families", "sessions"})
    --expected.at(table);
  ++expected.at("linked_identities");
  EXPECT_EQ(standing(), expected);
  EXPECT_TRUE(write([&](const Writer& w) { return connections::delete_one(w, "con_2", now()); }));
  EXPECT_EQ(standing().at("linked_identities"), 0) << "also those of connections that stay";
}

}  // namespace
}  // namespace segue::store
