// What organizations and their members promise, on both engines.
#include "contract/session_graph_fixture.h"
#include "store/connections.h"
#include "store/invitations.h"
#include "store/organization_members.h"
#include "store/organizations.h"

namespace segue::store {
namespace {

namespace members = organization_members;
using organizations::Written;
using ::testing::ElementsAre;

class Organizations : public SessionGraph {
 protected:
  model::Organization organization(const std::string& id, const std::string& name) {
    model::Organization out;
    out.organization_id = id;
    out.name = name;
    out.document = {{"name", name}, {"display_name", "Zoë & Co"}};
    out.connections = {{.connection_id = "con_1", .assign_membership_on_login = true}};
    out.created_at = out.updated_at = now();
    return out;
  }
  Written insert(const model::Organization& o, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return organizations::insert(w, o); }, tenant);
  }
  std::optional<model::Organization> find(const std::string& id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return organizations::find(r, id); }, tenant);
  }
  std::int64_t version() {
    return read([](const Reader& r) { return tenants::config_version(r); });
  }
  void add_user(const std::string& user_id) {
    run([&](const Writer& w) { users::insert(w, sample_user(user_id)); });
  }
  bool add(const std::string& organization_id, const std::string& user_id, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return members::add(w, organization_id, user_id, now()); }, tenant);
  }
  bool is_member(const std::string& organization_id, const std::string& user_id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return members::is_member(r, organization_id, user_id); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Organizations, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Organizations, come_back_with_their_connections_and_raise_the_configuration_version) {
  const auto before = version();
  EXPECT_EQ(insert(organization("org_1", "acme")), Written::done);
  EXPECT_GT(version(), before);
  for (const auto& found : {find("org_1"), read([](const Reader& r) { return organizations::find_by_name(r, "acme"); }),
                            write([](const Writer& w) { return organizations::find_for_change(w, "org_1"); })}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->organization_id, "org_1");
    EXPECT_EQ(found->name, "acme");
    EXPECT_EQ(found->document.at("display_name").as_string(), "Zoë & Co");
    EXPECT_EQ(found->created_at, now());
    ASSERT_EQ(found->connections.size(), 1u);
    EXPECT_TRUE(found->connections[0].assign_membership_on_login);
    EXPECT_TRUE(found->connections[0].show_as_button);
    EXPECT_FALSE(found->connections[0].is_signup_enabled);
  }
  EXPECT_EQ(insert(organization("org_2", "acme")), Written::taken);
}

TEST_P(Organizations, change_their_name_unless_it_is_taken) {
  insert(organization("org_1", "acme"));
  insert(organization("org_2", "bolt"));
  const auto update = [&](const model::Organization& o) {
    return write([&](const Writer& w) { return organizations::update(w, o); });
  };
  const auto before = version();
  EXPECT_EQ(update(organization("org_2", "acme")), Written::taken);
  EXPECT_EQ(update(organization("org_9", "none")), Written::missing);
  EXPECT_EQ(version(), before);
  EXPECT_EQ(update(organization("org_2", "bold")), Written::done);
  EXPECT_GT(version(), before);
  EXPECT_EQ(find("org_2")->name, "bold");
}

TEST_P(Organizations, are_listed_and_counted) {
  insert(organization("org_2", "acme"));
  insert(organization("org_1", "bolt"));
  const auto names = [](const std::vector<model::Organization>& list) {
    std::vector<std::string> out;
    for (const auto& o : list) out.push_back(o.name);
    return out;
  };
  EXPECT_THAT(names(read([](const Reader& r) { return organizations::list_page(r, {0, 9}); })), ElementsAre("acme", "bolt"));
  EXPECT_THAT(names(read([](const Reader& r) { return organizations::list_page(r, {1, 1}); })), ElementsAre("bolt"));
  EXPECT_THAT(names(read([](const Reader& r) { return organizations::list_after(r, {"org_1", 9}); })), ElementsAre("acme"));
  EXPECT_EQ(read([](const Reader& r) { return organizations::count(r); }), 2);
}

TEST_P(Organizations, enable_change_and_disable_connections) {
  insert(organization("org_1", "acme"));
  const model::OrganizationConnection more{.connection_id = "con_2", .is_signup_enabled = true};
  auto before = version();
  EXPECT_TRUE(write([&](const Writer& w) { return organizations::enable_connection(w, "org_1", more); }));
  EXPECT_FALSE(write([&](const Writer& w) { return organizations::enable_connection(w, "org_1", more); }));
  EXPECT_GT(version(), before);
  before = version();
  EXPECT_TRUE(write([](const Writer& w) {
    return organizations::update_connection(w, "org_1", {.connection_id = "con_2", .show_as_button = false});
  }));
  EXPECT_GT(version(), before);
  const auto found = find("org_1");
  EXPECT_FALSE(found->connection("con_2")->is_signup_enabled);
  EXPECT_FALSE(found->connection("con_2")->show_as_button);
  EXPECT_TRUE(write([](const Writer& w) { return organizations::disable_connection(w, "org_1", "con_2"); }));
  EXPECT_FALSE(write([](const Writer& w) { return organizations::disable_connection(w, "org_1", "con_2"); }));
  EXPECT_EQ(find("org_1")->connection("con_2"), nullptr);
}

TEST_P(Organizations, have_members_who_are_listed_and_leave) {
  insert(organization("org_1", "acme"));
  add_user("auth0|ada");
  add_user("auth0|bob");
  EXPECT_TRUE(add("org_1", "auth0|ada"));
  EXPECT_FALSE(add("org_1", "auth0|ada"));
  add("org_1", "auth0|bob");
  EXPECT_TRUE(is_member("org_1", "auth0|ada"));
  EXPECT_FALSE(is_member("org_2", "auth0|ada"));
  EXPECT_EQ(read([](const Reader& r) { return members::count(r, "org_1"); }), 2);
  EXPECT_EQ(read([](const Reader& r) { return members::list_page(r, "org_1", {1, 1}); }).at(0).user_id, "auth0|bob");
  EXPECT_EQ(read([](const Reader& r) { return members::list_after(r, "org_1", {"auth0|ada", 9}); }).size(), 1u);
  EXPECT_EQ(read([](const Reader& r) { return organizations::list_of_user(r, "auth0|ada", {0, 9}); }).at(0).name, "acme");
  EXPECT_EQ(read([](const Reader& r) { return organizations::count_of_user(r, "auth0|ada"); }), 1);
  EXPECT_TRUE(write([](const Writer& w) { return members::remove(w, "org_1", "auth0|ada"); }));
  EXPECT_FALSE(write([](const Writer& w) { return members::remove(w, "org_1", "auth0|ada"); }));
  run([&](const Writer& w) { users::delete_one(w, "auth0|bob", now()); });
  EXPECT_FALSE(is_member("org_1", "auth0|bob"));
}

TEST_P(Organizations, take_members_and_connections_with_them) {
  insert(organization("org_1", "acme"));
  add("org_1", "auth0|ada");
  EXPECT_TRUE(write([](const Writer& w) { return organizations::delete_one(w, "org_1"); }));
  EXPECT_FALSE(write([](const Writer& w) { return organizations::delete_one(w, "org_1"); }));
  EXPECT_FALSE(is_member("org_1", "auth0|ada"));
  auto again = organization("org_1", "acme");
  again.connections.clear();
  insert(again);
  EXPECT_TRUE(find("org_1")->connections.empty());
}

TEST_P(Organizations, lose_a_connection_and_its_users_with_it) {
  insert(organization("org_1", "acme"));
  add_user("auth0|ada");
  add("org_1", "auth0|ada");
  model::Connection connection;
  connection.connection_id = "con_1";
  connection.name = "people";
  connection.strategy = "auth0";
  run([&](const Writer& w) {
    connections::insert(w, connection);
    connections::delete_one(w, "con_1", now());
  });
  EXPECT_TRUE(find("org_1")->connections.empty());
  EXPECT_FALSE(is_member("org_1", "auth0|ada"));
}

TEST_P(Organizations, are_unknown_to_another_tenant) {
  insert(organization("org_1", "acme"));
  add_user("auth0|ada");
  add("org_1", "auth0|ada");
  EXPECT_FALSE(find("org_1", kTwo));
  EXPECT_FALSE(is_member("org_1", "auth0|ada", kTwo));
  read(
      [](const Reader& r) {
        EXPECT_FALSE(organizations::find_by_name(r, "acme"));
        EXPECT_TRUE(organizations::list_page(r, {0, 9}).empty());
        EXPECT_TRUE(organizations::list_after(r, {"", 9}).empty());
        EXPECT_EQ(organizations::count(r), 0);
        EXPECT_TRUE(organizations::list_of_user(r, "auth0|ada", {0, 9}).empty());
        EXPECT_EQ(organizations::count_of_user(r, "auth0|ada"), 0);
        EXPECT_TRUE(members::list_page(r, "org_1", {0, 9}).empty());
        EXPECT_TRUE(members::list_after(r, "org_1", {"", 9}).empty());
        EXPECT_EQ(members::count(r, "org_1"), 0);
        return true;
      },
      kTwo);
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(organizations::find_for_change(w, "org_1"));
        EXPECT_EQ(organizations::update(w, organization("org_1", "stolen")), Written::missing);
        EXPECT_FALSE(organizations::delete_one(w, "org_1"));
        EXPECT_FALSE(organizations::update_connection(w, "org_1", {.connection_id = "con_1"}));
        EXPECT_FALSE(organizations::disable_connection(w, "org_1", "con_1"));
        EXPECT_TRUE(organizations::enable_connection(w, "org_1", {.connection_id = "con_1"}));
        EXPECT_FALSE(members::remove(w, "org_1", "auth0|ada"));
        members::remove_everywhere(w, "auth0|ada");
      },
      kTwo);
  EXPECT_TRUE(find("org_1")->connections.at(0).assign_membership_on_login);
  EXPECT_TRUE(is_member("org_1", "auth0|ada"));
  EXPECT_EQ(insert(organization("org_1", "acme"), kTwo), Written::done) << "the same names may stand in both";
}

TEST_P(Organizations, keep_invitations_that_are_accepted_once_and_belong_to_one_tenant) {
  using namespace std::chrono_literals;
  const auto invitation = [&](const std::string& id) {
    model::Invitation out;
    out.invitation_row_id = ids_.next();
    out.invitation_id = id;
    out.organization_id = "org_1";
    out.email = "Ada@Example.com";
    out.client_id = "app";
    out.connection_id = "con_1";
    out.document = {{"inviter", json::object{{"name", "Zoë"}}}};
    out.created_at = now();
    out.expires_at = now() + 1h;
    return out;
  };
  const auto first = invitation("uinv_1"), second = invitation("uinv_2");
  for (const auto& each : {first, second}) run([&](const Writer& w) { invitations::insert(w, each, digest_of(1)); });
  const auto shown = [&](const std::string& id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return invitations::find(r, "org_1", id); }, tenant);
  };
  const auto ids = [&](bool newest_first, base::TenantId tenant = kOne) {
    std::vector<std::string> out;
    for (const auto& each : read([&](const Reader& r) { return invitations::list_page(r, "org_1", newest_first, {}); }, tenant))
      out.push_back(each.invitation_id);
    return out;
  };
  ASSERT_TRUE(shown("uinv_1"));
  EXPECT_EQ(shown("uinv_1")->email, "ada@example.com");
  EXPECT_EQ(shown("uinv_1")->document, first.document);
  EXPECT_EQ(shown("uinv_1")->expires_at, first.expires_at);
  EXPECT_FALSE(shown("uinv_1", kTwo));
  EXPECT_THAT(ids(true), ElementsAre("uinv_2", "uinv_1"));
  EXPECT_THAT(ids(false), ElementsAre("uinv_1", "uinv_2"));
  EXPECT_THAT(ids(false, kTwo), ElementsAre());
  EXPECT_EQ(read([](const Reader& r) { return invitations::count(r, "org_1"); }), 2);

  const auto accept = [&](int secret, base::Instant at, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return invitations::accept(w, first.invitation_row_id, digest_of(secret), at); }, tenant);
  };
  const auto is_open = [&](base::TenantId tenant = kOne) {
    const auto seen = read([&](const Reader& r) { return invitations::find_open(r, first.invitation_row_id, now()); }, tenant);
    EXPECT_TRUE(!seen || (seen->invitation.invitation_id == "uinv_1" && seen->secret_hash == digest_of(1)));
    return seen &&
           write([&](const Writer& w) { return invitations::lock_open(w, first.invitation_row_id, now()).has_value(); }, tenant);
  };
  EXPECT_TRUE(is_open());
  EXPECT_FALSE(is_open(kTwo));
  EXPECT_FALSE(read([&](const Reader& r) { return invitations::find_open(r, first.invitation_row_id, now() + 1h); }));
  EXPECT_FALSE(accept(1, now(), kTwo));
  EXPECT_FALSE(accept(2, now()));
  EXPECT_FALSE(accept(1, now() + 1h));
  EXPECT_TRUE(accept(1, now()));
  EXPECT_FALSE(accept(1, now()));
  EXPECT_FALSE(is_open());
  EXPECT_THAT(ids(false), ElementsAre("uinv_2"));

  const auto remove = [&](const std::string& id, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return invitations::delete_one(w, "org_1", id); }, tenant);
  };
  run([&](const Writer& w) { invitations::delete_of_organization(w, "org_1"); }, kTwo);
  EXPECT_FALSE(remove("uinv_2", kTwo));
  EXPECT_FALSE(remove("uinv_1")) << "it was accepted";
  EXPECT_TRUE(remove("uinv_2"));
  EXPECT_FALSE(remove("uinv_2"));
}

}  // namespace
}  // namespace segue::store
