// What the configuration repositories and the users promise, on both engines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sql/migrator.h"
#include "store/client_grants.h"
#include "store/clients.h"
#include "store/connections.h"
#include "store/resource_servers.h"
#include "store/schema.h"
#include "store/tenants.h"
#include "store/users.h"
#include "support/fresh_database.h"
#include "support/manual_clock.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Where { sqlite_memory, sqlite_file, postgres };

std::string name_of(const ::testing::TestParamInfo<Where>& info) {
  switch (info.param) {
    case Where::sqlite_memory: return "sqlite_memory";
    case Where::sqlite_file: return "sqlite_file";
    case Where::postgres: return "postgres";
  }
  return "unknown";
}

std::vector<Where> places() {
  std::vector<Where> out = {Where::sqlite_memory, Where::sqlite_file};
  if (test::FreshDatabase::server_url()) out.push_back(Where::postgres);
  return out;
}

class ConfigContract : public ::testing::TestWithParam<Where> {
 protected:
  void SetUp() override {
    std::string url = "sqlite::memory:";
    if (GetParam() == Where::postgres) {
      fresh_ = std::make_unique<test::FreshDatabase>(*test::FreshDatabase::server_url());
      url = fresh_->url();
    } else if (GetParam() == Where::sqlite_file) {
      folder_ = std::filesystem::temp_directory_path() / ("segue_config_contract_" + std::to_string(::getpid()));
      std::filesystem::remove_all(folder_);
      std::filesystem::create_directories(folder_);
      url = "sqlite:" + (folder_ / "segue.db").string();
    }
    database_ = sql::open_database(url);
    sql::migrate(*database_, migrations());
    store_ = std::make_unique<Store>(*database_, ids_);
    for (const auto* domain : {"one.example", "two.example"}) {
      database_->write([&](sql::Connection& connection) {
        model::Tenant tenant;
        tenant.id = tenants::next_id(connection);
        tenant.name = domain;
        tenant.domains = {domain};
        tenant.created_at = clock_.now();
        tenants::insert(connection, tenant);
      });
    }
  }
  void TearDown() override {
    store_.reset();
    database_.reset();
    fresh_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  template <class F>
  auto read(F f, base::TenantId tenant = kOne) {
    return store_->read(tenant, f);
  }
  template <class F>
  auto write(F f, base::TenantId tenant = kOne) {
    return store_->write(tenant, f);
  }
  std::int64_t version(base::TenantId tenant = kOne) {
    return read([](const Reader& r) { return tenants::config_version(r); }, tenant);
  }

  model::Client client(const std::string& id, const std::string& app_type = "native") {
    auto out = model::client_from_document(
        id, json::object{
                {"name", "Näme " + id}, {"app_type", app_type}, {"callbacks", json::array{"https://" + id + ".example/cb"}}});
    out.sealed_client_secret = std::string("\0sealed\xff", 8);
    clock_.advance(std::chrono::seconds(1));
    out.created_at = out.updated_at = clock_.now();
    return out;
  }
  model::Connection connection(const std::string& id, const std::string& name) {
    model::Connection out;
    out.connection_id = id;
    out.name = name;
    out.strategy = "auth0";
    out.document = json::object{{"options", json::object{{"requires_username", true}}}};
    clock_.advance(std::chrono::seconds(1));
    out.created_at = out.updated_at = clock_.now();
    return out;
  }
  model::User user(const std::string& id, const std::string& email, const std::string& username = "") {
    model::User out;
    out.user_id = id;
    out.connection_id = "con_1";
    out.email = email;
    out.username = username;
    out.password_hash = "$argon2id$" + id;
    out.profile = json::object{{"name", "Zoë"}};
    clock_.advance(std::chrono::seconds(1));
    out.created_at = out.updated_at = clock_.now();
    return out;
  }

  static constexpr base::TenantId kOne{1}, kTwo{2};
  test::ManualClock clock_;
  base::IdGenerator ids_{clock_, 1, {}};
  std::filesystem::path folder_;
  std::unique_ptr<test::FreshDatabase> fresh_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Store> store_;
};

std::vector<std::string> ids_of(const std::vector<model::Client>& clients) {
  std::vector<std::string> out;
  for (const auto& c : clients) out.push_back(c.client_id);
  return out;
}

TEST_P(ConfigContract, a_client_comes_back_as_it_was_stored) {
  const auto stored = client("a");
  const auto before = version();
  EXPECT_TRUE(write([&](const Writer& w) { return clients::insert(w, stored); }));
  EXPECT_GT(version(), before);
  const auto found = read([](const Reader& r) { return clients::find(r, "a"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, stored.name);
  EXPECT_EQ(found->document, stored.document);
  EXPECT_EQ(found->sealed_client_secret, stored.sealed_client_secret);
  EXPECT_EQ(found->created_at, stored.created_at);
  EXPECT_FALSE(write([&](const Writer& w) { return clients::insert(w, stored); }));

  auto changed = stored;
  changed.document["name"] = "other";
  changed.sealed_client_secret.clear();
  changed = [&] {
    auto out = model::client_from_document("a", changed.document);
    out.updated_at = stored.updated_at + std::chrono::seconds(1);
    return out;
  }();
  EXPECT_TRUE(write([&](const Writer& w) { return clients::update(w, changed); }));
  const auto again = write([](const Writer& w) { return clients::find_for_change(w, "a"); });
  EXPECT_EQ(again->name, "other");
  EXPECT_EQ(again->sealed_client_secret, "");
  EXPECT_EQ(again->created_at, stored.created_at);
  EXPECT_FALSE(write([&](const Writer& w) { return clients::update(w, client("nobody")); }));
}

TEST_P(ConfigContract, client_lists_filter_and_stay_stable_under_inserts) {
  write([&](const Writer& w) {
    for (const auto* id : {"b", "d", "f"}) clients::insert(w, client(id, "spa"));
    clients::insert(w, client("c", "regular_web"));
    return true;
  });
  const clients::Filter spa{{}, {}, {"spa"}};
  const auto first = read([&](const Reader& r) { return clients::list_after(r, spa, {"", 2}); });
  EXPECT_THAT(ids_of(first), ElementsAre("b", "d"));
  write([&](const Writer& w) { return clients::insert(w, client("a", "spa")) && clients::insert(w, client("e", "spa")); });
  EXPECT_THAT(ids_of(read([&](const Reader& r) { return clients::list_after(r, spa, {"d", 5}); })), ElementsAre("e", "f"));
  EXPECT_THAT(ids_of(read([&](const Reader& r) { return clients::list_page(r, spa, {0, 3}); })), ElementsAre("b", "d", "f"));
  EXPECT_THAT(ids_of(read([&](const Reader& r) { return clients::list_page(r, spa, {1, 3}); })), ElementsAre("a", "e"));
  EXPECT_EQ(read([&](const Reader& r) { return clients::count(r, spa); }), 5);
  EXPECT_EQ(read([&](const Reader& r) { return clients::count(r, {{}, {}, {"spa", "regular_web"}}); }), 6);
  EXPECT_EQ(read([&](const Reader& r) { return clients::count(r, {{}, {}, {"sp"}}); }), 0);
  EXPECT_EQ(read([&](const Reader& r) { return clients::count(r, {true, {}, {}}); }), 0);
  EXPECT_EQ(read([&](const Reader& r) { return clients::count(r, {false, true, {}}); }), 6);
  EXPECT_EQ(read([&](const Reader& r) { return clients::declared_urls(r); }).size(), 6U);
}

TEST_P(ConfigContract, deleting_a_client_takes_its_places_along) {
  write([&](const Writer& w) {
    clients::insert(w, client("a"));
    auto c = connection("con_1", "people");
    c.enabled_clients = {"a"};
    connections::insert(w, c);
    client_grants::insert(
        w, model::client_grant_from_document("cgr_1", {{"client_id", "a"}, {"audience", "x"}, {"scope", json::array{}}}));
    return true;
  });
  EXPECT_TRUE(write([](const Writer& w) { return clients::delete_one(w, "a"); }));
  EXPECT_FALSE(write([](const Writer& w) { return clients::delete_one(w, "a"); }));
  EXPECT_FALSE(read([](const Reader& r) { return client_grants::find(r, "cgr_1"); }));
  EXPECT_THAT(read([](const Reader& r) { return connections::find(r, "con_1"); })->enabled_clients, IsEmpty());
}

TEST_P(ConfigContract, clients_are_found_by_what_service_providers_call_them) {
  const auto named = [&](const std::string& id, const json::array& names) {
    auto out = client(id);
    out.document["client_aliases"] = names;
    return out;
  };
  auto audience = client("d");
  audience.document["addons"] = json::object{{"samlp", {{"audience", "urn:aud"}}}, {"wsfed", nullptr}};
  write([&](const Writer& w) {
    return clients::insert(w, named("a", {"urn:app", "https://app.example/"})) && clients::insert(w, named("b", {"urn:app"})) &&
           clients::insert(w, client("c")) && clients::insert(w, audience);
  });
  const auto names = read([](const Reader& r) { return clients::names(r); });
  std::vector<std::string> found;
  for (const auto& alias : names.aliases) found.push_back(alias.name + " " + alias.client_id);
  EXPECT_THAT(found, ElementsAre("urn:app a", "https://app.example/ a", "urn:app b"));
  ASSERT_EQ(names.audiences.size(), 1u);
  EXPECT_EQ(names.audiences[0].name + " " + names.audiences[0].client_id, "urn:aud d");
  const auto others = read([](const Reader& r) { return clients::names(r); }, kTwo);
  EXPECT_THAT(others.aliases, IsEmpty());
  EXPECT_THAT(others.audiences, IsEmpty());
}

TEST_P(ConfigContract, connections_have_unique_names_and_clients) {
  EXPECT_TRUE(write([&](const Writer& w) { return connections::insert(w, connection("con_1", "people")); }));
  EXPECT_FALSE(write([&](const Writer& w) { return connections::insert(w, connection("con_2", "people")); }));
  EXPECT_TRUE(write([&](const Writer& w) { return connections::insert(w, connection("con_2", "staff")); }));
  const auto found = read([](const Reader& r) { return connections::find_by_name(r, "people"); });
  EXPECT_EQ(json::write(found->document), R"({"options":{"requires_username":true}})");
  const auto before = version();
  write([](const Writer& w) {
    connections::enable_client(w, "con_1", "b");
    connections::enable_client(w, "con_1", "a");
    connections::enable_client(w, "con_1", "a");
    return true;
  });
  EXPECT_EQ(version(), before + 2);
  EXPECT_THAT(read([](const Reader& r) { return connections::list_clients(r, "con_1", {"", 10}); }), ElementsAre("a", "b"));
  EXPECT_THAT(read([](const Reader& r) { return connections::list_clients(r, "con_1", {"a", 10}); }), ElementsAre("b"));
  EXPECT_EQ(read([](const Reader& r) { return connections::list_of_client(r, "a"); }).size(), 1U);
  write([](const Writer& w) { return connections::disable_client(w, "con_1", "a"), true; });
  EXPECT_EQ(read([](const Reader& r) { return connections::list_of_client(r, "a"); }).size(), 0U);
  EXPECT_EQ(read([](const Reader& r) { return connections::list_after(r, {{"auth0", "email"}, ""}, {"con_1", 10}); }).size(), 1U);
  EXPECT_EQ(read([](const Reader& r) { return connections::list_page(r, {{}, "staff"}, {0, 10}); }).size(), 1U);
  EXPECT_EQ(read([](const Reader& r) { return connections::count(r, {{"email"}, ""}); }), 0);
}

TEST_P(ConfigContract, users_have_unique_identifiers_without_case) {
  using users::Written;
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, user("auth0|1", "Ada@Example.com", "ada")); }), Written::done);
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, user("auth0|2", "ada@example.com")); }), Written::taken);
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, user("auth0|2", "b@example.com", "ADA")); }), Written::taken);
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, user("auth0|1", "c@example.com")); }), Written::taken);
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, user("auth0|2", "b@example.com")); }), Written::done);
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, user("auth0|3", "")); }), Written::done);
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, user("auth0|4", "")); }), Written::done);

  const auto found = read([](const Reader& r) { return users::find_by_identifier(r, "con_1", "ADA@example.COM"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->email, "Ada@Example.com");
  EXPECT_EQ(json::write(found->profile), R"({"name":"Zoë"})");
  EXPECT_EQ(read([](const Reader& r) { return users::find_by_identifier(r, "con_1", "Ada"); })->user_id, "auth0|1");
  EXPECT_FALSE(read([](const Reader& r) { return users::find_by_identifier(r, "con_2", "ada"); }));
  EXPECT_FALSE(read([](const Reader& r) { return users::find_by_identifier(r, "con_1", ""); }));
  EXPECT_EQ(read([](const Reader& r) { return users::list_by_email(r, "ADA@example.com"); }).size(), 1U);

  auto changed = *found;
  changed.email = "B@example.com";
  EXPECT_EQ(write([&](const Writer& w) { return users::update(w, changed); }), Written::taken);
  changed.email = "new@example.com";
  changed.blocked = true;
  EXPECT_EQ(write([&](const Writer& w) { return users::update(w, changed); }), Written::done);
  changed.user_id = "auth0|nobody";
  changed.email = "nobody@example.com";
  changed.username = "";
  EXPECT_EQ(write([&](const Writer& w) { return users::update(w, changed); }), Written::missing);
  EXPECT_TRUE(write([](const Writer& w) { return users::lock_standing(w, "auth0|1"); })->blocked);
  EXPECT_EQ(read([](const Reader& r) { return users::list_page(r, {0, 2}); }).size(), 2U);
  EXPECT_EQ(read([](const Reader& r) { return users::count(r); }), 4);
}

TEST_P(ConfigContract, a_new_password_starts_a_new_epoch_and_a_better_hash_does_not) {
  write([&](const Writer& w) { return users::insert(w, user("auth0|1", "a@example.com")); });
  const auto epoch = [&] { return write([](const Writer& w) { return users::lock_standing(w, "auth0|1"); })->password_epoch; };
  const auto first = epoch();
  write([](const Writer& w) { return users::replace_hash(w, "auth0|1", "wrong", "better"), true; });
  EXPECT_EQ(read([](const Reader& r) { return users::find(r, "auth0|1"); })->password_hash, "$argon2id$auth0|1");
  write([](const Writer& w) { return users::replace_hash(w, "auth0|1", "$argon2id$auth0|1", "better"), true; });
  EXPECT_EQ(epoch(), first);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_TRUE(write([&](const Writer& w) { return users::update_password(w, "auth0|1", "newest", clock_.now()); }));
  EXPECT_EQ(epoch(), clock_.now());
  write([&](const Writer& w) { return users::record_login(w, "auth0|1", "192.0.2.1", clock_.now()), true; });
  const auto after = read([](const Reader& r) { return users::find(r, "auth0|1"); });
  EXPECT_EQ(after->password_hash, "newest");
  EXPECT_EQ(after->last_password_reset, clock_.now());
  EXPECT_EQ(after->logins_count, 1);
  EXPECT_EQ(after->last_ip, "192.0.2.1");
  EXPECT_FALSE(write([&](const Writer& w) { return users::update_password(w, "auth0|nobody", "x", clock_.now()); }));
}

constexpr sql::Statement kInsertGrant{"test.insert_grant", R"sql(
    insert into grants (tenant_id, grant_id, user_id, client_id, transfer_id, created_at, revocation_cascades)
    values ($1, $2, $3, 'a', '', 0, false))sql"};
constexpr sql::Statement kRevokedGrants{"test.revoked_grants", R"sql(
    select grant_id from grants where revoked_at is not null and revocation_cascades = true order by grant_id)sql"};

TEST_P(ConfigContract, what_a_deleted_user_held_is_revoked_and_nothing_else) {
  for (const auto tenant : {kOne, kTwo}) {
    write(
        [&](const Writer& w) {
          const auto base = base::to_integer(tenant) * 10;
          connections::insert(w, connection("con_1", "people"));
          users::insert(w, user("auth0|1", "a@example.com"));
          users::insert(w, user("auth0|2", "b@example.com"));
          w.connection.execute(kInsertGrant, {w.tenant, base + 1, "auth0|1"});
          w.connection.execute(kInsertGrant, {w.tenant, base + 2, "auth0|2"});
          return true;
        },
        tenant);
  }
  const auto revoked = [&] {
    return read([](const Reader& r) {
      return r.connection.list(kRevokedGrants, {}, [](const sql::Row& row) { return row.integer(0); });
    });
  };
  EXPECT_TRUE(write([&](const Writer& w) { return users::delete_one(w, "auth0|1", clock_.now()); }));
  EXPECT_FALSE(write([&](const Writer& w) { return users::delete_one(w, "auth0|1", clock_.now()); }));
  EXPECT_THAT(revoked(), ElementsAre(11));
  EXPECT_FALSE(write([](const Writer& w) { return users::lock_standing(w, "auth0|1"); }));
  EXPECT_TRUE(write([&](const Writer& w) { return connections::delete_one(w, "con_1", clock_.now()); }));
  EXPECT_FALSE(write([&](const Writer& w) { return connections::delete_one(w, "con_1", clock_.now()); }));
  EXPECT_THAT(revoked(), ElementsAre(11, 12));
  EXPECT_EQ(read([](const Reader& r) { return users::count(r); }), 0);
  EXPECT_EQ(read([](const Reader& r) { return users::count(r); }, kTwo), 2);
}

TEST_P(ConfigContract, resource_servers_and_client_grants_come_back_and_are_unique) {
  auto api = model::resource_server_from_document(
      "id1", {{"identifier", "https://api"}, {"scopes", json::array{json::object{{"value", "r"}}}}});
  api.created_at = api.updated_at = clock_.now();
  EXPECT_TRUE(write([&](const Writer& w) { return resource_servers::insert(w, api); }));
  auto same = api;
  same.resource_server_id = "id2";
  EXPECT_FALSE(write([&](const Writer& w) { return resource_servers::insert(w, same); }));
  for (const auto* key : {"id1", "https://api"}) {
    EXPECT_THAT(read([&](const Reader& r) { return resource_servers::find(r, key); })->scopes, ElementsAre("r"));
    EXPECT_TRUE(write([&](const Writer& w) { return resource_servers::find_for_change(w, key); }));
  }
  EXPECT_EQ(read([](const Reader& r) { return resource_servers::count(r, {"https://api", "https://other"}); }), 1);
  EXPECT_EQ(read([](const Reader& r) { return resource_servers::count(r, {"\n"}); }), 0);
  EXPECT_EQ(read([](const Reader& r) { return resource_servers::list_after(r, {}, {"", 5}); }).size(), 1U);

  const auto grant =
      model::client_grant_from_document("cgr_1", {{"client_id", "a"}, {"audience", "https://api"}, {"scope", json::array{"r"}}});
  EXPECT_TRUE(write([&](const Writer& w) { return client_grants::insert(w, grant); }));
  auto twin = grant;
  twin.client_grant_id = "cgr_2";
  EXPECT_FALSE(write([&](const Writer& w) { return client_grants::insert(w, twin); }));
  EXPECT_EQ(read([](const Reader& r) { return client_grants::find_pair(r, "a", "https://api", "client"); })->client_grant_id,
            "cgr_1");
  EXPECT_EQ(read([](const Reader& r) { return client_grants::list_after(r, {"a", "", ""}, {"", 5}); }).size(), 1U);
  EXPECT_EQ(read([](const Reader& r) { return client_grants::list_page(r, {"b", "", ""}, {0, 5}); }).size(), 0U);
  EXPECT_EQ(read([](const Reader& r) { return client_grants::count(r, {"", "https://api", "client"}); }), 1);
  EXPECT_TRUE(write([](const Writer& w) { return resource_servers::delete_one(w, "id1"); }));
  EXPECT_FALSE(read([](const Reader& r) { return client_grants::find(r, "cgr_1"); }));
}

TEST_P(ConfigContract, another_tenant_sees_and_changes_nothing) {
  const auto api = model::resource_server_from_document("id1", {{"identifier", "https://api"}});
  const auto grant = model::client_grant_from_document("cgr_1", {{"client_id", "a"}, {"audience", "https://api"}});
  write([&](const Writer& w) {
    auto c = connection("con_1", "people");
    c.enabled_clients = {"a"};
    return clients::insert(w, client("a")) && connections::insert(w, c) && resource_servers::insert(w, api) &&
           client_grants::insert(w, grant) && users::insert(w, user("auth0|1", "a@example.com", "ada")) == users::Written::done;
  });
  read(
      [&](const Reader& r) {
        EXPECT_FALSE(clients::find(r, "a"));
        EXPECT_TRUE(clients::list_after(r, {}, {"", 9}).empty());
        EXPECT_TRUE(clients::list_page(r, {}, {0, 9}).empty());
        EXPECT_EQ(clients::count(r, {}), 0);
        EXPECT_TRUE(clients::declared_urls(r).empty());
        EXPECT_FALSE(connections::find(r, "con_1"));
        EXPECT_FALSE(connections::find_by_name(r, "people"));
        EXPECT_TRUE(connections::list_after(r, {}, {"", 9}).empty());
        EXPECT_TRUE(connections::list_page(r, {}, {0, 9}).empty());
        EXPECT_EQ(connections::count(r, {}), 0);
        EXPECT_TRUE(connections::list_clients(r, "con_1", {"", 9}).empty());
        EXPECT_TRUE(connections::list_of_client(r, "a").empty());
        EXPECT_FALSE(users::find(r, "auth0|1"));
        EXPECT_FALSE(users::find_by_identifier(r, "con_1", "ada"));
        EXPECT_TRUE(users::list_by_email(r, "a@example.com").empty());
        EXPECT_TRUE(users::list_page(r, {0, 9}).empty());
        EXPECT_EQ(users::count(r), 0);
        EXPECT_FALSE(resource_servers::find(r, "id1"));
        EXPECT_FALSE(resource_servers::find_by_identifier(r, "https://api"));
        EXPECT_TRUE(resource_servers::list_page(r, {}, {0, 9}).empty());
        EXPECT_TRUE(resource_servers::list_after(r, {}, {"", 9}).empty());
        EXPECT_EQ(resource_servers::count(r, {}), 0);
        EXPECT_FALSE(client_grants::find(r, "cgr_1"));
        EXPECT_FALSE(client_grants::find_pair(r, "a", "https://api", "client"));
        EXPECT_TRUE(client_grants::list_after(r, {}, {"", 9}).empty());
        EXPECT_TRUE(client_grants::list_page(r, {}, {0, 9}).empty());
        EXPECT_EQ(client_grants::count(r, {}), 0);
        return true;
      },
      kTwo);
  const auto before = version();
  write(
      [&](const Writer& w) {
        EXPECT_FALSE(clients::find_for_change(w, "a"));
        EXPECT_FALSE(clients::update(w, client("a", "spa")));
        EXPECT_FALSE(clients::delete_one(w, "a"));
        EXPECT_FALSE(connections::find_for_change(w, "con_1"));
        EXPECT_FALSE(connections::update(w, connection("con_1", "people")));
        EXPECT_FALSE(connections::delete_one(w, "con_1", clock_.now()));
        connections::disable_client(w, "con_1", "a");
        EXPECT_FALSE(users::find_for_change(w, "auth0|1"));
        EXPECT_EQ(users::update(w, user("auth0|1", "x@example.com")), users::Written::missing);
        EXPECT_FALSE(users::delete_one(w, "auth0|1", clock_.now()));
        EXPECT_FALSE(users::update_password(w, "auth0|1", "x", clock_.now()));
        users::replace_hash(w, "auth0|1", "$argon2id$auth0|1", "x");
        users::record_login(w, "auth0|1", "x", clock_.now());
        users::end_sessions(w, "auth0|1", clock_.now());
        EXPECT_FALSE(users::lock_standing(w, "auth0|1"));
        EXPECT_FALSE(resource_servers::find_for_change(w, "id1"));
        EXPECT_FALSE(resource_servers::update(w, api));
        EXPECT_FALSE(resource_servers::delete_one(w, "id1"));
        EXPECT_FALSE(client_grants::find_for_change(w, "cgr_1"));
        EXPECT_FALSE(client_grants::update(w, grant));
        EXPECT_FALSE(client_grants::delete_one(w, "cgr_1"));
        return true;
      },
      kTwo);
  EXPECT_EQ(version(), before);
  read([&](const Reader& r) {
    EXPECT_EQ(clients::find(r, "a")->app_type, model::AppType::native);
    EXPECT_THAT(connections::find(r, "con_1")->enabled_clients, ElementsAre("a"));
    const auto found = users::find(r, "auth0|1");
    EXPECT_EQ(found->password_hash, "$argon2id$auth0|1");
    EXPECT_EQ(found->logins_count, 0);
    EXPECT_TRUE(client_grants::find(r, "cgr_1"));
    EXPECT_TRUE(resource_servers::find(r, "id1"));
    return true;
  });
  // The same names may stand in both.
  EXPECT_TRUE(write([&](const Writer& w) { return connections::insert(w, connection("con_1", "people")); }, kTwo));
}

INSTANTIATE_TEST_SUITE_P(Engines, ConfigContract, ::testing::ValuesIn(places()), name_of);

}  // namespace
}  // namespace segue::store
