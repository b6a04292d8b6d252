// What roles, permissions and who has them promise, on both engines.
#include "contract/session_graph_fixture.h"
#include "store/organization_members.h"
#include "store/organizations.h"
#include "store/permissions.h"
#include "store/resource_servers.h"
#include "store/role_members.h"
#include "store/roles.h"

namespace segue::store {
namespace {

namespace members = role_members;
using roles::Written;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kApi = "https://api.example/";
const model::Permission kRead{kApi, "read:books"}, kWrite{kApi, "write:books"};

class Roles : public SessionGraph {
 protected:
  Written insert(const std::string& id, const std::string& name, base::TenantId tenant = kOne) {
    const model::Role role{.role_id = id, .name = name, .description = "Zoë & Co", .created_at = now()};
    return write([&](const Writer& w) { return roles::insert(w, role); }, tenant);
  }
  std::optional<model::Role> find(const std::string& id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return roles::find(r, id); }, tenant);
  }
  std::vector<std::string> names(const std::string& filter = "", int page = 0, int per_page = 50, base::TenantId tenant = kOne) {
    return read(
        [&](const Reader& r) {
          std::vector<std::string> out;
          for (const auto& role : roles::list_page(r, filter, {.page = page, .per_page = per_page})) out.push_back(role.name);
          return out;
        },
        tenant);
  }
  void add_user(const std::string& user_id) {
    run([&](const Writer& w) { users::insert(w, sample_user(user_id)); });
  }
  void create_api(const std::vector<std::string>& scopes) {
    run([&](const Writer& w) { resource_servers::insert(w, api(scopes)); });
  }
  model::ResourceServer api(const std::vector<std::string>& scopes) {
    json::array values;
    for (const auto& scope : scopes) values.push_back(json::object{{"value", scope}});
    return model::resource_server_from_document("rs_1", {{"identifier", kApi}, {"scopes", std::move(values)}});
  }
  bool add(const members::Holder& holder, const std::string& role_id, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return members::add(w, holder, role_id, now()); }, tenant);
  }
  std::vector<std::string> roles_of(const members::Holder& holder, base::TenantId tenant = kOne) {
    return read(
        [&](const Reader& r) {
          std::vector<std::string> out;
          for (const auto& role : members::roles_of(r, holder, {})) out.push_back(role.role_id);
          EXPECT_EQ(members::count_of(r, holder), static_cast<std::int64_t>(out.size()));
          return out;
        },
        tenant);
  }
  std::vector<std::string> effective(const std::string& user_id, const std::string& organization_id = "",
                                     base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return permissions::effective(r, user_id, organization_id, kApi); }, tenant);
  }
  std::vector<model::Permission> of_role(const std::string& role_id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return permissions::list_of_role(r, role_id, {}); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Roles, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Roles, come_back_and_change_unless_the_name_is_taken) {
  EXPECT_EQ(insert("rol_1", "reader"), Written::done);
  EXPECT_EQ(insert("rol_2", "reader"), Written::taken);
  EXPECT_EQ(insert("rol_2", "writer"), Written::done);
  for (const auto& found : {find("rol_1"), write([](const Writer& w) { return roles::find_for_change(w, "rol_1"); })}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "reader");
    EXPECT_EQ(found->description, "Zoë & Co");
    EXPECT_EQ(found->created_at, now());
  }
  const auto update = [&](const std::string& id, const std::string& name) {
    return write([&](const Writer& w) { return roles::update(w, {.role_id = id, .name = name, .description = "new"}); });
  };
  EXPECT_EQ(update("rol_2", "reader"), Written::taken);
  EXPECT_EQ(update("rol_9", "nobody"), Written::missing);
  EXPECT_EQ(update("rol_2", "author"), Written::done);
  EXPECT_EQ(find("rol_2")->name, "author");
  EXPECT_EQ(find("rol_2")->description, "new");
}

TEST_P(Roles, are_listed_by_name_and_found_by_a_part_of_it) {
  for (const auto* name : {"Reader", "author", "proof reader"}) insert(std::string("rol_") + name, name);
  EXPECT_THAT(names("READER"), ::testing::UnorderedElementsAre("Reader", "proof reader"));
  EXPECT_EQ(names().size(), 3u);
  EXPECT_EQ(names("", 1, 2).size(), 1u);
  EXPECT_THAT(names("nobody"), IsEmpty());
  EXPECT_THAT(names("", 0, 50, kTwo), IsEmpty());
  const auto after = read([](const Reader& r) { return roles::list_after(r, "", {.after = "rol_author", .take = 5}); });
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].role_id, "rol_proof reader");
  EXPECT_EQ(read([](const Reader& r) { return roles::count(r, "reader"); }), 2);
}

TEST_P(Roles, are_had_in_the_tenant_and_in_each_organization_apart) {
  insert("rol_1", "a");
  insert("rol_2", "b");
  add_user("auth0|ada");
  EXPECT_TRUE(add({"auth0|ada"}, "rol_1"));
  EXPECT_FALSE(add({"auth0|ada"}, "rol_1"));
  EXPECT_TRUE(add({"auth0|ada", "org_1"}, "rol_2"));
  EXPECT_THAT(roles_of({"auth0|ada"}), ElementsAre("rol_1"));
  EXPECT_THAT(roles_of({"auth0|ada", "org_1"}), ElementsAre("rol_2"));
  EXPECT_THAT(roles_of({"auth0|ada", "org_2"}), IsEmpty());
  read([](const Reader& r) {
    EXPECT_EQ(members::users_page(r, "rol_1", {}).size(), 1u);
    EXPECT_EQ(members::users_after(r, "rol_1", {.after = "", .take = 5}).size(), 1u);
    EXPECT_EQ(members::users_after(r, "rol_1", {.after = "auth0|ada", .take = 5}).size(), 0u);
    EXPECT_EQ(members::users_page(r, "rol_2", {}).size(), 0u) << "members of organizations have it there only";
    EXPECT_EQ(members::count_users(r, "rol_1"), 1);
    return 0;
  });
  const auto remove = [&](const members::Holder& holder, const std::string& role_id) {
    return write([&](const Writer& w) { return members::remove(w, holder, role_id); });
  };
  EXPECT_FALSE(remove({"auth0|ada"}, "rol_2"));
  EXPECT_TRUE(remove({"auth0|ada"}, "rol_1"));
  EXPECT_THAT(roles_of({"auth0|ada"}), IsEmpty());
}

TEST_P(Roles, permit_what_the_user_has_directly_by_roles_and_by_roles_in_the_organization) {
  insert("rol_1", "reader");
  insert("rol_2", "writer");
  add_user("auth0|ada");
  run([&](const Writer& w) {
    permissions::add_to_role(w, "rol_1", kRead);
    permissions::add_to_role(w, "rol_1", kRead);
    permissions::add_to_role(w, "rol_2", kWrite);
    permissions::add_to_user(w, "auth0|ada", {kApi, "burn:books"});
    permissions::add_to_user(w, "auth0|ada", {"https://other.example/", "other"});
  });
  EXPECT_THAT(effective("auth0|ada"), ElementsAre("burn:books"));
  add({"auth0|ada"}, "rol_1");
  add({"auth0|ada", "org_1"}, "rol_2");
  EXPECT_THAT(effective("auth0|ada"), ElementsAre("burn:books", "read:books"));
  EXPECT_THAT(effective("auth0|ada", "org_1"), ElementsAre("burn:books", "read:books", "write:books"));
  EXPECT_THAT(effective("auth0|ada", "org_2"), ElementsAre("burn:books", "read:books"));
  EXPECT_THAT(effective("auth0|bob"), IsEmpty());
  EXPECT_THAT(of_role("rol_1"), ElementsAre(kRead));
  EXPECT_EQ(read([](const Reader& r) { return permissions::count_of_role(r, "rol_1"); }), 1);

  const auto held = read([](const Reader& r) { return permissions::held_by(r, "auth0|ada"); });
  ASSERT_EQ(held.size(), 3u);
  EXPECT_EQ(held[0].permission.name, "burn:books");
  EXPECT_EQ(held[0].role_id, "");
  EXPECT_EQ(held[1].role_id, "rol_1");
  EXPECT_EQ(held[1].role_name, "reader");

  EXPECT_TRUE(write([](const Writer& w) { return permissions::remove_from_role(w, "rol_1", kRead); }));
  EXPECT_FALSE(write([](const Writer& w) { return permissions::remove_from_role(w, "rol_1", kRead); }));
  EXPECT_TRUE(write([](const Writer& w) { return permissions::remove_from_user(w, "auth0|ada", {kApi, "burn:books"}); }));
  EXPECT_THAT(effective("auth0|ada"), IsEmpty());
}

struct Falls {
  const char* what;
  std::function<void(const Writer&)> happens;
  std::vector<std::string> left, left_in_organization;
};

// Ada reads as herself, writes by a role, and burns by a role in an organization.
TEST_P(Roles, permissions_fall_with_a_role_a_user_an_api_a_scope_an_organization_and_a_membership) {
  const auto now = this->now();
  const Falls cases[] = {
      {"role", [](const Writer& w) { EXPECT_TRUE(roles::delete_one(w, "rol_w")); }, {"read:books"}, {"burn:books", "read:books"}},
      {"user", [=](const Writer& w) { EXPECT_TRUE(users::delete_one(w, "auth0|ada", now)); }, {}, {}},
      {"API", [](const Writer& w) { EXPECT_TRUE(resource_servers::delete_one(w, "rs_1")); }, {}, {}},
      {"scopes",
       [this](const Writer& w) { EXPECT_TRUE(resource_servers::update(w, api({"write:books"}))); },
       {"write:books"},
       {"write:books"}},
      {"organization",
       [](const Writer& w) { EXPECT_TRUE(organizations::delete_one(w, "org_1")); },
       {"read:books", "write:books"},
       {"read:books", "write:books"}},
      {"membership",
       [](const Writer& w) { EXPECT_TRUE(organization_members::remove(w, "org_1", "auth0|ada")); },
       {"read:books", "write:books"},
       {"read:books", "write:books"}}};
  for (const auto& fall : cases) {
    SCOPED_TRACE(fall.what);
    TearDown();
    SetUp();
    create_api({"read:books", "write:books", "burn:books"});
    insert("rol_w", "writer");
    insert("rol_b", "burner");
    add_user("auth0|ada");
    run([&](const Writer& w) {
      model::Organization organization;
      organization.organization_id = "org_1";
      organization.name = "acme";
      organizations::insert(w, organization);
      organization_members::add(w, "org_1", "auth0|ada", now);
      permissions::add_to_user(w, "auth0|ada", kRead);
      permissions::add_to_role(w, "rol_w", kWrite);
      permissions::add_to_role(w, "rol_b", {kApi, "burn:books"});
    });
    add({"auth0|ada"}, "rol_w");
    add({"auth0|ada", "org_1"}, "rol_b");
    ASSERT_THAT(effective("auth0|ada", "org_1"), ElementsAre("burn:books", "read:books", "write:books"));
    run([&](const Writer& w) { fall.happens(w); });
    EXPECT_EQ(effective("auth0|ada"), fall.left);
    EXPECT_EQ(effective("auth0|ada", "org_1"), fall.left_in_organization);
    // A later user, role or organization of the same id inherits nothing.
    add_user("auth0|ada");
    insert("rol_w", "writer");
    EXPECT_EQ(effective("auth0|ada"), fall.left);
  }
}

TEST_P(Roles, of_another_tenant_are_neither_seen_nor_changed) {
  insert("rol_1", "reader");
  add_user("auth0|ada");
  run([&](const Writer& w) {
    permissions::add_to_role(w, "rol_1", kRead);
    permissions::add_to_user(w, "auth0|ada", kWrite);
  });
  add({"auth0|ada"}, "rol_1");
  EXPECT_FALSE(find("rol_1", kTwo));
  EXPECT_THAT(of_role("rol_1", kTwo), IsEmpty());
  EXPECT_THAT(roles_of({"auth0|ada"}, kTwo), IsEmpty());
  EXPECT_THAT(effective("auth0|ada", "", kTwo), IsEmpty());
  EXPECT_EQ(insert("rol_1", "reader", kTwo), Written::done) << "each tenant has names of its own";
  write(
      [&](const Writer& w) {
        EXPECT_TRUE(permissions::held_by(w, "auth0|ada").empty());
        EXPECT_EQ(members::count_users(w, "rol_1"), 0);
        EXPECT_FALSE(members::remove(w, {"auth0|ada"}, "rol_1"));
        EXPECT_FALSE(permissions::remove_from_role(w, "rol_1", kRead));
        EXPECT_FALSE(permissions::remove_from_user(w, "auth0|ada", kWrite));
        EXPECT_TRUE(roles::delete_one(w, "rol_1"));
        EXPECT_EQ(roles::update(w, {.role_id = "rol_1", .name = "x"}), Written::missing);
        permissions::delete_of_user(w, "auth0|ada");
        permissions::delete_of_api(w, kApi);
        permissions::keep_scopes(w, kApi, {});
        members::delete_of_user(w, "auth0|ada");
        return 0;
      },
      kTwo);
  EXPECT_EQ(find("rol_1")->name, "reader");
  EXPECT_THAT(effective("auth0|ada"), ElementsAre("read:books", "write:books"));
}

}  // namespace
}  // namespace segue::store
